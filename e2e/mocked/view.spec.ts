import { expect, test } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

import type { TranscriptMessage } from '../../src/shared/index.ts';
import { expectAccessible, launchFixture, openView } from './harness.ts';
import { nowMs } from './pair-states.ts';
import { conversation, head, hostile, message, sample } from './states.ts';

let app: ElectronApplication;
test.beforeAll(async () => {
  app = await launchFixture();
});
test.afterAll(async () => {
  await app.close();
});

const log = (page: Page) => page.getByRole('log', { name: 'Conversation with Home' });
const fromEnd = (page: Page) =>
  log(page).evaluate((element) =>
    Math.round(element.scrollHeight - element.scrollTop - element.clientHeight),
  );

test('shows a conversation with its landmarks and reasons', async () => {
  const { page, errors } = await openView(app, { ...sample, head: { ...head, runId: 'run-1' } });
  await expect(page.getByRole('region', { name: 'Home, personal: conversation' })).toBeVisible();
  await expect(
    page.getByRole('listbox', { name: 'Sessions of Home' }).getByRole('option'),
  ).toHaveCount(3);
  const reason = log(page).getByText('Came here because it contains “garden” (rule 3, Home words)');
  await expect(reason).toHaveCSS('text-align', 'right');
  await expect(log(page).getByRole('heading', { name: 'Heating' })).toBeVisible();
  await expect(page.getByRole('status')).toContainText('Home is answering');
  expect(errors).toEqual([]);
});

for (const dark of [false, true]) {
  test(`has no accessibility fault, ${dark ? 'dark' : 'light'}`, async () => {
    const { page, tell } = await openView(
      app,
      { ...sample, head: { ...head, runId: 'run-1' } },
      { dark },
    );
    await expectAccessible(page);
    await tell('pane.changed', { ...conversation([]), revision: 2 });
    await expect(page.getByText('Nothing said here yet')).toBeVisible();
    await expectAccessible(page);
  });
}

test('renders hostile text inert', async () => {
  const everywhere = [
    message('1', 'user', hostile),
    message('2', 'assistant', hostile),
    message('3', 'tool', hostile),
    message('5', 'assistant', hostile, { status: 'streaming' }),
  ];
  const sessions = [{ key: 'main', title: hostile.slice(0, 400), updatedAtMs: 0, running: false }];
  const { page, outside, errors } = await openView(app, conversation(everywhere, { sessions }));
  await expect(log(page)).toContainText('Image not loaded: pixel (https://evil.example/pixel.png)');
  const made = await log(page).evaluate((element) => ({
    forbidden: element.querySelectorAll(
      'script, img, iframe, svg, style, link, base, meta, object, embed, form, input, video, audio, a[href], [src], [onerror], [onload]',
    ).length,
    widest: element.scrollWidth - element.clientWidth,
    broken: 'broken' in window,
  }));
  expect(made).toEqual({ forbidden: 0, widest: 0, broken: false });
  await page.getByRole('button', { name: 'good' }).first().click();
  const links = await log(page)
    .getByRole('button', { name: /run|data|file|plain|ref/ })
    .count();
  expect(links).toBe(0);
  expect(await outside()).toEqual({ requests: [], navigations: [] });
  expect(errors).toEqual([]);
});

test('says quietly where the conversation went on, between what was said before and after', async () => {
  const continued = [
    { atMs: nowMs - 30_000, member: 'Bath', complete: true },
    { atMs: nowMs - 25_000, member: 'Attic', complete: false },
    { atMs: nowMs - 1000, member: 'Bath', complete: true },
  ];
  const { page, errors } = await openView(app, { ...sample, head: { ...head, continued } });
  const notes = log(page).getByRole('note');
  await expect(notes).toHaveText([
    /^Continued on Attic, .+\. It does not know all that was said before\.$/,
    /^Continued on Bath, \d{1,2}:\d{2}/,
  ]);
  const order = await log(page).evaluate((element) =>
    [...element.querySelectorAll('[role="note"], [data-role]')].map(
      (part) => part.getAttribute('data-role') ?? 'note',
    ),
  );
  expect(order.slice(-4)).toEqual(['note', 'user', 'assistant', 'note']);
  await expectAccessible(page);
  expect(errors).toEqual([]);
});

test('says that a gateway without a copy was told what was said before, as the second best', async () => {
  const continued = [{ atMs: nowMs - 25_000, member: 'Attic', complete: false, told: 12 }];
  const { page } = await openView(app, { ...sample, head: { ...head, continued } });
  await expect(log(page).getByRole('note')).toHaveText(
    /^Continued on Attic, .+\. Second best: .+ was told 12 messages of it, once\.$/,
  );
  await expectAccessible(page);
});

test('a failover leaves the person where they were reading', async () => {
  const long = Array.from({ length: 60 }, (_, index) =>
    message(`m${index}`, 'assistant', `Paragraph ${index}\n\n`.repeat(4), {
      atMs: nowMs - (60 - index) * 1000,
    }),
  );
  const { page, tell } = await openView(app, conversation(long));
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);
  await log(page).focus();
  const scrolled = log(page).evaluate(
    (element) => new Promise((done) => element.addEventListener('scrollend', done, { once: true })),
  );
  await page.keyboard.press('PageUp');
  await scrolled;
  const before = await log(page).evaluate((element) => element.scrollTop);
  const continued = [{ atMs: nowMs, member: 'Bath', complete: true }];
  const after = message('after', 'assistant', 'Bath says '.repeat(400), { atMs: nowMs + 1000 });
  await tell(
    'pane.changed',
    {
      ...conversation(long, {
        continued,
        state: { phase: 'starting', sinceMs: 0, step: 'warming' },
      }),
      revision: 2,
    },
    { ...conversation([...long, after], { continued }), revision: 3 },
  );
  await expect(log(page).getByRole('note')).toHaveText(/^Continued on Bath/);
  expect(await log(page).evaluate((element) => element.scrollTop)).toBe(before);
  await expect(log(page)).toBeFocused();
});

test('asks before a link is opened, and goes nowhere', async () => {
  const { page, calls, outside } = await openView(app, sample);
  await page.getByRole('button', { name: 'the manual' }).click();
  expect(await calls('link.ask')).toEqual([
    { url: 'https://example.org/heating/manual?chapter=4' },
  ]);
  expect((await outside()).navigations).toEqual([]);
});

test('reports what is copied, by selection and by button', async () => {
  const { page, calls } = await openView(app, sample);
  const question = page.getByText('And the garden?', { exact: true });
  await question.selectText();
  await page.keyboard.press('ControlOrMeta+c');
  await expect.poll(() => calls('copied.text')).toEqual([{ text: 'And the garden?' }]);
  await page.getByRole('button', { name: 'Copy code' }).click();
  await expect.poll(() => calls('copied.text')).toHaveLength(2);
  expect((await calls('copied.text'))[1]).toEqual({
    text: 'schedule:\n  away: { from: 2026-10-12T10:00, flow: 17 }\n',
  });
  expect(await app.evaluate(({ clipboard }) => clipboard.readText())).toContain('schedule:');
});

test('keeps to the end while an answer streams, and lets the person read above', async () => {
  const long = Array.from({ length: 40 }, (_, index) =>
    message(`m${index}`, 'assistant', `Paragraph ${index}\n\n`.repeat(4)),
  );
  const { page, tell } = await openView(app, conversation(long));
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);
  const answer = (text: string): TranscriptMessage =>
    message('a', 'assistant', text, { status: 'streaming' });
  await tell('pane.changed', { revision: 2, head, upsert: [answer('line\n\n'.repeat(60))] });
  await expect(log(page).locator('.streaming')).toContainText('line');
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);

  await log(page).focus();
  const scrolled = log(page).evaluate(
    (element) => new Promise((done) => element.addEventListener('scrollend', done, { once: true })),
  );
  await page.keyboard.press('PageUp');
  await scrolled;
  await expect(page.getByRole('button', { name: 'New messages' })).toBeVisible();
  const before = await log(page).evaluate((element) => element.scrollTop);
  await tell('pane.changed', { revision: 3, head, upsert: [answer('line\n\n'.repeat(120))] });
  await expect.poll(() => fromEnd(page)).toBeGreaterThan(1000);
  expect(
    Math.abs((await log(page).evaluate((element) => element.scrollTop)) - before),
  ).toBeLessThan(40);

  await page.getByRole('button', { name: 'New messages' }).click();
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);
});

test('shows a thousand messages and five hundred deltas to the last word', async () => {
  const many = Array.from({ length: 1000 }, (_, index) =>
    message(
      `m${index}`,
      index % 2 === 0 ? 'user' : 'assistant',
      `Message **${index}**\n\n- one\n- two\n\n\`\`\`js\nlet x = ${index}\n\`\`\``,
    ),
  );
  const { page, tell } = await openView(app, conversation(many));
  await expect(log(page).locator('[data-role]')).toHaveCount(1000);
  await expect(log(page).getByText('Message 999')).toBeInViewport();
  const words = Array.from({ length: 500 }, (_, index) => `word${index}`);
  const deltas = words.map((_, index) => ({
    revision: index + 2,
    head,
    upsert: [
      message('a', 'assistant', words.slice(0, index + 1).join(' '), {
        status: index === 499 ? 'done' : 'streaming',
      }),
    ],
  }));
  await tell('pane.changed', ...deltas);
  await expect(log(page)).toContainText('word499');
  await expect.poll(() => fromEnd(page)).toBeLessThan(2);
  // What is far away stays plain text until the person comes near it.
  expect(await log(page).locator('strong').count()).toBeLessThan(200);
  await log(page).focus();
  await page.keyboard.press('Home');
  await expect(log(page).locator('strong', { hasText: /^1$/ })).toBeInViewport();
});

test('walks the sessions with arrows and opens one with Enter', async () => {
  const { page, calls } = await openView(app, sample);
  await page.getByRole('option', { name: 'Main' }).focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option', { name: /^Night train/ })).toBeFocused();
  expect(await calls('session.select')).toEqual([]);
  await page.keyboard.press('Enter');
  expect(await calls('session.select')).toEqual([{ key: 'trip' }]);
});

test('stops a run, and says why it could not', async () => {
  const { page, calls, fail } = await openView(app, {
    ...sample,
    head: { ...head, runId: 'run-1' },
  });
  await fail('run.stop', 'The run is over.');
  await page.getByRole('button', { name: 'Stop' }).click();
  expect(await calls('run.stop')).toEqual([undefined]);
  await expect(page.getByRole('alert')).toContainText('The run is over.');
});

test('passes the focus on at both ends', async () => {
  const { page, tell, calls } = await openView(app, conversation([]), { width: 480 });
  await tell('focus.enter', { from: 'end' });
  await expect(log(page)).toBeFocused();
  await page.keyboard.press('Tab');
  await expect.poll(() => calls('focus.leave')).toEqual([{ direction: 'forward' }]);
  await tell('focus.enter', { from: 'start' });
  await expect(page.getByRole('navigation').locator(':focus')).toBeVisible();
  await page.keyboard.press('Shift+Tab');
  await expect.poll(() => calls('focus.leave')).toHaveLength(2);
});
