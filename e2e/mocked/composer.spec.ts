import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { RouteDecision, SendConfirmation } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openShell } from './harness.ts';
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

const guarded: RouteDecision = {
  ...undecided,
  via: 'guard',
  because: { code: 'trust', source: 'personal', target: 'work' },
};
const toConfirm: SendConfirmation = {
  digest: 'd1',
  paneId: 'acme',
  domain: 'work',
  text: 'the code of the door is 4711, see you',
  spans: [{ start: 4, end: 28, domain: 'personal' }],
};

for (const dark of [false, true])
  test(`text of another domain is shown and sent by one more step, ${dark ? 'dark' : 'light'}`, async () => {
    const { page, calls, reply, fail } = await openShell(app, calm, { route: guarded, dark });
    await reply('composer.confirmation', toConfirm);
    await message(page).fill(toConfirm.text);
    await expect(route(page)).toContainText('This includes text from personal. Send to work?');
    const step = page.getByRole('group', { name: 'Confirm what is sent' });
    await expect(step).toHaveCount(0);
    await message(page).press('Enter');
    await expect(step.getByRole('group', { name: 'What would be sent' })).toHaveText(
      toConfirm.text,
    );
    await expect(step.locator('mark')).toHaveText('code of the door is 4711');
    await expect(message(page)).toBeHidden();
    await page.keyboard.press('Enter'); // the text has the focus: nothing happens
    const send = step.getByRole('button', { name: 'Send to work' });
    await expect(send).toHaveAttribute('aria-disabled', 'false');
    await expectAccessible(page);
    await page.keyboard.press('Escape');
    await expect(message(page)).toBeFocused();
    await expect(message(page)).toHaveValue(toConfirm.text);
    await page.getByRole('button', { name: 'Send', exact: true }).click();
    await expect(send).toHaveAttribute('aria-disabled', 'false');
    await fail('composer.confirm', 'The text or its destination has changed.');
    await send.click();
    await expect(page.getByRole('alert').first()).toContainText('its destination has changed');
    await expect(message(page)).toHaveValue(toConfirm.text);
    await message(page).press('Enter');
    await reply('composer.confirm', { id: 'm9' });
    await expect(send).toHaveAttribute('aria-disabled', 'false');
    await reply('composer.confirmation', null);
    await send.press('Enter');
    await expect(message(page)).toHaveValue('');
    await expect(message(page)).toBeFocused();
    expect((await calls('composer.confirm')).at(-1)).toEqual({
      text: toConfirm.text,
      binding: null,
      shown: 'acme',
      digest: 'd1',
    });
    expect(await calls('composer.send')).toEqual([]);
  });

test('text that nothing lets through is not sent, and says why', async () => {
  const { page, calls } = await openShell(app, calm, { route: guarded });
  await message(page).fill('hello');
  await expect(route(page)).toContainText('may not go to work');
  await page.keyboard.press('Enter');
  await expect(route(page)).toContainText('Not sent yet.');
  expect(await calls('composer.send')).toEqual([]);
  expect(await calls('composer.confirm')).toEqual([]);
});
