import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { AppState, JoinDone, JoinPreview } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
import { distantPair } from './pair-states.ts';
import { calm } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

const joining: AppState = { ...calm, ui: { ...calm.ui, panel: 'join' } };
const preview: JoinPreview = {
  pairName: 'House',
  here: { name: 'Attic', role: 'standby', address: 'ws://10.0.0.12:18789' },
  there: { name: 'Den', role: 'primary', address: 'wss://10.0.0.11:18789' },
  register: '10.0.0.5:18971',
  folder: '/home/ada/.local/share/switchyard/join/switchyard-house',
  files: [
    'guardian.json',
    'plugin.json',
    'secrets/register',
    'secrets/peer',
    'secrets/token-attic',
  ],
  replaces: true,
};
const done: JoinDone = {
  pairName: 'House',
  folder: preview.folder,
  token: { file: 'secrets/token-attic', gateway: 'Attic' },
  commands: ['SWITCHYARD=/opt/switchyard', `cd ${preview.folder}`, 'node guardian.js'],
};
const unknownCode = '10.0.0.11:18972 does not know this code.';

function panelOf(page: Page) {
  return page.getByRole('region', { name: 'Join a pair', exact: true });
}

test('is reached where a pair is set up, with one and without', async () => {
  for (const pairs of [[], [distantPair]]) {
    const state = { ...calm, pairs, ui: { ...calm.ui, panel: 'failover' as const } };
    const { page, calls } = await openShell(app, state);
    await page.getByRole('button', { name: 'Join a pair with a code' }).click();
    expect(await calls('panel.open')).toEqual([{ panel: 'join' }]);
    await expectAccessible(page);
  }
});

for (const dark of [false, true])
  test(`joins a pair with the keyboard alone, ${dark ? 'dark' : 'light'}`, async () => {
    const { page, reply, calls, errors } = await openShell(app, joining, { dark });
    const panel = panelOf(page);
    await expect(panel.getByRole('heading', { name: 'Join a pair', exact: true })).toBeFocused();
    await expect(panel).toContainText('Nothing is written before you say so.');
    await expect(panel.getByRole('button', { name: 'Ask for the pair' })).toBeDisabled();
    await expectAccessible(page);
    await page.keyboard.press('Tab'); // the panel's Close
    await page.keyboard.press('Tab');
    await page.keyboard.type('10.0.0.11');
    await page.keyboard.press('Tab');
    await page.keyboard.type('7k2q 9m4x pd0r');
    await reply('pairs.take', preview);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Join “House”?' })).toBeFocused();
    expect(await calls('pairs.take')).toEqual([{ address: '10.0.0.11', code: '7k2q 9m4x pd0r' }]);
    await expect(panel).toContainText('Attic, standby');
    await expect(panel).toContainText('Den, primary');
    await expect(panel).toContainText('secrets/token-attic');
    await expect(panel).toContainText('its files are replaced');
    await expectAccessible(page);
    expect(await calls('pairs.writeTaken')).toEqual([]);
    await reply('pairs.writeTaken', done);
    await panel.getByRole('button', { name: 'Write the files' }).press('Enter');
    await expect(
      page.getByRole('heading', { name: 'This computer has what its guardian needs' }),
    ).toBeFocused();
    await expect(panel).toContainText('node guardian.js');
    await reply('pairs.askTakenToken', { given: true });
    await panel.getByRole('button', { name: 'Enter the token of Attic' }).press('Enter');
    await expect(panel.getByText('The token of Attic is in its file.')).toBeVisible();
    expect(await calls('pairs.askTakenToken')).toEqual([{ gateway: 'Attic' }]);
    await expectAccessible(page);
    await panel.getByRole('button', { name: 'Close' }).last().click();
    expect(await calls('panel.open')).toEqual([{ panel: 'failover' }]);
    await expect(panel.getByLabel('Pairing code')).toHaveValue('');
    expect(errors).toEqual([]);
  });

test('takes CODE@ADDRESS in one field, and says what went wrong', async () => {
  const { page, fail, calls } = await openShell(app, joining);
  const panel = panelOf(page);
  await panel.getByLabel('Pairing code').fill('7K2Q-9M4X-PD0R@10.0.0.11:18999');
  await expect(panel.getByLabel('Address of the other computer')).toHaveValue('10.0.0.11:18999');
  await fail('pairs.take', unknownCode);
  await panel.getByRole('button', { name: 'Ask for the pair' }).click();
  await expect(panel.getByRole('alert')).toHaveText(unknownCode);
  await expect(panel.getByLabel('Pairing code')).toHaveValue('7K2Q-9M4X-PD0R'); // nothing is lost
  expect(await calls('pairs.take')).toHaveLength(1);
  await expectAccessible(page);
  await panel.getByLabel('Pairing code').fill('7K2Q-9M4X-PD0S');
  await expect(panel.getByRole('alert')).toHaveText('');
});

test('is cancelled while it asks, and before it writes', async () => {
  const { page, reply, calls } = await openShell(app, joining);
  const panel = panelOf(page);
  await panel.getByLabel('Address of the other computer').fill('10.0.0.11');
  await panel.getByLabel('Pairing code').fill('7K2Q-9M4X-PD0R');
  await app.evaluate(() => {
    mock.replies.set('pairs.take', () => new Promise(() => undefined)); // the other computer says nothing
  });
  await panel.getByRole('button', { name: 'Ask for the pair' }).click();
  await expect(panel.getByRole('status')).toHaveText('Asking 10.0.0.11');
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByRole('button', { name: 'Ask for the pair' })).toBeEnabled();
  expect(await calls('pairs.cancelTake')).toHaveLength(1);
  await reply('pairs.take', preview);
  await panel.getByRole('button', { name: 'Ask for the pair' }).click();
  await panel.getByRole('button', { name: 'Cancel' }).click();
  await expect(panel.getByLabel('Pairing code')).toHaveValue('');
  expect(await calls('pairs.cancelTake')).toHaveLength(2);
  expect(await calls('pairs.writeTaken')).toEqual([]);
});

test('keeps what was taken when the disk is full', async () => {
  const { page, reply, fail } = await openShell(app, joining);
  const panel = panelOf(page);
  await panel.getByLabel('Pairing code').fill('7K2Q-9M4X-PD0R@10.0.0.11');
  await reply('pairs.take', preview);
  await panel.getByRole('button', { name: 'Ask for the pair' }).click();
  await fail('pairs.writeTaken', 'The files could not be written: no space');
  await panel.getByRole('button', { name: 'Write the files' }).click();
  await expect(panel.getByRole('alert')).toHaveText('The files could not be written: no space');
  await expect(panel.getByRole('button', { name: 'Write the files' })).toBeEnabled();
});
