import { expect, test } from '@playwright/test';
import type { ElectronApplication } from '@playwright/test';

import { createTranslator, describeState, layoutWindow, metrics } from '../../src/shared/index.ts';
import type { AppState, PanelId } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
import { nowMs } from './pair-states.ts';
import { calm, connectionStates, outboxItem, troubled } from './states.ts';

const t = createTranslator('en');
const panels: readonly PanelId[] = ['rules', 'trust', 'failover', 'diagnostics'];
const withPanel = (state: AppState, panel: PanelId): AppState => ({
  ...state,
  ui: { ...state.ui, panel },
});

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

test('has the landmarks that assistive technology and other tests look for', async () => {
  const { page, tell, errors } = await openShell(app, calm);
  await expect(page.getByRole('region', { name: 'Home, personal', exact: true })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Acme, work', exact: true })).toBeVisible();
  await expect(page.getByRole('textbox', { name: 'Message', exact: true })).toBeVisible();
  await expect(page.getByRole('status', { name: 'Route', exact: true })).toHaveText(
    'Type a message',
  );
  await tell('state.changed', { ...withPanel(calm, 'rules'), revision: 2 });
  await expect(
    page.getByRole('list', { name: 'Routing rules', exact: true }).getByRole('listitem'),
  ).toHaveCount(4);
  await tell('state.changed', { ...withPanel(calm, 'failover'), revision: 3 });
  await expect(page.getByRole('region', { name: 'Failover', exact: true })).toContainText('Epoch2');
  await tell('state.changed', { ...withPanel(calm, 'trust'), revision: 4 });
  await expect(
    page.getByRole('table', { name: 'Crossings', exact: true }).getByRole('row'),
  ).toHaveCount(3);
  expect(errors).toEqual([]);
});

test('takes the first words without a click, also when the system brings the focus in', async () => {
  const { page } = await openShell(app, calm);
  const message = page.getByRole('textbox', { name: 'Message' });
  await expect(message).toBeFocused();
  await page.locator('[data-focus-edge=start]').focus();
  await expect(message).toBeFocused();
});

test('tells of crossings in words and keeps the record behind Details', async () => {
  const { page } = await openShell(app, withPanel(calm, 'trust'));
  const rows = page.getByRole('table', { name: 'Crossings' }).getByRole('row');
  await expect(rows.nth(1)).toContainText(/work gateway.*Interface command from Acme × 1,000/u);
  await expect(rows.nth(2)).toContainText(/You.*Message to work/u);
  const record = rows.nth(2).getByText('sha256');
  await expect(record).toBeHidden();
  await rows.nth(2).getByText('Details').focus();
  await page.keyboard.press('Enter');
  await expect(record).toBeVisible();
  await expect(rows.nth(2)).toContainText('user send session:work');
  await expectAccessible(page);
});

test('tells what happened to a pair, and that the quickest answer took some time', async () => {
  const { page } = await openShell(app, withPanel(calm, 'failover'));
  const checks = page.getByRole('table', { name: 'Last checks' });
  await expect(checks.getByRole('cell', { name: '<1 ms', exact: true })).toBeVisible();
  const timeline = page.getByRole('list', { name: 'Timeline' });
  await expect(timeline.getByText('Took over: Home standby', { exact: true })).toBeVisible();
  await expect(timeline.getByText('Guardian attached', { exact: true })).toBeVisible();
});

for (const dark of [false, true]) {
  test(`has no accessibility fault, ${dark ? 'dark' : 'light'}`, async () => {
    test.slow();
    const { page, tell } = await openShell(app, troubled, { dark });
    await page.getByRole('textbox', { name: 'Message' }).fill('hello');
    await expectAccessible(page);
    for (const [index, panel] of panels.entries()) {
      await tell('state.changed', { ...withPanel(troubled, panel), revision: index + 2 });
      await expect(page.getByRole('heading', { level: 2 })).toBeFocused();
      await expectAccessible(page);
    }
    const nothing: AppState = {
      ...calm,
      revision: 9,
      panes: [],
      gateways: [],
      pairs: [],
      rules: [],
    };
    for (const [index, panel] of panels.entries()) {
      await tell('state.changed', { ...withPanel(nothing, panel), revision: index + 9 });
      await expect(page.getByRole('heading', { level: 2 })).toBeFocused();
      await expectAccessible(page);
    }
  });
}

for (const size of [
  { width: 1280, height: 800 },
  { width: 900, height: 640 },
]) {
  test(`draws each pane where main puts its view, ${size.width}×${size.height}`, async () => {
    const { page, tell } = await openShell(app, troubled, size);
    let revision = 1;
    for (const paneMode of ['columns', 'rows', 'single'] as const) {
      revision += 1;
      const state: AppState = { ...troubled, revision, ui: { ...troubled.ui, paneMode } };
      await tell('state.changed', state);
      const { panes, composer } = layoutWindow(size, state);
      await expect(page.getByRole('region', { name: /, (personal|work)$/ })).toHaveCount(
        panes.length,
      );
      for (const { paneId, pane, view } of panes) {
        const region = page.locator(`[data-pane=${paneId}]`);
        await expect.poll(() => region.boundingBox()).toEqual(pane);
        const rows = region.locator('header, [data-attention]');
        const heights = await rows.evaluateAll((elements) =>
          elements.map((element) => element.clientHeight + 1),
        );
        expect(heights.reduce((sum, height) => sum + height, 0)).toBe(view.y - pane.y);
      }
      const form = page.getByRole('form', { name: 'Composer' });
      expect((await form.boundingBox())?.height).toBe(composer.height - 1);
    }
  });
}

test('covers panes and composer with a panel in a narrow window, and gives them back on Escape', async () => {
  const { page, calls } = await openShell(app, withPanel(calm, 'rules'), {
    width: 900,
    height: 640,
  });
  await expect(page.getByRole('region', { name: 'Rules' })).toBeVisible();
  await expect(page.getByRole('main')).toHaveAttribute('inert');
  await page.keyboard.press('Escape');
  expect(await calls('panel.open')).toEqual([{ panel: null }]);
});

test('says of every connection state what it means and what to do', async () => {
  const { page, tell, calls } = await openShell(app, calm);
  const step = { reconnect: 'Reconnect now', 'enter-token': 'Enter token', start: 'Start' };
  let revision = 1;
  for (const connection of connectionStates) {
    revision += 1;
    const gateways = calm.gateways.map((gateway) =>
      gateway.id === 'cloud' ? { ...gateway, state: connection } : gateway,
    );
    await tell('state.changed', { ...calm, revision, gateways });
    const words = describeState(t, connection, nowMs);
    const pane = page.getByRole('region', { name: 'Acme, work' });
    await expect(pane.locator('header')).toContainText(words.word);
    const row = pane.locator('[data-attention=connection]');
    await expect(row).toContainText(words.detail);
    expect((await row.boundingBox())?.height).toBe(metrics.attentionRow);
    await expect(row.getByRole('button')).toHaveText(
      words.next === 'none' ? [] : [step[words.next]],
    );
  }
  await page.getByRole('button', { name: 'Start' }).click();
  expect(await calls('gateways.start')).toEqual([{ gatewayId: 'cloud' }]);
});

test('offers to send again or discard what did not arrive, one message at a time', async () => {
  const outbox = [outboxItem('m1', 'queued'), outboxItem('m2', 'uncertain')];
  const { page, calls } = await openShell(app, { ...calm, outbox });
  const row = page.getByRole('group', { name: 'Needs attention in Home' });
  await expect(row).toContainText('It is not known whether this arrived');
  await row.getByRole('button', { name: 'Send again' }).click();
  await row.getByRole('button', { name: /^Show the next/ }).click();
  await expect(row).toContainText('Waiting for the gateway');
  await expect(row.getByRole('button', { name: 'Send again' })).toHaveCount(0);
  await row.getByRole('button', { name: 'Discard' }).click();
  expect(await calls('outbox.retry')).toEqual([{ id: 'm2' }]);
  expect(await calls('outbox.discard')).toEqual([{ id: 'm1' }]);
});

test('asks whether to go on with what was cut while a tool ran, and goes on by one press', async () => {
  const problem = 'It was running “exec”, and it is not known whether that finished.';
  const cut = { ...outboxItem('m1', 'interrupted'), problem };
  const { page, calls } = await openShell(app, { ...calm, outbox: [cut] });
  const row = page.getByRole('group', { name: 'Needs attention in Home' });
  await expect(row).toContainText(`Interrupted, continue? ${problem} “${cut.text}”`);
  await row.getByRole('button', { name: 'Continue' }).click();
  expect(await calls('outbox.retry')).toEqual([{ id: 'm1' }]);
});

test('drops a state that is older than the one it shows', async () => {
  const { page, tell } = await openShell(app, { ...calm, revision: 7 });
  await tell('state.changed', { ...calm, revision: 6, panes: [] });
  await tell('state.changed', { ...calm, revision: 8, ui: { ...calm.ui, panel: 'rules' } });
  await expect(page.getByRole('region', { name: 'Rules' })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Home, personal' })).toBeVisible();
});

test('moves a rule by keyboard and keeps the focus on its arrow', async () => {
  const { page, tell, calls } = await openShell(app, withPanel(calm, 'rules'));
  const up = page.getByRole('button', { name: 'Move From the home pane up' });
  await up.focus();
  await page.keyboard.press('Enter');
  expect(await calls('rules.move')).toEqual([{ ruleId: 'r3', by: -1 }]);
  const [first, second, third] = calm.rules;
  const moved = { ...withPanel(calm, 'rules'), revision: 2, rules: [first!, third!, second!] };
  await tell('state.changed', moved);
  await expect(page.getByText('From the home pane is now rule 2')).toBeAttached();
  await expect(up).toBeFocused();
  await page.getByRole('switch', { name: /Projects/ }).click();
  expect(await calls('rules.setEnabled')).toEqual([{ ruleId: 'r1', enabled: false }]);
});

test('passes the focus on at both ends of the page', async () => {
  const { page, tell, calls } = await openShell(app, calm);
  await tell('focus.enter', { from: 'start' });
  await expect(page.getByRole('button', { name: 'Rules' })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => calls('focus.leave')).toEqual([{ direction: 'backward' }]);
  await tell('focus.enter', { from: 'composer' });
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  await expect
    .poll(() => calls('focus.leave'))
    .toEqual([{ direction: 'backward' }, { direction: 'forward' }]);
  await tell('focus.enter', { from: 'end' });
  await expect(page.getByRole('textbox', { name: 'Message' })).toBeFocused();
});

test('shows why a click came to nothing', async () => {
  const { page, fail } = await openShell(app, calm);
  await fail('panes.focus', 'This pane is gone.');
  await page.getByRole('button', { name: 'Focus Acme' }).click();
  await expect(page.getByRole('alert')).toContainText('That did not work: This pane is gone.');
  await page.getByRole('button', { name: 'Dismiss' }).click();
  await expect(page.getByRole('alert')).toBeEmpty();
});
