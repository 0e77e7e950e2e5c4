import { expect, test } from '@playwright/test';

import { allReady, ask } from './app-run.ts';
import { startDoubleRun } from './double-world.ts';
import type { DoubleRun } from './double-world.ts';

/** Several pages that feel like one window: the keyboard passes from view to view, clicks bind, panes stay in place. */
test.describe.configure({ mode: 'serial' });

let started: DoubleRun;
let run: DoubleRun['run'];

test.beforeAll(async () => {
  started = await startDoubleRun();
  ({ run } = started);
  await allReady(run);
  await run.view('acme');
});

test.afterAll(async () => {
  await started.close();
});

/** Presses a key as the window gets it: in whichever page has the focus. */
async function press(key: string, modifiers: ('shift' | 'control')[] = []): Promise<void> {
  await run.app.evaluate(
    ({ webContents }, input) => {
      const focused = webContents.getFocusedWebContents();
      focused?.sendInputEvent({ type: 'keyDown', ...input });
      focused?.sendInputEvent({ type: 'keyUp', ...input });
    },
    { keyCode: key, modifiers },
  );
}

/** Chooses a command as its accelerator or the menu does. */
function choose(id: string): Promise<void> {
  return run.app.evaluate(({ Menu }, wanted) => {
    Menu.getApplicationMenu()?.getMenuItemById(wanted)?.click();
  }, id);
}

/** The page that has the keyboard: `shell`, `overlay` or a pane's id. Asked in main: Playwright makes every page believe it. */
function focusedPage(): Promise<string> {
  return run.app.evaluate(async ({ webContents }) => {
    const focused = webContents.getFocusedWebContents();
    if (focused === null) return 'none';
    const page = focused.getURL().replace('app://bundle/', '').replace('.html', '');
    if (page !== 'view') return page;
    const reply = (await focused.executeJavaScript('window.switchyard.pane.get()')) as {
      readonly value: { readonly head: { readonly paneId: string } };
    };
    return reply.value.head.paneId;
  });
}

/** Whether the next key goes into the composer. */
async function composerHasKeyboard(): Promise<boolean> {
  return (
    (await focusedPage()) === 'shell' &&
    (await run.composer.evaluate((textarea) => textarea === document.activeElement))
  );
}

test('Tab goes round shell, Home, Acme and back, and Shift+Tab the other way', async () => {
  // A page that is still loading takes the focus for a moment, and main gives it back to the shell.
  await expect
    .poll(() =>
      run.app.evaluate(
        ({ webContents }) =>
          webContents.getAllWebContents().filter((contents) => contents.isLoading()).length,
      ),
    )
    .toBe(0);
  await expect.poll(focusedPage).toBe('shell');
  await run.composer.focus();
  const visited: string[] = ['shell'];
  for (
    let step = 0;
    step < 80 && visited.filter((page) => page === 'shell').length < 2;
    step += 1
  ) {
    // Inside the composer Tab changes the route; Escape hands it back.
    if (await composerHasKeyboard()) await press('Escape');
    await press('Tab');
    const page = await focusedPage();
    if (page !== visited.at(-1)) visited.push(page);
  }
  expect(visited).toEqual(['shell', 'home', 'acme', 'shell']);

  await run.shell.evaluate(() => {
    document.querySelector<HTMLElement>('[data-focus-edge="start"] + * button')?.focus();
  });
  await press('Tab', ['shift']);
  await expect.poll(focusedPage).toBe('acme');
});

test('a script does not move the keyboard, not even where it lies in its own view', async () => {
  const acme = await run.view('acme');
  await choose('pane:acme');
  await expect.poll(focusedPage).toBe('acme');
  await ask(acme, 'focus.leave', { direction: 'forward' });
  expect(await focusedPage()).toBe('acme');
  await press('a'); // a key, but not Tab
  await ask(acme, 'focus.leave', { direction: 'forward' });
  expect(await focusedPage()).toBe('acme');
});

test('a number goes to a pane, and another key back to the composer', async () => {
  const items = await run.app.evaluate(({ Menu }) =>
    (Menu.getApplicationMenu()?.items[0]?.submenu?.items ?? []).map((item) => ({
      id: item.id,
      accelerator: item.accelerator,
    })),
  );
  expect(items).toContainEqual({ id: 'pane:home', accelerator: 'CommandOrControl+1' });
  expect(items).toContainEqual({ id: 'pane:acme', accelerator: 'CommandOrControl+2' });
  await choose('pane:acme');
  await expect.poll(focusedPage).toBe('acme');
  const acme = await run.view('acme');
  await expect(acme.getByRole('log')).toBeFocused();
  await choose('composer');
  await expect.poll(focusedPage).toBe('shell');
  await expect(run.composer).toBeFocused();
});

test('a click into a pane binds the composer to it; a page cannot claim one', async () => {
  const acme = await run.view('acme');
  await acme.evaluate(() => {
    document.body.dispatchEvent(new MouseEvent('mousedown', { bubbles: true }));
  });
  await run.composer.fill('to whom?');
  await expect(run.route).toHaveText(/Undecided/u);
  await acme.getByRole('log').click();
  await expect(run.route).toHaveText(/Acme, because you chose Acme/u);
  await run.composer.fill('');
});

test('the palette opens over everything, keeps the keyboard, and gives it back', async () => {
  await choose('palette');
  await expect(run.overlay.getByRole('dialog')).toBeVisible();
  await expect.poll(focusedPage).toBe('overlay');
  await run.overlay.getByRole('combobox').fill('failover');
  await press('Enter');
  await expect(run.shell.getByRole('region', { name: 'Failover' })).toBeVisible();
  await expect.poll(focusedPage).toBe('shell');
});

test('views lie exactly where the shell leaves room, also after a resize', async () => {
  await ask(run.shell, 'panel.open', { panel: null }); // over the panes of a narrow window
  for (const [width, height] of [
    [1280, 800],
    [900, 640],
    [1500, 700],
  ]) {
    await run.app.evaluate(
      ({ BaseWindow }, size) => {
        BaseWindow.getAllWindows()[0]?.setContentSize(size.width, size.height);
      },
      { width: width ?? 0, height: height ?? 0 },
    );
    await expect
      .poll(() => run.shell.evaluate(() => `${window.innerWidth}x${window.innerHeight}`))
      .toBe(`${width}x${height}`);
    // The page draws its frames a turn after main has placed the views.
    await expect.poll(viewsOutside, { message: `${width}x${height}` }).toEqual([]);
  }
});

// The last test: Playwright keeps no page of a crashed renderer.
for (const page of ['view', 'overlay']) {
  test(`the keyboard stays when the ${page} crashes and is loaded again`, async () => {
    await choose('composer');
    await expect.poll(focusedPage).toBe('shell');
    await press('Shift'); // a person's last press was not in the page that loads
    await run.app.evaluate(async ({ webContents }, name) => {
      const contents = webContents
        .getAllWebContents()
        .find((candidate) => candidate.getURL() === `app://bundle/${name}.html`);
      if (contents === undefined) throw new Error(`no ${name}`);
      await new Promise<void>((resolve) => {
        contents.once('did-finish-load', () => {
          setImmediate(resolve); // after main's own listener
        });
        contents.forcefullyCrashRenderer();
      });
    }, page);
    expect(await focusedPage()).toBe('shell');
  });
}

/** The views that do not lie inside the frame that the shell draws for a pane; there must be two views at all. */
async function viewsOutside(): Promise<readonly unknown[]> {
  const bounds = await run.app.evaluate(({ BaseWindow }) =>
    (BaseWindow.getAllWindows()[0]?.contentView.children ?? []).map((view) => view.getBounds()),
  );
  const frames = await run.shell.evaluate(() =>
    [...document.querySelectorAll('[role=region], section')]
      .filter((region) => /^(?:Home|Acme),/u.test(region.getAttribute('aria-label') ?? ''))
      .map((region) => region.getBoundingClientRect().toJSON() as DOMRect),
  );
  const views = bounds.slice(1, -1); // between the shell and the overlay
  if (views.length !== 2 || frames.length !== 2) return [{ views, frames }];
  const outside = views.filter(
    (view) =>
      !frames.some(
        (frame) =>
          view.x >= frame.x - 1 &&
          view.x + view.width <= frame.x + frame.width + 1 &&
          view.y > frame.y &&
          view.y + view.height <= frame.y + frame.height + 1,
      ),
  );
  return outside.length === 0 ? [] : [{ outside, frames }];
}
