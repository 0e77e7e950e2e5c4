import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { AppState, BackupProgress, PairView } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
import { distantPair, inStep, nowMs } from './pair-states.ts';
import { calm } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

let revision = 1;
function showing(pairs: readonly PairView[], backups: readonly BackupProgress[] = []): AppState {
  revision += 1;
  return { ...calm, revision, pairs, backups, ui: { ...calm.ui, panel: 'failover' } };
}
function panelOf(page: Page) {
  return page.getByRole('region', { name: 'Failover', exact: true });
}
const den = { gatewayId: 'den', name: 'Den' };
const made: BackupProgress = {
  ...den,
  state: 'made',
  backup: {
    ...den,
    path: '/p/backups/den/x.tar.gz',
    bytes: 12_345_678,
    madeAtMs: nowMs,
    version: '2026.9.6',
  },
};

test('nothing is set up without a backup, unless the person says so', async () => {
  const { page, tell, fail, reply, calls } = await openShell(app, showing([]));
  const panel = panelOf(page);
  await page.getByRole('button', { name: 'Set up a pair' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Gateway on this computer').selectOption('Den');
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  const first = page.getByRole('region', { name: 'Backup first' });
  await expect(first).toContainText('auth profiles, tokens');
  await page.getByRole('checkbox').check();
  await expect(page.getByRole('checkbox')).toHaveCount(1); // there is no way around it yet
  await fail('pairs.save', 'The disk is full.');
  await page.getByRole('button', { name: 'Save and protect' }).click();
  await tell(
    'state.changed',
    showing([], [{ ...den, state: 'failed', words: 'The disk is full.' }]),
  );
  await expect(panel.getByRole('alert').last()).toContainText('The disk is full.');
  await expectAccessible(page);
  await page.getByRole('checkbox', { name: 'Go on without a backup' }).check();
  await reply('pairs.save', { pairId: 'den-pair' });
  await page.getByRole('button', { name: 'Save and protect' }).click();
  await expect(page.getByRole('heading', { name: 'Den pair is set up' })).toBeFocused();
  expect(await calls('pairs.save')).toMatchObject([{ noBackup: false }, { noBackup: true }]);
  await tell('state.changed', showing([], [made]));
  await expect(panel).toContainText('Backup of Den: 12.3 MB');
  await reply('pairs.showBackup', null);
  await page.getByRole('button', { name: 'Show in folder' }).click();
  expect(await calls('pairs.showBackup')).toEqual([{ gatewayId: 'den' }]);
  await expectAccessible(page);
});

test('a single gateway again: only while both are the same, or on the person’s word', async () => {
  const { page, tell, reply, calls } = await openShell(app, showing([distantPair]));
  const panel = panelOf(page);
  await panel.getByText('More', { exact: true }).click();
  const group = panel.getByRole('group', { name: /^Make it a single gateway/u });
  const button = group.getByRole('button', { name: /^Make it a single gateway/u });
  await tell(
    'state.changed',
    showing([{ ...distantPair, mirror: { ...inStep, state: 'catching-up', rows: 12 } }]),
  );
  await expect(group).toContainText('Rows to go: 12.');
  await button.press('Enter'); // blocked, and can be reached all the same
  expect(await calls('pairs.unprotect')).toEqual([]);
  await group.getByLabel('The gateway that stays').selectOption('Home standby');
  await group.getByRole('checkbox').check();
  const commands = ['# End the guardian there', 'guardian.js stop'];
  await reply('pairs.unprotect', { words: 'Home is single.', commands });
  await button.click();
  expect(await calls('pairs.unprotect')).toEqual([
    { pairId: distantPair.id, keep: distantPair.standbyId, anyway: true },
  ]);
  // The pair is gone; what is left to do stays to be read.
  await tell('state.changed', showing([]));
  const result = panel.getByRole('region', { name: 'Single again' });
  await expect(result).toContainText('guardian.js stop');
  await expectAccessible(page);
  await result.getByRole('button', { name: 'Close' }).click();
  await expect(result).toHaveCount(0);
});

test('shows a pairing code, and how to use it', async () => {
  const { page, reply } = await openShell(app, showing([distantPair]));
  const panel = panelOf(page);
  await panel.getByText('More', { exact: true }).click();
  await reply('pairs.offer', { code: '7K2Q-9M4X-PD0R', place: '10.0.0.11', minutes: 10 });
  await panel.getByRole('button', { name: 'Show a pairing code' }).click();
  await expect(panel.getByRole('status', { name: 'Pairing code' })).toHaveText('7K2Q-9M4X-PD0R');
  await expect(panel).toContainText('headless -- join 7K2Q-9M4X-PD0R@10.0.0.11');
  await expectAccessible(page);
});
