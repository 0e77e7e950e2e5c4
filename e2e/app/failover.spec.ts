import { expect, test } from '@playwright/test';
import type { Locator } from '@playwright/test';

import { startDesktopDouble } from '../support/desktop-double.ts';
import type { DesktopDouble } from '../support/desktop-double.ts';
import { startPairWorld } from '../support/pair-world.ts';
import type { PairWorld } from '../support/pair-world.ts';
import { freshHome, gatewayPid, removeHome, runtime, startApp } from './app-run.ts';
import type { AppRun } from './app-run.ts';

/** A pair on one computer, from the guided set-up to the hand-back: two real gateways, our plugin in them, no DNS. */
test.describe.configure({ mode: 'serial', timeout: 300_000 });

const home = freshHome();
let desktop: DesktopDouble;
let world: PairWorld;
let run: AppRun;
let panel: Locator;

test.beforeAll(async () => {
  desktop = await startDesktopDouble();
  world = await startPairWorld(home, runtime());
  run = await startApp({ home, bus: desktop.address });
  panel = run.shell.getByRole('region', { name: 'Failover', exact: true });
});

test.afterAll(async () => {
  await run.close();
  await world.stop();
  await desktop.stop();
  removeHome(home);
});

/** Waits until a member is active with the other one ready to take over, and nothing under way. */
async function settledOn(gatewayId: string): Promise<void> {
  await run.until(`${gatewayId} is active, and the other could take over`, ({ pairs }) => {
    const [pair] = pairs;
    return pair?.activeId === gatewayId && pair.cover === 'protected' && pair.busy === null;
  });
}

/** Sends a message to the pair and waits for its answer and the end of its run. */
async function say(text: string): Promise<void> {
  await run.send(`@house ${text}`, /House, because you wrote/u);
  await expect(await run.conversation('house')).toContainText(`Echo: ${text}`);
  await run.until(
    'nothing is on its way',
    ({ outbox, panes }) => outbox.length === 0 && !panes.some((pane) => pane.running),
  );
}

/** What the model was asked when somebody said this. */
function promptWith(text: string): string {
  return world.model.requests.findLast(({ prompt }) => prompt.includes(text))?.prompt ?? '';
}

/** Waits until the standby has so many rows, and all that there are. */
async function standbyHolds(rows: number): Promise<void> {
  await run.until(`the standby has ${rows} rows`, ({ pairs }) => {
    const mirror = pairs[0]?.mirror;
    return mirror?.state === 'in-step' && mirror.held >= rows;
  });
}

function press(name: string): Promise<void> {
  return panel.getByRole('button', { name, exact: true }).click();
}

/** Within its page: whether the window is the active one is the display's affair, and nobody manages windows here. */
async function hasKeyboard(element: Locator, timeout = 20_000): Promise<void> {
  await expect
    .poll(() => element.evaluate((one) => one === one.ownerDocument.activeElement), { timeout })
    .toBe(true);
}

test('the guided set-up makes a pair of two gateways, and it becomes protected', async () => {
  await run.shell.getByRole('button', { name: 'Failover' }).click();
  await press('Set up a pair');
  await run.shell.keyboard.press('Tab');
  await hasKeyboard(panel.getByRole('radio', { name: /Both on this computer/u }));
  await run.shell.keyboard.press('Enter');
  await panel.getByLabel('Gateway on this computer').selectOption('Attic');
  await panel.getByRole('radio', { name: 'One that is set up already' }).check();
  await panel.getByLabel('Which one').selectOption('Bath');
  await panel.getByLabel('Name of the pair').fill('House');
  await run.shell.keyboard.press('Enter');
  await hasKeyboard(panel.getByRole('heading', { name: 'How it behaves' }));
  // The first turn of a gateway stalls it for seconds where two start on few cores: right for “safe”.
  await panel.getByRole('radio', { name: /Safe: lease 5 s/u }).check();
  await press('Next');
  await expect(panel).toContainText('House: Attic (primary), Bath (standby)');
  await panel.getByRole('checkbox').check();
  await press('Save and protect');
  // Backups come first.
  await hasKeyboard(panel.getByRole('heading', { name: 'House is set up' }), 120_000);
  await press('Show the pair');
  await settledOn('attic');
  await expect(panel).toContainText('ActiveAtticprimary');
  await expect(panel).toContainText('Lock of the active process');
  await expect(panel).toContainText('Protected');
  for (const name of ['Attic', 'Bath'])
    await expect(panel.getByRole('article', { name })).toContainText(
      'Fence: our plugin, inside the gateway',
    );
  await say('who is it?');
  // Level of thinking, model, question and answer.
  await standbyHolds(4);
  await expect(panel).toContainText('The standby has every conversation to the last word.');
});

test('killed, the primary is replaced: notification, tray and screen say by whom and why', async () => {
  const before = await run.state();
  const draft = '@house half a thou';
  await run.composer.fill(draft);
  process.kill(gatewayPid(home, 'attic'), 'SIGKILL');
  const told = await desktop.waitForNotification(({ summary }) => summary.includes('took over'));
  expect(told.summary).toBe('House: Bath took over');
  expect(told.body).toMatch(
    /^Attic .+ There is nothing to do; look at Attic when you have time\.$/u,
  );
  await desktop.waitForTray((item) => item.toolTip.includes('House runs on Bath'));
  const after = await run.until('Bath is active', ({ pairs }) => pairs[0]?.activeId === 'bath');
  expect(after.pairs[0]?.epoch).toBe((before.pairs[0]?.epoch ?? 0) + 1);
  await expect(panel).toContainText('ActiveBathstandby');
  const timeline = panel.getByRole('list', { name: 'Timeline' });
  await expect(timeline.getByRole('listitem').filter({ hasText: 'Took over: Bath' })).toContainText(
    /Attic .+\. Bath answers and took over\./u,
  );
  // The person goes on where they were: same session, same words half typed, the cursor in them.
  await expect(run.composer).toHaveValue(draft);
  await hasKeyboard(run.composer);
  expect(after.panes.map(({ sessionKey }) => sessionKey)).toEqual(
    before.panes.map(({ sessionKey }) => sessionKey),
  );
  await say('still there?');
  const continued = (await run.conversation('house')).getByRole('note');
  await expect(continued).toHaveText([/^Continued on Bath, \d{1,2}:\d{2}/u]);
  await (await run.view('house')).reload();
  await expect(continued).toHaveText([/^Continued on Bath, \d{1,2}:\d{2}/u]);
  // One conversation: the standby’s model is asked with what was said before, and the pane shows it once.
  expect(promptWith('still there?')).toContain('Echo: who is it?');
  await expect((await run.conversation('house')).getByText('Echo: who is it?')).toHaveCount(1);
});

test('started again, the primary stands by and becomes warm', async () => {
  await settledOn('bath');
  await expect(panel.getByRole('article', { name: 'Attic' })).toContainText('standing by');
  await expect(panel).toContainText('Protected');
});

test('a hold is shown, and ended', async () => {
  await press('Hold');
  await expect(panel).toContainText('No change of role happens by itself');
  await press('End the hold');
  await expect(panel).not.toContainText('No change of role happens by itself');
  await run.until('the hold is over', ({ pairs }) => pairs[0]?.hold === false);
});

test('the role is handed back by the button, and the primary answers', async () => {
  await press('Hand over');
  await desktop.waitForNotification(({ summary }) => summary === 'House: Attic is active now');
  await settledOn('attic');
  await expect(panel).toContainText('ActiveAtticprimary');
  const asked = world.model.requests.length;
  await say('and now?');
  expect(
    world.model.requests.slice(asked).filter(({ prompt }) => prompt.includes('and now?')),
  ).toHaveLength(1);
  expect(promptWith('and now?')).toContain('Echo: still there?');
});

test('a drill hands over and back, has both answer, and finds nothing lost', async () => {
  await settledOn('attic');
  const { pairs } = await run.state();
  await press('Drill');
  const drill = panel.getByRole('region', { name: 'Drill of House' });
  await expect(drill).toContainText('Drill under way');
  await expect(drill.getByRole('status')).toHaveText(
    'Passed: both can have the role, and nothing was lost.',
    { timeout: 120_000 },
  );
  const steps = drill.getByRole('list', { name: 'Steps of the drill' }).getByRole('listitem');
  await expect(steps.filter({ hasNotText: /^passed: / })).toHaveCount(0);
  await expect(steps.last()).toContainText(/^passed: Nothing was lost\d+ rows on both/u);
  await settledOn('attic');
  expect((await run.state()).pairs[0]?.epoch).toBe((pairs[0]?.epoch ?? 0) + 2);
  await say('after the drill?');
});

test('killed in the middle of an answer, the primary is replaced by one that gives the answer', async () => {
  await settledOn('attic');
  const { pairs } = await run.state();
  const before = pairs[0]?.mirror?.held ?? 0;
  const question = '/slow one two three four five six seven eight';
  await run.send(`@house ${question}`, /House, because you wrote/u);
  await world.model.waitForRequest(({ text }) => text === question);
  const conversation = await run.conversation('house');
  await expect(conversation).toContainText('Echo: /slow one');
  await standbyHolds(before + 1);
  process.kill(gatewayPid(home, 'attic'), 'SIGKILL');
  await run.until('Bath is active', ({ pairs }) => pairs[0]?.activeId === 'bath');
  await run.until(
    'it is answered',
    ({ outbox, panes }) => outbox.length === 0 && !panes.some((pane) => pane.running),
    60_000,
  );
  await expect(conversation.getByText(`Echo: ${question}`)).toHaveCount(1);
  expect(world.model.requests.filter(({ text }) => text === question)).toHaveLength(2);
});
