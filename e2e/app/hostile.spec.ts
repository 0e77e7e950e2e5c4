import { expect, test } from '@playwright/test';

import type { AppState, OverlayState, TrustDecision } from '../../src/shared/index.ts';
import { allReady, ask } from './app-run.ts';
import type { AppRun } from './app-run.ts';
import { startDoubleRun } from './double-world.ts';
import type { DoubleRun } from './double-world.ts';

/** A work gateway that does what it likes, and a script inside its view: nothing outside its pane may notice. */
test.describe.configure({ mode: 'serial' });

let started: DoubleRun;
let world: DoubleRun['world'];
let run: DoubleRun['run'];

test.beforeAll(async () => {
  started = await startDoubleRun();
  ({ world, run } = started);
  await allReady(run);
  await run.send('@home the safe code is 4711', /Home, because/u);
  await expect(await run.conversation('home')).toContainText('4711');
  await run.until(
    'answered',
    (state) => state.outbox.length === 0 && !state.panes.some((pane) => pane.running),
  );
  await watchHost(run);
});

test.afterAll(async () => {
  await started.close();
});

test('1,000 of every event family have no effect outside the pane, and the app stays responsive', async () => {
  const before = await outside(run);
  const askedHome = world.home.requests.length;
  let answered = 0;
  const flooding = { now: true };
  const flood = world.acme.flood(1_000).finally(() => {
    flooding.now = false;
  });
  while (flooding.now) {
    const reply = await ask<number>(run.shell, 'diagnostics.ping', answered);
    expect(reply).toEqual({ ok: true, value: answered });
    answered += 1;
  }
  expect(await flood).toBeGreaterThan(50_000);
  expect(answered).toBeGreaterThan(0);
  const state = await run.until(
    'the flood was counted',
    ({ trust }) => (trust.dropped['acme'] ?? 0) > 40_000,
  );

  expect(
    await run.app.evaluate(() => (globalThis as unknown as { effects: string[] }).effects),
  ).toEqual([]);
  expect(world.home.requests.slice(askedHome).map((request) => request.method)).toEqual([]);
  expect(await outside(run)).toEqual(before);
  expect(state.trust.dropped['home'] ?? 0).toBe(0);
  await expect(run.composer).toBeEditable();
  await run.send('@home still here', /Home, because/u);
  await expect(await run.conversation('home')).toContainText('still here');

  // The log has a line per family, not per event.
  const crossings = await ask<readonly TrustDecision[]>(run.shell, 'trust.recent');
  const lines = crossings.ok
    ? crossings.value.filter((line) => line.principal === 'gateway:work')
    : [];
  expect(lines.length).toBeGreaterThan(5);
  expect(lines.length).toBeLessThan(60);
});

test('its markup stays text: no script, image or frame comes of it, and no request leaves', async () => {
  const view = await run.view('acme');
  await expect(view.getByRole('log')).toContainText('child_process');
  expect(
    await view.evaluate(
      () =>
        document.querySelectorAll(
          '[role=log] :is(script, img, iframe, object, embed, svg image, a[href])',
        ).length,
    ),
  ).toBe(0);
  expect(run.log()).not.toContain('request blocked');
});

test('a script claims no copy: without a key or a click, text keeps the label it has', async () => {
  const view = await run.view('acme');
  expect(await ask(view, 'copied.text', { text: 'the safe code is 4711' })).toMatchObject({
    ok: false,
    error: { code: 'denied' },
  });
});

test('one click opens one question, and no other takes its place', async () => {
  const view = await run.view('acme');
  await view.getByRole('log').click();
  const wanted = { url: 'https://example.com/' };
  expect(await ask(view, 'link.ask', wanted)).toMatchObject({ ok: true });
  expect(await ask(view, 'link.ask', wanted)).toMatchObject({
    ok: false,
    error: { message: 'Links open after a click.' },
  });
  await ask(run.overlay, 'overlay.close');

  await ask(run.shell, 'gateways.askToken', { gatewayId: 'home' });
  await expect(run.overlay.getByRole('dialog')).toContainText('Token');
  await view.getByRole('log').click();
  expect(await ask(view, 'link.ask', wanted)).toMatchObject({
    ok: false,
    error: { message: 'Another question is open; answer that one first.' },
  });
  expect(await ask<OverlayState>(run.overlay, 'overlay.get')).toMatchObject({
    value: { dialog: { kind: 'token', gatewayId: 'home' } },
  });
  await ask(run.overlay, 'overlay.close');
});

test('a script in its view finds no personal data and no control', async () => {
  const view = await run.view('acme');
  const found = await view.evaluate(async () => {
    const bridge = window.switchyard as Record<
      string,
      Record<string, (input?: unknown) => Promise<unknown>>
    >;
    const names = Object.entries(bridge).flatMap(([area, methods]) =>
      Object.keys(methods).map((method) => `${area}.${method}`),
    );
    const inputs: unknown[] = [
      undefined,
      { paneId: 'home' },
      { key: 'x', paneId: 'home' },
      { id: 'home' },
      { gatewayId: 'home' },
      { url: 'https://evil.example/' },
      { text: 'x', binding: 'home' },
    ];
    const answers: string[] = [];
    for (const [area, methods] of Object.entries(bridge)) {
      for (const [method, ask] of Object.entries(methods)) {
        if (method.startsWith('on')) continue;
        for (const input of inputs)
          answers.push(
            `${area}.${method} ${JSON.stringify(await ask(input).catch((error: unknown) => String(error)))}`,
          );
      }
    }
    const globals = ['require', 'process', 'module', 'Buffer', 'electron', 'ipcRenderer'].filter(
      (name) => name in window,
    );
    let network = 'blocked';
    for (const attempt of [
      () => fetch('https://evil.example/'),
      () => fetch('app://bundle/shell.html').then((response) => response.text()),
    ]) {
      await attempt().then(
        () => (network = 'open'),
        () => undefined,
      );
    }
    const opened = window.open('https://evil.example/');
    location.href = 'https://evil.example/';
    return {
      names: names.sort(),
      answers,
      globals,
      network,
      opened: opened === null,
      storage: Object.keys(localStorage),
      cookies: document.cookie,
    };
  });
  expect(found.names).toEqual(
    [
      'copied.text',
      'focus.leave',
      'focus.onEnter',
      'link.ask',
      'pane.get',
      'pane.onChanged',
      'run.stop',
      'session.create',
      'session.select',
    ].sort(),
  );
  expect(found.answers.join('\n')).not.toMatch(/is 4711|safe code|still here|"home"|Home/u);
  expect(found.answers.join('\n')).toMatch(/bad-input/u);
  expect(found.answers.find((answer) => answer.startsWith('link.ask {"ok":true'))).toBeUndefined(); // no click, no dialog
  expect(found).toMatchObject({
    globals: [],
    network: 'blocked',
    opened: true,
    storage: [],
    cookies: '',
  });
  expect(view.url()).toBe('app://bundle/view.html');
  expect((await run.state()).panes.find((pane) => pane.id === 'home')?.sessionKey).toBe(
    'agent:main:main',
  );
  expect(
    await run.app.evaluate(() => (globalThis as unknown as { effects: string[] }).effects),
  ).toEqual([]);
});

test('a channel of another surface is not answered, whatever a page invokes', async () => {
  // As if the script had got hold of ipcRenderer itself: every other handler is asked with the work view as the sender.
  const answers = await run.app.evaluate(async ({ webContents, ipcMain }) => {
    const view = webContents
      .getAllWebContents()
      .find((contents) => contents.getURL() === 'app://bundle/view.html');
    const handlers = (
      ipcMain as unknown as {
        _invokeHandlers: Map<string, (event: unknown, input: unknown) => Promise<unknown>>;
      }
    )._invokeHandlers;
    const names = [...handlers.keys()].filter((name) => !name.startsWith('switchyard:view:'));
    return Promise.all(
      names.map(async (name) =>
        handlers.get(name)?.({ sender: view, senderFrame: view?.mainFrame }, undefined),
      ),
    );
  });
  expect(answers.length).toBeGreaterThan(15);
  for (const answer of answers)
    expect(answer).toMatchObject({ ok: false, error: { code: 'bad-sender' } });
});

/** Everything a work gateway must not change: the app's state but for its own pane, and the personal conversation. */
async function outside(of: AppRun): Promise<unknown> {
  const state: AppState = await of.state();
  const view = await of.view('home');
  return {
    state: {
      ...state,
      revision: 0,
      trust: { ...state.trust, dropped: {} },
      gateways: state.gateways.filter((gateway) => gateway.domain === 'personal'),
      panes: state.panes.filter((pane) => pane.domain === 'personal'),
    },
    windows: of.app.windows().map((window) => window.url()),
    overlay: await ask<OverlayState>(of.overlay, 'overlay.get'),
    home: await view.getByRole('log').innerText(),
  };
}

/** Replaces what could reach the person's machine by functions that only take notes. */
async function watchHost(of: AppRun): Promise<void> {
  await of.app.evaluate(({ shell, dialog, clipboard, app, Notification }) => {
    const effects: string[] = [];
    (globalThis as unknown as { effects: string[] }).effects = effects;
    const note = (name: string) => () => {
      effects.push(name);
      return Promise.resolve();
    };
    Object.assign(shell, {
      openExternal: note('openExternal'),
      openPath: note('openPath'),
      showItemInFolder: note('showItemInFolder'),
      beep: note('beep'),
    });
    Object.assign(dialog, {
      showMessageBox: note('messageBox'),
      showOpenDialog: note('openDialog'),
      showSaveDialog: note('saveDialog'),
    });
    Object.assign(clipboard, { writeText: note('clipboard'), readText: note('clipboard') });
    Object.assign(app, { relaunch: note('relaunch') });
    Object.assign(Notification.prototype, { show: note('notification') });
  });
}
