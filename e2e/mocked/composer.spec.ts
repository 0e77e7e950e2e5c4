import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import { launchFixture, openShell } from './harness.ts';
import { calm, routeTo, undecided } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

const message = (page: Page) => page.getByRole('textbox', { name: 'Message' });
const route = (page: Page) => page.getByRole('status', { name: 'Route' });

test('shows the route, sends it with Enter and clears the text', async () => {
  const { page, calls, errors } = await openShell(app, calm, { route: routeTo('acme') });
  await message(page).focus();
  await page.keyboard.type('Plan for ATLAS');
  await expect(route(page)).toContainText('Acme, because it contains “ATLAS” (rule 1, Projects)');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('by Friday');
  await page.keyboard.press('Enter');
  await expect(message(page)).toHaveValue('');
  expect(await calls('composer.send')).toEqual([
    { text: 'Plan for ATLAS\nby Friday', binding: null, shown: 'acme' },
  ]);
  await expect
    .poll(async () => (await calls('composer.saveDraft')).at(-1))
    .toEqual({ text: '', binding: null });
  expect(errors).toEqual([]);
});

test('goes round the panes with Tab, and lets go after Escape', async () => {
  const { page, calls } = await openShell(app, calm, { route: routeTo('home') });
  await message(page).fill('hello');
  for (const binding of ['home', 'acme', null, 'home']) {
    await page.keyboard.press('Tab');
    await expect
      .poll(async () => (await calls('composer.preview')).at(-1))
      .toEqual({ text: 'hello', binding });
  }
  await expect(page.getByText('Bound to Home')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByText('Tab now moves on.')).toBeVisible();
  await page.keyboard.press('Tab');
  await expect(page.getByRole('button', { name: 'Send', exact: true })).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(message(page)).toBeFocused();
  await page.keyboard.press('Shift+Tab');
  await expect(page.getByRole('button', { name: 'Stop sending to Home' })).toBeFocused();
});

test('asks where to, does not send, and takes a choice', async () => {
  const { page, calls, reply } = await openShell(app, calm, { route: undecided });
  await message(page).fill('hello');
  await expect(route(page)).toContainText('no rule matches; press Tab to choose');
  await page.keyboard.press('Enter');
  await expect(route(page)).toContainText('Not sent yet.');
  await reply('composer.preview', routeTo('home'));
  await page
    .getByRole('group', { name: 'Choose where it goes' })
    .getByRole('button', { name: 'To Home' })
    .click();
  await expect(message(page)).toBeFocused();
  await expect(route(page)).toContainText('Home, because');
  expect(await calls('composer.send')).toEqual([]);
  await page.keyboard.press('Enter');
  await expect
    .poll(() => calls('composer.send'))
    .toEqual([{ text: 'hello', binding: 'home', shown: 'home' }]);
});

test('keeps the text when sending fails, and says why', async () => {
  const { page, fail } = await openShell(app, calm, { route: routeTo('home') });
  await fail('composer.send', 'The disk is full.');
  await message(page).fill('precious');
  await expect(route(page)).toContainText('Home, because');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('alert')).toContainText(
    'Not sent; the text is still here. The disk is full.',
  );
  await expect(message(page)).toHaveValue('precious');
});

test('brings the stored draft back and saves what is typed', async () => {
  const { page, reply, calls } = await openShell(app, calm, { route: routeTo('home') });
  await reply('composer.load', { text: 'half a tho', binding: 'acme' });
  await page.reload();
  await expect(message(page)).toHaveValue('half a tho');
  await message(page).press('End');
  await page.keyboard.type('ught');
  await expect
    .poll(async () => (await calls('composer.saveDraft')).at(-1))
    .toEqual({ text: 'half a thought', binding: 'acme' });
});

test('takes a binding from a click into a pane without taking the focus', async () => {
  const { page, tell, calls } = await openShell(app, calm, { route: routeTo('acme') });
  await page.getByRole('button', { name: 'Palette' }).focus();
  await tell('composer.take', { binding: 'acme' });
  await expect(page.getByText('Bound to Acme')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Palette' })).toBeFocused();
  await tell('composer.take', { text: 'from the palette' });
  await expect(message(page)).toBeFocused();
  await expect
    .poll(async () => (await calls('composer.preview')).at(-1))
    .toEqual({ text: 'from the palette', binding: 'acme' });
});

test('leaves Enter to an input method that is composing', async () => {
  const { page, calls } = await openShell(app, calm, { route: routeTo('home') });
  await message(page).fill('にほ');
  await expect(route(page)).toContainText('Home, because');
  await message(page).evaluate((element) =>
    element.dispatchEvent(
      new KeyboardEvent('keydown', {
        key: 'Enter',
        bubbles: true,
        cancelable: true,
        isComposing: true,
      }),
    ),
  );
  await message(page).press('a');
  await expect.poll(async () => (await calls('composer.preview')).length).toBeGreaterThan(2);
  expect(await calls('composer.send')).toEqual([]);
});
