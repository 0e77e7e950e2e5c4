import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { AppState, FilesChoice, PairView } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
import { distantPair, workspace } from './pair-states.ts';
import { calm } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

function showing(pairs: readonly PairView[]): AppState {
  return { ...calm, pairs, ui: { ...calm.ui, panel: 'failover' } };
}
function filesOf(page: Page) {
  return page
    .getByRole('region', { name: 'Failover', exact: true })
    .getByText('Files', { exact: true })
    .locator('xpath=..');
}
const choice: FilesChoice = { workspace: { kind: 'sync' }, hasGit: true, two: true };

test('a set-up asks how the files are kept in step, and takes no git where there is none', async () => {
  const { page, reply, calls } = await openShell(app, showing([]));
  await page.getByRole('button', { name: 'Set up a pair' }).click();
  await page.getByRole('button', { name: 'Next' }).click();
  await page.getByLabel('Gateway on this computer').selectOption('Den');
  await page.getByRole('button', { name: 'Next' }).click();
  const ways = page.getByRole('group', { name: 'Memory, persona and skills of the two' });
  await expect(ways.getByRole('radio')).toHaveCount(4);
  await expect(ways.getByRole('radio', { name: 'Keep them the same' })).toBeChecked();
  const git = ways.getByRole('radio', { name: 'As git commits' });
  await git.check();
  await expect(git).toHaveAccessibleDescription(/git is not installed on this computer/u);
  await expect(page.getByLabel('Remote of the repository')).toHaveValue('origin');
  await expectAccessible(page);
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByRole('heading', { name: 'How it behaves' })).toBeVisible();
  await expect(git).toBeFocused();
  await ways.getByRole('radio', { name: 'One shared folder' }).check();
  await page.getByRole('button', { name: 'Next' }).click();
  await expect(page.getByText('One shared folder', { exact: true })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Change Files' })).toBeVisible();
  await page.getByRole('checkbox').check();
  await reply('pairs.save', { pairId: 'den-pair' });
  await page.getByRole('button', { name: 'Save and protect' }).click();
  expect(await calls('pairs.save')).toMatchObject([{ files: 'shared-folder' }]);
});

for (const dark of [false, true])
  test(`a pair’s card shows the way and lets another be chosen, ${dark ? 'dark' : 'light'}`, async () => {
    const { page, reply, fail, calls } = await openShell(
      app,
      showing([{ ...distantPair, workspace }]),
      { dark },
    );
    await reply('pairs.files', choice);
    const files = filesOf(page);
    await expect(files).toContainText('MEMORY.home-2.conflict.md');
    const change = files.getByRole('button', { name: 'Change how' });
    await change.press('Enter');
    expect(await calls('pairs.files')).toEqual([{ pairId: distantPair.id }]);
    await expect(files.getByRole('radio', { name: 'Keep them the same' })).toBeChecked();
    const use = files.getByRole('button', { name: 'Use this way' });
    await expect(use).toBeDisabled(); // it is that one already
    await expect(files).toContainText('The guardian of the other computer has a choice of its own');
    await files.getByRole('radio', { name: 'As git commits' }).check();
    await files.getByLabel('Remote of the repository').fill('--exec');
    await expect(files).toContainText('Give the name of a remote');
    await expect(use).toBeDisabled();
    await files.getByLabel('Remote of the repository').fill('home');
    await expectAccessible(page);
    await fail('pairs.chooseFiles', 'The settings file has a fault.');
    await use.click();
    await expect(files.getByRole('alert')).toHaveText('The settings file has a fault.');
    await reply('pairs.chooseFiles', null);
    await use.click();
    await expect(use).toHaveCount(0);
    await expect(change).toBeFocused();
    expect((await calls('pairs.chooseFiles')).at(-1)).toEqual({
      pairId: distantPair.id,
      workspace: { kind: 'git', remote: 'home' },
    });
  });

test('says that nothing is kept in step where that was chosen, and lets it be changed', async () => {
  const { page, reply } = await openShell(app, showing([{ ...distantPair, workspace: null }]));
  await reply('pairs.files', { ...choice, workspace: { kind: 'none' }, hasGit: false });
  const files = filesOf(page);
  await expect(files).toContainText('Not kept in step by Switchyard.');
  await files.getByRole('button', { name: 'Change how' }).click();
  await files.getByRole('radio', { name: 'As git commits' }).check();
  await expect(files).toContainText('git is not installed on this computer');
  await expect(files.getByRole('button', { name: 'Use this way' })).toBeDisabled();
});
