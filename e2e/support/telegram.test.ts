import { afterEach, beforeEach, expect, test } from 'vitest';

import { startTelegram, type Telegram } from './telegram.ts';

let telegram: Telegram;

beforeEach(async () => {
  telegram = await startTelegram();
});

afterEach(() => telegram.close());

interface Answer {
  readonly ok: boolean;
  readonly error_code?: number;
  readonly result?: unknown;
}

async function call(method: string, params: object = {}, root = telegram.apiRoot): Promise<Answer> {
  const response = await fetch(`${root}/bot${telegram.token}/${method}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(params),
  });
  return (await response.json()) as Answer;
}

async function poll(params: object, root?: string): Promise<readonly number[]> {
  const { result } = await call('getUpdates', params, root);
  return (result as { update_id: number }[]).map((update) => update.update_id);
}

async function untilPolling(who: string): Promise<void> {
  while (telegram.polling !== who) await new Promise((resolve) => setImmediate(resolve));
}

test('hands out an update again until it is confirmed', async () => {
  const [first, second] = [telegram.push('one'), telegram.push('two')];
  expect(await poll({})).toEqual([first, second]);
  expect(await poll({ limit: 1 })).toEqual([first]);
  expect(await poll({ offset: second })).toEqual([second]);
  expect(telegram.pending).toEqual([second]);
  expect(await poll({ offset: second + 1 })).toEqual([]);
  expect(telegram.pending).toEqual([]);
});

test('a poll waits for what a person writes', async () => {
  const answer = poll({ timeout: 30 }, telegram.apiRootFor('a'));
  await untilPolling('a');
  const id = telegram.push('hello');
  expect(await answer).toEqual([id]);
  expect(telegram.polling).toBeNull();
});

test('the second of two pollers ends the first with 409', async () => {
  const first = call('getUpdates', { timeout: 30 }, telegram.apiRootFor('a'));
  await untilPolling('a');
  const second = poll({ timeout: 30 }, telegram.apiRootFor('b'));
  expect(await first).toMatchObject({ ok: false, error_code: 409 });
  expect(telegram.conflicts).toBe(1);
  await untilPolling('b');
  const id = telegram.push('for b');
  expect(await second).toEqual([id]);
  expect(telegram.getUpdatesCalls.map(({ who }) => who)).toEqual(['a', 'b']);
});

test('a poller that hung up is no conflict', async () => {
  const leaving = new AbortController();
  const first = fetch(`${telegram.apiRoot}/a/bot${telegram.token}/getUpdates?timeout=30`, {
    signal: leaving.signal,
  });
  await untilPolling('a');
  leaving.abort();
  await expect(first).rejects.toThrow();
  while (telegram.polling !== null) await new Promise((resolve) => setImmediate(resolve));
  telegram.push('late');
  expect(await poll({ timeout: 30 })).toHaveLength(1);
  expect(telegram.conflicts).toBe(0);
});

test('keeps what the bot says, and its last edit', async () => {
  const told = telegram.waitForSent(({ text }) => text === 'better');
  const { result } = await call('sendMessage', { chat_id: 7, text: 'good' });
  const { message_id: id } = result as { message_id: number };
  expect(telegram.sent).toMatchObject([{ chatId: 7, text: 'good', messageId: id }]);
  await call('editMessageText', { chat_id: 7, message_id: id, text: 'better' });
  expect(await told).toMatchObject({ messageId: id });
  expect(telegram.sent).toHaveLength(1);
  expect(await call('editMessageText', { chat_id: 7, message_id: 999, text: 'x' })).toMatchObject({
    error_code: 400,
  });
});

test('reads forms as well', async () => {
  const form = new FormData();
  form.set('chat_id', '7');
  form.set('text', 'from a form');
  const url = `${telegram.apiRoot}/bot${telegram.token}/sendMessage`;
  await fetch(url, { method: 'POST', body: form });
  await fetch(url, { method: 'POST', body: new URLSearchParams({ chat_id: '8', text: 'coded' }) });
  expect(telegram.sent).toMatchObject([
    { chatId: 7, text: 'from a form' },
    { chatId: 8, text: 'coded' },
  ]);
});

test('knows its bot only, and tells what it cannot do', async () => {
  const stranger = await fetch(`${telegram.apiRoot}/bot1:wrong/getMe`);
  expect(stranger.status).toBe(401);
  expect(await call('getMe')).toMatchObject({ ok: true, result: { is_bot: true } });
  expect(await call('noSuchMethod')).toMatchObject({ ok: false, error_code: 404 });
});
