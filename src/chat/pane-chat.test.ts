import { beforeEach, describe, expect, test } from 'vitest';

import { createLogger, ok } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { OutboxItem } from '../shared/index.ts';
import { memoryDatabase } from '../store/testing/memory-stores.ts';
import { outboxItem } from '../store/testing/store-conformance.ts';
import type { AdmittedEvent } from '../trust/index.ts';
import { createPaneChat } from './pane-chat.ts';
import type { PaneChat } from './pane-chat.ts';
import type { ChatGateway } from './ports.ts';

/** A gateway whose questions are answered by the test, one by one, in any order. */
function gatewayCalled(id: string) {
  const open: { readonly method: string; readonly answer: (value: unknown) => void }[] = [];
  const gateway: ChatGateway = {
    id,
    isReady: () => true,
    request: (method) =>
      new Promise((resolve) => {
        open.push({
          method,
          answer: (value) => {
            resolve(ok(value));
          },
        });
      }),
  };
  const answer = async (method: string, value: unknown = {}): Promise<void> => {
    const index = open.findIndex((question) => question.method === method);
    const [question] = index === -1 ? [] : open.splice(index, 1);
    if (question === undefined) throw new Error(`${id} was not asked ${method}`);
    question.answer(value);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { gateway, answer, asked: () => open.map((question) => question.method) };
}

const history = (text: string): unknown => ({
  messages: [{ role: 'user', content: text, timestamp: 1, __openclaw: { id: text } }],
});
const listOf = (key: string): unknown => ({ sessions: [{ key }] });

let a: ReturnType<typeof gatewayCalled>;
let b: ReturnType<typeof gatewayCalled>;
let active: ReturnType<typeof gatewayCalled>;
let ended: string[];
let chat: PaneChat;

beforeEach(() => {
  a = gatewayCalled('a');
  b = gatewayCalled('b');
  active = a;
  ended = [];
  chat = createPaneChat({
    paneId: 'home',
    active: () => active.gateway,
    sessions: memoryDatabase().sessions,
    changed: () => undefined,
    reason: () => null,
    runEnded: (runId, outcome, problem) => {
      ended.push(`${runId} ${outcome} ${problem}`.trim());
    },
    newId: () => 'n1',
    clock: manualClock(),
    logger: createLogger('test', () => 0, []),
  });
});

const texts = (): string[] => chat.state().messages.map((message) => message.text);
const keys = (): string[] => chat.state().sessions.map((session) => session.key);
const failOver = (): void => {
  active = b;
  chat.moved();
  void chat.refresh();
};
const answerAll = async (gateway: typeof a, name: string): Promise<void> => {
  await gateway.answer('sessions.subscribe');
  await gateway.answer('sessions.messages.subscribe');
  await gateway.answer('chat.history', history(`${name} says`));
  await gateway.answer('sessions.list', listOf(`agent:main:${name}`));
};

const final = (runId: string, text: string): Extract<AdmittedEvent, { kind: 'chat' }> => ({
  kind: 'chat',
  sessionKey: 'agent:main:main',
  runId,
  seq: 1,
  state: 'final',
  text,
  delta: null,
  replace: false,
  stopReason: 'stop',
  error: null,
});

describe('after a failover', () => {
  test('a late receipt of the old gateway asks it nothing more', async () => {
    void chat.refresh();
    failOver();
    await answerAll(b, 'b');
    await a.answer('sessions.subscribe');
    expect(a.asked()).toEqual([]);
    expect(texts()).toEqual(['b says']);
  });

  test('a late receipt for the messages of a session does not either', async () => {
    void chat.refresh();
    await a.answer('sessions.subscribe');
    failOver();
    await a.answer('sessions.messages.subscribe');
    expect(a.asked()).toEqual(['sessions.list']);
  });

  test('neither transcript nor sessions of the old one replace those of the new one', async () => {
    void chat.refresh();
    await a.answer('sessions.subscribe');
    await a.answer('sessions.messages.subscribe');
    failOver();
    await answerAll(b, 'b');
    await a.answer('chat.history', history('a says'));
    await a.answer('sessions.list', listOf('agent:main:a'));
    expect(texts()).toEqual(['b says']);
    expect(keys()).toEqual(['agent:main:main', 'agent:main:b']);
  });

  test('the list of sessions stays until the new one gives its own', async () => {
    void chat.refresh();
    await answerAll(a, 'a');
    failOver();
    expect(keys()).toContain('agent:main:a');
    await answerAll(b, 'b');
    expect(keys()).toEqual(['agent:main:main', 'agent:main:b']);
  });

  test('a list that the old one never gives does not keep the new one’s away', async () => {
    void chat.refresh();
    await a.answer('sessions.subscribe');
    expect(a.asked()).toContain('sessions.list');
    failOver();
    await answerAll(b, 'b');
    expect(keys()).toContain('agent:main:b');
  });

  test('a late list of the old one does not let a second one of the new one begin', async () => {
    void chat.refresh();
    await a.answer('sessions.subscribe');
    failOver();
    await b.answer('sessions.subscribe');
    await a.answer('sessions.list', listOf('agent:main:a'));
    chat.admitted({ kind: 'sessions-changed', sessionKey: null, reason: '' });
    expect(b.asked().filter((method) => method === 'sessions.list')).toHaveLength(1);
  });
});

test('the history of a session that was left while the gateway went away is not shown in the next', async () => {
  void chat.refresh();
  await a.answer('sessions.subscribe');
  await a.answer('sessions.messages.subscribe');
  active = { ...a, gateway: { ...a.gateway, isReady: () => false } };
  void chat.select('agent:main:other');
  await a.answer('chat.history', history('of the first'));
  expect(texts()).toEqual([]);
  expect(chat.state().loading).toBe(false);
});

describe('how a run ends', () => {
  const event = (change: Partial<Extract<AdmittedEvent, { kind: 'chat' }>>): AdmittedEvent => ({
    kind: 'chat',
    sessionKey: 'agent:main:main',
    runId: 'k1',
    seq: 1,
    state: 'delta',
    text: 'Ec',
    delta: null,
    replace: false,
    stopReason: null,
    error: null,
    ...change,
  });

  test.each([
    ['final', 'stop', 'k1 done'],
    ['aborted', 'rpc', 'k1 stopped'],
    ['aborted', null, 'k1 stopped'],
    ['aborted', 'timeout', 'k1 error The gateway stopped the answer because it took too long.'],
    ['aborted', 'restart', 'k1 error The gateway restarted before the answer was complete.'],
  ] as const)('%s, %s: %s', (state, stopReason, expected) => {
    chat.admitted(event({}));
    chat.admitted(event({ state, stopReason, text: null }));
    expect(ended).toEqual([expected]);
    expect(chat.state().runId).toBeNull();
  });

  test('an answer that was cut short keeps what had come, and says why', () => {
    chat.admitted(event({}));
    chat.admitted(event({ state: 'aborted', stopReason: 'timeout', text: null }));
    expect(chat.state().messages.map(({ text, status }) => `${status}: ${text}`)).toEqual([
      'error: Ec',
      'error: The gateway stopped the answer because it took too long.',
    ]);
  });
});

describe('a message that joins the run of another', () => {
  const session = 'agent:main:main';
  const row = (role: 'user' | 'assistant', id: string, key: string | null): AdmittedEvent => ({
    kind: 'session-message',
    sessionKey: session,
    messageId: id,
    role,
    text: id,
    atMs: 1,
    runId: role === 'assistant' ? 'other-run' : null,
    idempotencyKey: key,
  });

  test('is not answered by the empty end of its own run, but by the first answer after its row', () => {
    chat.admitted(final('k2', ''));
    expect(ended).toEqual([]);
    chat.admitted(row('assistant', 'answer to the first', null));
    expect(ended).toEqual([]);
    chat.admitted(row('user', 'second', 'k2:user'));
    chat.admitted(row('assistant', 'answer to the second', null));
    expect(ended).toEqual(['k2 done']);
  });

  test('nor by the beginning of an answer that another gateway gave before a failover', async () => {
    chat.admitted(row('user', 'question', 'k4:user'));
    chat.admitted({ ...final('k4', 'Ec'), state: 'delta' });
    failOver();
    await b.answer('sessions.subscribe');
    await b.answer('sessions.messages.subscribe');
    await b.answer('chat.history', {
      messages: [
        {
          role: 'user',
          content: 'question',
          idempotencyKey: 'k4:user',
          timestamp: 1,
          __openclaw: { id: 'question' },
        },
      ],
    });
    chat.admitted(final('k4', ''));
    expect(ended).toEqual([]);
    chat.admitted(row('assistant', 'answer of a run that the gateway began itself', null));
    expect(ended).toEqual(['k4 done']);
  });

  test('a run that ends with nothing to say, after its message was recorded, is over', () => {
    chat.admitted(row('user', 'quiet', 'k3:user'));
    chat.admitted(final('k3', ''));
    expect(ended).toEqual(['k3 done']);
  });
});

test('a message that is given up goes away, unless the gateway has it', async () => {
  const sent = (id: string) => outboxItem(id, { text: id, createdAtMs: 2 });
  chat.sent(sent('k1'));
  chat.sent(sent('k2'));
  void chat.refresh();
  await a.answer('sessions.subscribe');
  await a.answer('sessions.messages.subscribe');
  await a.answer('chat.history', {
    messages: [
      { role: 'user', content: 'k1', idempotencyKey: 'k1:user', __openclaw: { id: 'r1' } },
    ],
  });
  for (const id of ['k1', 'k2']) chat.withdrawn(sent(id));
  expect(texts()).toEqual(['k1']);
});

test('an answer that was told while the pane went to another gateway is fetched once its message is done', async () => {
  const item = outboxItem('k5', { text: 'question', createdAtMs: 1 });
  chat.admitted({ ...final('k5', 'Ec'), state: 'delta' });
  failOver();
  await b.answer('sessions.subscribe');
  await b.answer('sessions.messages.subscribe');
  await b.answer('chat.history', { messages: [] });
  await b.answer('sessions.list');
  chat.putAway({ ...item, state: 'failed' });
  expect(b.asked()).toEqual([]);
  chat.putAway({ ...item, state: 'answered' });
  await b.answer('sessions.messages.subscribe');
  await b.answer('chat.history', {
    messages: [
      {
        role: 'assistant',
        content: 'Echo: question',
        timestamp: 3,
        __openclaw: { id: 'answer', runId: 'k5' },
      },
    ],
  });
  expect(texts()).toEqual(['Echo: question']);
  chat.putAway({ ...item, state: 'answered' });
  expect(b.asked()).toEqual([]);
});

describe('what a gateway without the conversation is told', () => {
  const main = 'agent:main:main';
  const item = (id: string, part: Partial<OutboxItem> = {}): OutboxItem => ({
    ...outboxItem(id),
    sessionKey: main,
    text: 'and now?',
    state: 'queued',
    ...part,
  });
  const rowsOf = (...texts: readonly string[]): unknown => ({
    hasMore: false,
    messages: texts.map((text, index) => ({
      role: 'user',
      content: text,
      timestamp: index + 1,
      __openclaw: { id: text },
    })),
  });
  const ask = async (id: string, answer: unknown, open: readonly string[] = []) => {
    const asked = chat.memoryFor(item(id), b.gateway, new Set(open));
    if (asked === null) return null;
    await b.answer('chat.history', answer);
    return asked;
  };
  /** The facts are said to `a`, then it is gone. */
  const begin = async (): Promise<void> => {
    void chat.refresh();
    await a.answer('sessions.subscribe');
    await a.answer('sessions.messages.subscribe');
    await a.answer('chat.history', rowsOf('My cat is Ada.', 'My dog is Bo.'));
    await a.answer('sessions.list', listOf(main));
    active = b;
    chat.moved();
  };

  test('is what was shown, with the first message alone', async () => {
    await begin();
    const memory = await ask('m1', rowsOf());
    expect(memory).toContain('{"said_by":"user","text":"My cat is Ada."}\n');
    expect(memory).toContain('My dog is Bo.');
    expect(chat.state().told).toBe(2);
    expect(await ask('m2', rowsOf())).toBeNull();
    expect(chat.state().told).toBe(2);
  });

  test('leaves out what it has, and what is still on its way to it', async () => {
    await begin();
    expect(await ask('m1', rowsOf('My cat is Ada.'), ['My dog is Bo.'])).toBeNull();
    expect(chat.state().told).toBe(0);
    chat.moved();
    expect(await ask('m2', rowsOf('My cat is Ada.'))).not.toContain('Ada');
  });

  test('is told again when the message came back, was given up, or the role moves on', async () => {
    await begin();
    await ask('m1', rowsOf());
    chat.sent(item('m1', { state: 'sending' }));
    expect(await ask('m2', rowsOf())).toBeNull();
    chat.sent(item('m1'));
    expect(chat.state().told).toBe(0);
    expect(await ask('m1', rowsOf())).toContain('Ada');
    chat.putAway(item('m1', { state: 'failed' }));
    expect(await ask('m2', rowsOf())).toContain('Ada');
    chat.putAway(item('m2', { state: 'answered' }));
    expect(await ask('m3', rowsOf())).toBeNull();
    chat.moved();
    expect(await ask('m3', rowsOf())).toContain('Ada');
  });

  test('is nothing without a failover, in another session, for a command, or when it moves on meanwhile', async () => {
    expect(chat.memoryFor(item('m0'), a.gateway, new Set())).toBeNull();
    await begin();
    for (const part of [{ sessionKey: 'agent:main:x' }, { text: ' /new' }])
      expect(chat.memoryFor(item('m1', part), b.gateway, new Set())).toBeNull();
    const asked = chat.memoryFor(item('m1'), b.gateway, new Set());
    chat.moved();
    await b.answer('chat.history', rowsOf());
    expect(await asked).toBeNull();
    expect(chat.state().told).toBe(0);
  });
});
