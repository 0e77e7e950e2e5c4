import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { AppState, PairView } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
import type { Stage } from './harness.ts';
import { distantPair, drill, duties, inStep, nowMs, pair, workspace } from './pair-states.ts';
import { calm } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

function showing(pairs: readonly PairView[], part: Partial<AppState> = {}): AppState {
  return { ...calm, ...part, pairs, ui: { ...calm.ui, panel: 'failover' } };
}

function panelOf(page: Page) {
  return page.getByRole('region', { name: 'Failover', exact: true });
}

test('says who is active, by what right, how each gateway was found, and what the name says', async () => {
  const { page, errors } = await openShell(app, showing([distantPair]));
  const panel = panelOf(page);
  await expect(panel).toContainText('ActiveHome primaryprimary');
  await expect(panel).toContainText('Epoch17');
  await expect(panel.getByRole('meter', { name: 'Lease' })).toHaveAttribute(
    'aria-valuetext',
    '1.4 s of 2 s left',
  );
  const primary = panel.getByRole('article', { name: 'Home primary' });
  await expect(primary).toContainText('active');
  await expect(primary).toContainText('Fence: our plugin, inside the gateway');
  await expect(primary.getByRole('row')).toHaveCount(6);
  await expect(primary.getByRole('row', { name: /^real model/ })).toContainText('1890 ms');
  const standby = panel.getByRole('article', { name: 'Home standby' });
  await expect(standby).toContainText('other computer');
  await expect(panel).toContainText('gateway.home.lan → 10.0.0.11');
  await expect(panel).toContainText('as clients see it');
  await expect(panel).toContainText('not as it should be: the token was refused');
  await expect(panel).toContainText('Home primary is preferred');
  expect(errors).toEqual([]);
});

test('says that nobody is active only when every gateway was heard and none acts', async () => {
  const { page, tell } = await openShell(app, showing([pair]));
  const panel = panelOf(page);
  await expect(panel).toContainText('ActiveHome standby');
  const idle = pair.nodes.map((node) => ({ ...node, role: 'fenced' as const }));
  await tell('state.changed', { ...showing([{ ...pair, nodes: idle }]), revision: 2 });
  await expect(panel).toContainText('ActiveNobodylast: Home standby');
  const unheard = idle.map((node, index) => (index === 0 ? { ...node, role: null } : node));
  await tell('state.changed', { ...showing([{ ...pair, nodes: unheard }]), revision: 3 });
  await expect(panel).toContainText('ActiveHome standby');
});

test('gives commands, shows what came of them, and says why one cannot be given', async () => {
  const { page, calls, reply } = await openShell(app, showing([distantPair]));
  await reply('pairs.command', { words: 'Home standby is active.' });
  const actions = page.getByRole('list', { name: 'Actions for Home' });
  await actions.getByRole('button', { name: 'Hand over' }).click();
  await expect(page.getByRole('status', { name: 'Answer of the guardian' })).toHaveText(
    'Home standby is active.',
  );
  await page.getByText('More', { exact: true }).click();
  const alone = page.getByRole('button', { name: 'Force without register…' });
  await expect(alone).toHaveAttribute('aria-disabled', 'true');
  await expect(alone).toHaveAccessibleDescription(/The register answers/);
  await alone.focus();
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Force…', exact: true }).click();
  expect(await calls('pairs.command')).toEqual([
    { pairId: 'home', command: 'hand-over' },
    { pairId: 'home', command: 'force' },
  ]);
});

test('does not offer to hand over to a gateway that could not take it', async () => {
  const { page, calls } = await openShell(app, showing([pair]));
  const button = page.getByRole('button', { name: 'Hand over' });
  await expect(button).toHaveAccessibleDescription('The other gateway could not take over now.');
  await button.focus();
  await page.keyboard.press('Enter');
  expect(await calls('pairs.command')).toEqual([]);
});

test('shows a drill as it goes, lets it be ended, and gives what it found as text', async () => {
  const { page, calls, tell } = await openShell(app, showing([{ ...distantPair, drill }]));
  const shown = page.getByRole('region', { name: 'Drill of Home' });
  await expect(shown).toContainText('Drill under way, 2 of 4');
  const steps = shown.getByRole('list', { name: 'Steps of the drill' }).getByRole('listitem');
  await expect(steps).toHaveCount(4);
  await expect(steps.nth(1)).toHaveText(/^passed: .*71 ms without an active one, epoch 18104 ms$/);
  await expect(steps.nth(2)).toContainText('under way: Home standby answers a whole turn');
  await expect(page.getByRole('button', { name: 'Hand over' })).toHaveAccessibleDescription(
    'A drill is under way.',
  );
  await page.getByRole('button', { name: 'End the drill' }).click();
  expect(await calls('pairs.command')).toEqual([{ pairId: 'home', command: 'end-drill' }]);

  const words = 'Failed. Nothing was lost: 4 rows on both, 118 before.';
  const over = { ...drill, state: 'failed' as const, words };
  await tell('state.changed', { ...showing([{ ...distantPair, drill: over }]), revision: 2 });
  await expect(shown.getByRole('status')).toHaveText(words);
  await shown.getByRole('button', { name: 'Copy as text' }).click();
  await expect(shown.getByRole('button', { name: 'Copied' })).toBeVisible();
  const text = await app.evaluate(({ clipboard }) => clipboard.readText());
  expect(text.split('\n')).toEqual([
    'Drill of Home, 2026-10-12T09:40:51.000Z',
    'result   what                                     took    found',
    'passed   Home standby answers a whole turn        812 ms  answered',
    'passed   Home primary hands over to Home standby  104 ms  71 ms without an active one, epoch 18',
    'running  Home standby answers a whole turn',
    'waiting  Nothing was lost',
    words,
  ]);
});

test('says how the copy of the conversations stands, and lets nobody drill while it is behind', async () => {
  const behind = {
    ...inStep,
    state: 'catching-up',
    held: 9000,
    rows: 1000,
    behindMs: 12_000,
  } as const;
  const { page, tell } = await openShell(app, showing([{ ...distantPair, mirror: behind }]));
  const panel = panelOf(page);
  const bar = panel.getByRole('progressbar', { name: 'The standby is catching up' });
  await expect(bar).toHaveAttribute('aria-valuetext', '9,000 of 10,000 rows');
  await expect(panel).toContainText('9,000 of 10,000 rows · behind for 12 s');
  await expect(
    panel.getByRole('button', { name: 'Drill', exact: true }),
  ).toHaveAccessibleDescription('The other gateway does not have every conversation yet.');

  const [here, there] = distantPair.nodes;
  if (here === undefined || there === undefined) throw new Error('a pair has two nodes');
  const says = async (change: Partial<PairView>, words: string, revision: number) => {
    await tell('state.changed', {
      ...showing([{ ...distantPair, mirror: null, ...change }]),
      revision,
    });
    await expect(panel.getByText('Talk', { exact: true }).locator('..')).toHaveText(`Talk${words}`);
  };
  const elsewhere = [
    { ...here, role: 'standby' },
    { ...there, role: 'active' },
  ] as const;
  await says({ nodes: elsewhere }, 'Copied by the computer whose gateway is active.', 2);
  await says({ nodes: elsewhere, cover: 'unguarded' }, 'Not copied now.', 3);
  await says({ nodes: [{ ...here, role: 'fenced' }, there] }, 'Not copied now.', 4);
});

test('says what of files, jobs and channels a person should know', async () => {
  const { page } = await openShell(app, showing([{ ...distantPair, workspace, duties }]));
  const rowOf = (term: string) =>
    panelOf(page).getByText(term, { exact: true }).locator('xpath=..');
  const files = rowOf('Files');
  await expect(files.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '40 of 42 files');
  await expect(files).toContainText('MEMORY.home-2.conflict.md');
  await expect(files).toContainText('Home standby lacks the credential default for openai');
  await files.getByText('Not copied: 1').click();
  await expect(files).toContainText('auth-profiles.json of Home primary: it holds credentials');
  const jobs = rowOf('Jobs');
  await expect(jobs).toContainText('Scheduled jobs run on Home primary: 3');
  await expect(jobs).toContainText('telegram runs on Home primary: another program answers');
  await expect(jobs).toContainText('not repeated: nightly report');
});

test('says what is second best where a gateway is without the plugin', async () => {
  const words = 'Second best: Home standby is without our plugin';
  const bare = distantPair.nodes.map((node) =>
    node.gatewayId === distantPair.standbyId ? { ...node, fence: 'drain' as const } : node,
  );
  const { page, tell } = await openShell(app, showing([distantPair]));
  await expect(panelOf(page)).toContainText('Talk');
  await expect(panelOf(page)).not.toContainText(words);
  await tell('state.changed', {
    ...showing([{ ...distantPair, nodes: bare, mirror: null }]),
    revision: 2,
  });
  await expect(panelOf(page)).toContainText(words);
});

test('a hold and a change under way stand above everything else', async () => {
  const held = { ...distantPair, hold: true, busy: 'Waiting for 1 running turn.' };
  const { page, calls } = await openShell(app, showing([held]));
  await expect(panelOf(page)).toContainText('Under way: Waiting for 1 running turn.');
  await page.getByRole('button', { name: 'End the hold' }).click();
  expect(await calls('pairs.command')).toEqual([{ pairId: 'home', command: 'unhold' }]);
});

test('lays out a long timeline in part, and can show one kind alone', async () => {
  const timeline = Array.from({ length: 130 }, (_, index) => ({
    atMs: nowMs + index,
    kind: index % 13 === 0 ? ('takeover' as const) : ('missed' as const),
    gatewayId: 'home-1',
    epoch: index,
    reason: '',
  }));
  const { page } = await openShell(app, showing([{ ...pair, timeline }]));
  const list = page.getByRole('list', { name: 'Timeline' });
  await expect(list.getByRole('listitem')).toHaveCount(20);
  await page.getByRole('button', { name: 'Show 80 earlier' }).click();
  await expect(list.getByRole('listitem')).toHaveCount(100);
  await page.getByRole('combobox', { name: 'Show' }).selectOption('Changes of role');
  await expect(list.getByRole('listitem')).toHaveCount(10);
});

/** Fills in the first two steps of a set-up on one computer. */
async function beginLocal({ page }: Stage): Promise<void> {
  await page.getByRole('button', { name: 'Set up a pair' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Gateway on this computer').selectOption('Den');
  await expect(page.getByLabel('Name of the pair')).toHaveValue('Den pair');
  await page.getByRole('button', { name: 'Next' }).click();
}

test('sets up a pair on one computer, with the keyboard, and not without consent', async () => {
  const stage = await openShell(app, showing([]));
  const { page, calls, reply } = stage;
  await beginLocal(stage);
  await page.getByRole('radio', { name: 'Give it back to the primary by itself' }).check();
  await page.getByLabel('Well for how many seconds').fill('90');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'Check and save' })).toBeFocused();
  await expect(panelOf(page)).toContainText('Den pair: Den (primary), Den standby (standby)');
  await page.getByRole('button', { name: 'Save and protect' }).click();
  await expect(panelOf(page).getByRole('alert').last()).toContainText('Without the plugin');
  expect(await calls('pairs.save')).toEqual([]);
  await page.getByRole('checkbox').check();
  await reply('pairs.save', { pairId: 'den-pair' });
  await page.getByRole('button', { name: 'Save and protect' }).click();
  await expect(page.getByRole('heading', { name: 'Den pair is set up' })).toBeFocused();
  expect(await calls('pairs.save')).toMatchObject([
    {
      place: 'this-computer',
      gatewayId: 'den',
      second: 'new',
      secondName: 'Den standby',
      preempt: true,
      preemptDelay: '90',
      consent: true,
    },
  ]);
});

test('shows a fault beside its field, and loses nothing that was typed', async () => {
  const { page, tell } = await openShell(app, showing([]));
  await page.getByRole('button', { name: 'Set up a pair' }).click();
  await page.getByRole('radio', { name: 'On two computers' }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Gateway on this computer').selectOption('Den');
  await page.getByLabel('Name of the pair').fill('Home');
  await page.getByLabel('Address of this computer').fill('10.0.0.300');
  await page.getByRole('button', { name: 'Next' }).click();
  const name = page.getByLabel('Name of the pair');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(name).toHaveAccessibleDescription(/This name is in use already/);
  await expect(page.getByLabel('Address of this computer')).toHaveAccessibleDescription(
    /Give an address such as/,
  );
  await expect(page.getByRole('textbox', { name: 'Its address' })).toBeFocused();
  await page.getByRole('button', { name: 'Back' }).click();
  await page.getByRole('button', { name: 'Cancel' }).click();
  await tell('state.changed', { ...calm, revision: 2 });
  await tell('state.changed', { ...showing([]), revision: 3 });
  await page.getByRole('button', { name: 'Go on with the set-up' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(name).toHaveValue('Home');
  await expect(page.getByLabel('Address of this computer')).toHaveValue('10.0.0.300');
});

test('asks for a secret above the window, tests before it saves, and says when a test is stale', async () => {
  const { page, calls, reply } = await openShell(app, showing([]));
  await page.getByRole('button', { name: 'Set up a pair' }).click();
  await page.getByRole('radio', { name: 'On two computers' }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Gateway on this computer').selectOption('Den');
  await page.getByRole('textbox', { name: 'Its address' }).fill('wss://attic.home.lan:18789');
  await page.getByLabel('Address of this computer').fill('10.0.0.11');
  await page.getByLabel('Address of the other computer').fill('10.0.0.12');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByLabel('Witness: name or address').fill('10.0.0.5');
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(panelOf(page)).toContainText('Enter the secret of the register first.');
  await reply('pairs.askSecret', { given: true });
  await page.getByRole('button', { name: 'Enter…' }).click();
  await expect(panelOf(page)).toContainText('Entered. It is kept in memory');
  await reply('pairs.test', [{ ok: true, words: 'The witness answers in 2 ms.' }]);
  await page.getByRole('button', { name: 'Test', exact: true }).click();
  const results = page.getByRole('region', { name: 'Result of the test' });
  await expect(results).toContainText('The witness answers in 2 ms.');
  expect(await calls('pairs.test')).toMatchObject([
    { part: 'register', form: { witnessHost: '10.0.0.5' } },
  ]);
  await page.getByLabel('Witness: name or address').fill('10.0.0.6');
  await expect(results).toContainText('Changed since the test.');
  // The secret was for another address.
  await expect(panelOf(page)).toContainText('Not entered yet.');
  await page.getByRole('button', { name: 'Enter…' }).click();
  await page.getByRole('button', { name: 'Next' }).click();

  await page.getByLabel('Where the name is kept').selectOption('Pi-hole 6');
  await page.getByLabel('Name', { exact: true }).fill('gateway.home.lan');
  await page.getByLabel('Address of Pi-hole').fill('http://10.0.0.5');
  await page.getByRole('button', { name: 'Enter…' }).click();
  await expect(panelOf(page)).toContainText('Entered. It is kept in memory');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('checkbox').check();
  await reply('pairs.save', { pairId: 'den-pair' });
  await page.getByRole('button', { name: 'Save and protect' }).click();
  await reply('pairs.join', {
    folder: '/home/ada/.config/switchyard/join/switchyard-den-pair',
    files: ['guardian.json', 'secrets/peer', 'secrets/token-den-standby'],
    commands: ['scp -rp switchyard-den-pair 10.0.0.12:'],
  });
  await page.getByRole('button', { name: 'Write the files' }).click();
  await expect(panelOf(page)).toContainText('scp -rp switchyard-den-pair 10.0.0.12:');
  await expect(panelOf(page)).toContainText('secrets/token-den-standby');
});

for (const dark of [false, true]) {
  test(`has no accessibility fault, ${dark ? 'dark' : 'light'}`, async () => {
    const busy = { ...distantPair, hold: true, busy: 'Handing over.', drill, workspace, duties };
    const stage = await openShell(app, showing([busy, { ...pair, id: 'two', name: 'Two' }]), {
      dark,
    });
    const { page, tell } = stage;
    for (const more of await page.getByText('More', { exact: true }).all()) await more.click();
    await expectAccessible(page);
    await tell('state.changed', { ...showing([]), revision: 2 });
    await expect(page.getByRole('button', { name: 'Set up a pair' })).toBeVisible();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Set up a pair' }).click();
    await page.getByRole('radio', { name: 'On two computers' }).check();
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByRole('button', { name: 'Next' }).click();
    await expect(page.getByText('This is needed.').first()).toBeVisible();
    await expectAccessible(page);
  });
}
