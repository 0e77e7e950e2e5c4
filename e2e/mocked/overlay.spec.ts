import { expect, test } from '@playwright/test';
import type { ElectronApplication } from '@playwright/test';

import type { Dialog, OverlayState } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openOverlay } from './harness.ts';
import { personal, work } from './states.ts';

const quiet: OverlayState = { palette: null, dialog: null, toasts: [] };
const commands = [
  { id: 'focus-home', label: 'Focus Home', hint: 'Ctrl 1' },
  { id: 'focus-acme', label: 'Focus Acme', hint: 'Ctrl 2' },
  { id: 'rules', label: 'Open the rules', hint: '' },
];
const link: Dialog = {
  kind: 'link',
  url: 'https://example.org.evil.example/a?b=c',
  host: 'example.org.evil.example',
  from: 'Home',
  domain: personal,
};
const token: Dialog = { kind: 'token', gatewayId: 'cloud', gatewayName: 'Acme', domain: work };

const danger: Dialog = {
  kind: 'danger',
  title: 'Force Home standby to be active?',
  paragraphs: ['The evidence is skipped.', 'Turns that run are cut.'],
  word: 'Home',
  action: 'Force the takeover',
  domain: personal,
};
const secret: Dialog = {
  kind: 'secret',
  title: 'Secret of the witness',
  detail: 'In the keyring.',
};

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

test('finds a command by typing and runs it with Enter', async () => {
  const { page, calls, errors } = await openOverlay(app, { ...quiet, palette: commands });
  await expect(page.getByRole('combobox')).toBeFocused();
  await page.keyboard.type('acm');
  await expect(page.getByRole('option')).toHaveText(['Focus AcmeCtrl 2']);
  await page.keyboard.press('Enter');
  expect(await calls('palette.run')).toEqual([{ id: 'focus-acme' }]);
  await page.getByRole('combobox').fill('');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.keyboard.press('Escape');
  await expect.poll(() => calls('overlay.close')).toHaveLength(1);
  expect(await calls('palette.run')).toEqual([{ id: 'focus-acme' }, { id: 'rules' }]);
  expect(errors).toEqual([]);
});

test('asks about a link with the host on show and Cancel first', async () => {
  const { page, calls } = await openOverlay(app, { ...quiet, dialog: link });
  const dialog = page.getByRole('dialog', { name: 'Open this link in your browser?' });
  await expect(dialog).toContainText('example.org.evil.example');
  await expect(dialog).toContainText('https://example.org.evil.example/a?b=c');
  await expect(dialog.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await page.keyboard.press('Enter');
  await expect.poll(() => calls('overlay.close')).toHaveLength(1);
  expect(await calls('dialog.confirm')).toEqual([]);
  await dialog.getByRole('button', { name: 'Open in browser' }).click();
  expect(await calls('dialog.confirm')).toEqual([{ value: null }]);
});

test('hands a token over once and keeps nothing of it', async () => {
  const { page, calls } = await openOverlay(app, { ...quiet, dialog: token });
  const field = page.getByLabel('Token', { exact: true });
  await expect(field).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('s3cret');
  await page.keyboard.press('Enter');
  await expect.poll(() => calls('dialog.confirm')).toEqual([{ value: 's3cret' }]);
  await expect(field).toHaveValue('');
  expect(await page.content()).not.toContain('s3cret');
});

test('goes ahead with what may hurt only once its word is typed, not on a stray Enter', async () => {
  const { page, calls } = await openOverlay(app, { ...quiet, dialog: danger });
  const dialog = page.getByRole('dialog', { name: 'Force Home standby to be active?' });
  await expect(dialog).toContainText('The evidence is skipped.');
  await expect(page.getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Enter');
  await page.keyboard.type('Hom');
  await page.keyboard.press('Enter');
  await expect(dialog.getByRole('button', { name: 'Force the takeover' })).toBeDisabled();
  await page.keyboard.type('e');
  await page.keyboard.press('Enter');
  await expect.poll(() => calls('dialog.confirm')).toEqual([{ value: 'Home' }]);
});

test('takes Escape for no, and stays until main has closed it', async () => {
  const { page, calls } = await openOverlay(app, { ...quiet, dialog: link });
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect.poll(() => calls('overlay.close')).toHaveLength(1);
  // A second Escape would close a native dialog whatever the page says: it must still be there.
  await page.keyboard.press('Escape');
  await expect.poll(() => calls('overlay.close')).toHaveLength(2);
  await expect(page.getByRole('dialog')).toBeVisible();
});

test('shows toasts and lets them be dismissed', async () => {
  const { page, tell, calls } = await openOverlay(app, quiet);
  await tell('overlay.changed', {
    ...quiet,
    toasts: [{ id: 't1', tone: 'error', text: 'It broke.' }],
  });
  await expect(page.getByRole('region', { name: 'Messages from Switchyard' })).toContainText(
    'Error: It broke.',
  );
  await page.getByRole('button', { name: 'Dismiss' }).click();
  expect(await calls('toast.dismiss')).toEqual([{ id: 't1' }]);
});

for (const dark of [false, true]) {
  test(`has no accessibility fault, ${dark ? 'dark' : 'light'}`, async () => {
    const toasts = [{ id: 't1', tone: 'warning', text: 'Careful.' }] as const;
    const { page, tell } = await openOverlay(
      app,
      { ...quiet, palette: commands, toasts },
      { dark },
    );
    await expect(page.getByRole('option')).toHaveCount(3);
    await expectAccessible(page);
    for (const dialog of [link, token, danger, secret]) {
      await tell('overlay.changed', { ...quiet, dialog });
      await expect(page.getByRole('dialog')).toBeVisible();
      await expectAccessible(page);
    }
    await tell('overlay.changed', { ...quiet, toasts });
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await expectAccessible(page);
  });
}
