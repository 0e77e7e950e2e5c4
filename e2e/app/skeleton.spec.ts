import { expect, test } from '@playwright/test';

import { startDemoWorld } from '../support/demo-world.ts';
import type { DemoWorld } from '../support/demo-world.ts';
import { startDesktopDouble } from '../support/desktop-double.ts';
import type { DesktopDouble } from '../support/desktop-double.ts';
import { freshHome, gatewayPid, removeHome, runtime, startApp } from './app-run.ts';
import type { AppRun } from './app-run.ts';

/** The whole main job in one run: three real gateways, the real app, a real session bus. */
test.describe.configure({ mode: 'serial', timeout: 240_000 });

const home = freshHome();
let desktop: DesktopDouble;
let world: DemoWorld;
let run: AppRun;

test.beforeAll(async () => {
  desktop = await startDesktopDouble();
  world = await startDemoWorld({ home, runtime: runtime() });
  run = await startApp({ home, bus: desktop.address });
});

test.afterAll(async () => {
  await run.close();
  await world.stop();
  await desktop.stop();
  removeHome(home);
});

test('opens side by side, and every gateway becomes ready', async () => {
  await expect(run.shell.getByRole('region', { name: /Home, Personal/iu })).toBeVisible();
  await expect(run.shell.getByRole('region', { name: /Acme, Work/iu })).toBeVisible();
  await run.until('all gateways ready and the pair protected', (state) => {
    return (
      state.gateways.every((gateway) => gateway.state.phase === 'ready') &&
      state.pairs[0]?.cover === 'protected'
    );
  });
  await desktop.waitForTray((item) => /all gateways ready/u.test(item.toolTip));
});

test('a rule sends a message to work, says why before, and only work’s model gets it', async () => {
  await run.send('What is the status of ATLAS?', /Acme, because it contains “ATLAS” \(rule 1/u);
  const work = await run.conversation('acme');
  await expect(work).toContainText('Echo: What is the status of ATLAS?');
  await expect(work).toContainText('it contains “ATLAS”');
  await expect(await run.conversation('home-pair')).not.toContainText('ATLAS');
  expect(
    world.model.requests
      .filter((request) => request.prompt.includes('ATLAS'))
      .map((request) => request.realm),
  ).toEqual(['work']);
  await run.until(
    'nothing is left in the outbox',
    (state) => state.outbox.length === 0 && !state.panes.some((pane) => pane.running),
  );
});

test('a message for home is answered at home, and only home’s model gets it', async () => {
  await run.send('@home buy apples', /Home, because you wrote @home/u);
  const personal = await run.conversation('home-pair');
  await expect(personal).toContainText('Echo: buy apples');
  await expect(await run.conversation('acme')).not.toContainText('apples');
  const asked = world.model.requests.filter((request) => request.prompt.includes('apples'));
  expect(asked.map((request) => request.realm)).toEqual(['personal']);
});

test('an answer streams in, and Stop ends it', async () => {
  await run.send(
    '@acme /slow one two three four five six seven eight nine ten',
    /Acme, because you wrote/u,
  );
  const view = await run.view('acme');
  await expect(view.getByRole('log')).toContainText(/Echo: (?:\/slow )?one two/u);
  await view.getByRole('button', { name: /stop/iu }).click();
  await run.until(
    'the answer stopped',
    (state) => !state.panes.some((pane) => pane.running) && state.outbox.length === 0,
  );
  expect(await view.getByRole('log').innerText()).not.toMatch(/Echo: .*nine ten/u);
});

test('text copied at home goes to work only after a person saw it and said so', async () => {
  const view = await run.view('home-pair');
  await run.app.evaluate(({ Menu }) => {
    Menu.getApplicationMenu()?.getMenuItemById('pane:home-pair')?.click(); // as Ctrl+1 does: the keyboard goes there
  });
  await view.getByText('Echo: buy apples').selectText();
  // The key as the window gets it: a copy that main saw nobody press is not taken for a person's.
  await run.app.evaluate(({ webContents }) => {
    const focused = webContents.getFocusedWebContents();
    focused?.sendInputEvent({ type: 'keyDown', keyCode: 'c', modifiers: ['control'] });
    focused?.sendInputEvent({ type: 'keyUp', keyCode: 'c', modifiers: ['control'] });
  });
  const reachedWork = (): boolean =>
    world.model.requests.some(
      (request) => request.realm === 'work' && request.prompt.includes('apples'),
    );
  await run.composer.fill('@acme Echo: buy apples');
  await expect(run.route).toHaveText('This includes text from Personal. Send to Work?');
  await run.composer.press('Enter');
  const step = run.shell.getByRole('group', { name: 'Confirm what is sent' });
  await expect(step.locator('mark')).toHaveText('Echo: buy apples');
  await step.getByRole('button', { name: 'Cancel' }).click();
  await expect(run.composer).toHaveValue('@acme Echo: buy apples');
  expect(reachedWork()).toBe(false);

  await run.composer.press('Enter');
  const send = step.getByRole('button', { name: 'Send to Work' });
  await expect(send).toHaveAttribute('aria-disabled', 'false');
  expect(reachedWork()).toBe(false);
  await send.click();
  await expect(run.composer).toHaveValue('');
  await expect.poll(reachedWork).toBe(true);
});

test('killed, the primary is replaced: notification, tray, epoch 2, and the next message is answered by the standby', async () => {
  process.kill(gatewayPid(home, 'home'), 'SIGKILL');
  await desktop.waitForNotification((notification) =>
    /Home standby took over/u.test(notification.summary),
  );
  await desktop.waitForTray((item) => /Home runs on Home standby/u.test(item.toolTip));
  const state = await run.until(
    'the standby is active',
    ({ pairs }) => pairs[0]?.activeId === 'home-standby',
  );
  expect(state.pairs[0]?.epoch).toBe(2);
  await run.send('@home still there?', /Home, because/u);
  await expect(await run.conversation('home-pair')).toContainText('Echo: still there?');
  await expect(await run.conversation('home-pair')).toContainText('Continued on Home standby');
});

test('back again, the old primary does not take the role back', async () => {
  const state = await run.until('the old primary is ready and stands by', ({ gateways, pairs }) => {
    return (
      gateways.every((gateway) => gateway.state.phase === 'ready') &&
      pairs[0]?.cover === 'protected'
    );
  });
  expect(state.pairs[0]).toMatchObject({ activeId: 'home-standby', epoch: 2 });
  await run.shell.getByRole('button', { name: 'Failover' }).click();
  const failover = run.shell.getByRole('region', { name: 'Failover' });
  await expect(failover).toContainText('Home standby');
  await expect(failover).toContainText('2');
});
