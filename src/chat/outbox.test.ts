import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';

import { createLogger, fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { GatewayFailure } from '../gateways/index.ts';
import { appError } from '../shared/index.ts';
import { memoryDatabase } from '../store/testing/memory-stores.ts';
import { createOutbox, findInHistory } from './outbox.ts';
import type { Outbox } from './outbox.ts';
import type { ChatGateway } from './ports.ts';

type Fate =
  | 'accepts'
  | 'rejects'
  | 'busy'
  | 'lost-before'
  | 'lost-after-recording'
  | 'lost-without-recording';

/** A gateway that keeps what it records, and loses connections as told. */
function gatewayCalled(id: string) {
  const recorded: string[] = [];
  const answered: string[] = [];
  const sends: string[] = [];
  const state = { ready: true, fate: 'accepts' as Fate };
  const failure = (
    kind: GatewayFailure['kind'],
    sent: boolean,
    retryable = false,
  ): Result<never, GatewayFailure> =>
    fail({ kind, sent, code: 'X', message: `${kind} it was`, retryable });
  const gateway: ChatGateway = {
    id,
    isReady: () => state.ready,
    request: async (method, params) => {
      await Promise.resolve();
      if (!state.ready) return failure('offline', false);
      if (method === 'chat.history') {
        return ok({
          messages: [
            ...recorded.map((key) => ({ role: 'user', idempotencyKey: `${key}:user` })),
            ...answered.map((key) => ({ role: 'assistant', __openclaw: { runId: key } })),
          ],
        });
      }
      const { idempotencyKey: key } = params as { readonly idempotencyKey: string };
      sends.push(key);
      switch (state.fate) {
        case 'accepts':
          if (!recorded.includes(key)) recorded.push(key);
          return ok({});
        case 'rejects':
          return failure('rejected', true);
        case 'busy':
          return failure('rejected', true, true);
        case 'lost-before':
          return failure('offline', false);
        case 'lost-after-recording':
          recorded.push(key);
          state.ready = false;
          return failure('offline', true);
        case 'lost-without-recording':
          state.ready = false;
          return failure('offline', true);
      }
    },
  };
  return { gateway, recorded, answered, sends, state };
}

const message = {
  paneId: 'home',
  domain: 'personal',
  sessionKey: 's',
  text: 'hello',
  because: { code: 'bound', name: 'Home' },
} as const;

let clock: ReturnType<typeof manualClock>;
let database: ReturnType<typeof memoryDatabase>;
let a: ReturnType<typeof gatewayCalled>;
let active: ReturnType<typeof gatewayCalled>;
let refusal: string | null;
let nextId: number;

beforeEach(() => {
  clock = manualClock();
  database = memoryDatabase();
  a = gatewayCalled('a');
  active = a;
  refusal = null;
  nextId = 1;
});

function open(): Outbox {
  return createOutbox({
    store: database.outbox,
    active: () => active.gateway,
    permit: () => (refusal === null ? ok(null) : fail(appError('denied', refusal))),
    changed: () => undefined,
    newId: () => `k${nextId++}`,
    clock,
    logger: createLogger('test', () => 0, []),
  });
}

const states = (outbox: Outbox): string[] =>
  outbox.open().map((item) => `${item.id} ${item.state}`);

describe('a message on its way', () => {
  test('is on disk before it leaves, acknowledged by its receipt, done with its answer', async () => {
    a.state.ready = false;
    const outbox = open();
    outbox.add(message);
    expect(database.outbox.get('k1')?.state).toBe('queued');
    a.state.ready = true;
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 acknowledged']);
    outbox.runEnded('k1', 'done', '');
    expect(states(outbox)).toEqual([]);
    expect(database.outbox.get('k1')?.state).toBe('answered');
  });

  test('does not leave without a permit, and says why', async () => {
    refusal = 'personal text';
    const outbox = open();
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({ state: 'failed', problem: 'personal text' });
    expect(a.sends).toEqual([]);
  });

  test('is not lost when the disk refuses it: it is not taken at all', () => {
    const outbox = open();
    database.outbox.insert({
      ...message,
      id: 'k1',
      state: 'queued',
      gatewayId: null,
      createdAtMs: 0,
      updatedAtMs: 0,
      problem: null,
    });
    expect(outbox.add(message).ok).toBe(false);
  });

  test('that never left waits and goes later; one that a gateway is too busy for is tried again by itself', async () => {
    const outbox = open();
    a.state.fate = 'lost-before';
    outbox.add(message);
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 queued']);
    a.state.fate = 'busy';
    await outbox.wake('home');
    a.state.fate = 'accepts';
    clock.advance(2_000);
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 acknowledged']);
    expect(a.recorded).toEqual(['k1']);
  });

  test('that a gateway refuses for good stays with the reason until a person decides', async () => {
    a.state.fate = 'rejects';
    const outbox = open();
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({ state: 'failed', problem: 'rejected it was' });
    a.state.fate = 'accepts';
    expect(outbox.retry('k1')).toMatchObject({ ok: true, value: { id: 'k2' } });
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k2 acknowledged']);
    expect(database.outbox.get('k1')).toBeNull();
  });

  test('is overtaken by no later one', async () => {
    a.state.fate = 'busy';
    const outbox = open();
    outbox.add(message);
    outbox.add({ ...message, text: 'second' });
    await outbox.wake('home');
    expect(a.sends.includes('k2')).toBe(false);
    a.state.fate = 'accepts';
    await outbox.wake('home');
    expect(a.recorded).toEqual(['k1', 'k2']);
  });

  test('can be given up while it waits, not once it has left', async () => {
    a.state.ready = false;
    const outbox = open();
    outbox.add(message);
    expect(outbox.discard('k1').ok).toBe(true);
    a.state.ready = true;
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.discard('k2')).toMatchObject({ ok: false, error: { code: 'denied' } });
  });
});

describe('a message whose fate is not known', () => {
  test('is looked up: recorded and answered is done', async () => {
    const outbox = open();
    a.state.fate = 'lost-after-recording';
    outbox.add(message);
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 uncertain']);
    a.answered.push('k1');
    a.state.ready = true;
    await outbox.wake('home');
    expect(states(outbox)).toEqual([]);
    expect(a.sends).toEqual(['k1']);
  });

  test('once acknowledged, stays so until the connection is lost', async () => {
    const outbox = open();
    outbox.add(message);
    await outbox.wake('home');
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 acknowledged']);
    await outbox.reconnected('home');
    expect(states(outbox)).toEqual(['k1 uncertain']);
    expect(a.sends).toEqual(['k1']);
  });

  test('is looked up: not recorded goes again under the same key', async () => {
    const outbox = open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    a.state = Object.assign(a.state, { ready: true, fate: 'accepts' });
    await outbox.wake('home');
    expect(a.sends).toEqual(['k1', 'k1']);
    expect(a.recorded).toEqual(['k1']);
  });

  test('recorded, not answered and not running: parked for the person', async () => {
    const outbox = open();
    a.state.fate = 'lost-after-recording';
    outbox.add(message);
    await outbox.wake('home');
    a.state.ready = true;
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 uncertain']);
    await outbox.wake('home');
    expect(a.sends).toEqual(['k1']);
  });

  test('is never given to another gateway by itself', async () => {
    const outbox = open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    active = b;
    await outbox.wake('home');
    expect(states(outbox)).toEqual(['k1 uncertain']);
    expect(b.sends).toEqual([]);
    outbox.retry('k1');
    await outbox.wake('home');
    expect(b.recorded).toEqual(['k2']);
  });

  test('one that still waited to leave does go to the gateway that took over', async () => {
    a.state.ready = false;
    const outbox = open();
    outbox.add(message);
    const b = gatewayCalled('b');
    active = b;
    await outbox.wake('home');
    expect(b.recorded).toEqual(['k1']);
  });

  test('after a crash of the app, what was being sent is uncertain and looked up', async () => {
    database.outbox.insert({
      ...message,
      id: 'k9',
      state: 'sending',
      gatewayId: 'a',
      createdAtMs: 0,
      updatedAtMs: 0,
      problem: null,
    });
    a.recorded.push('k9');
    a.answered.push('k9');
    const outbox = open();
    expect(states(outbox)).toEqual(['k9 uncertain']);
    await outbox.wake('home');
    expect(states(outbox)).toEqual([]);
    expect(a.sends).toEqual([]);
  });
});

test('whatever happens, no gateway records a key twice and no message vanishes unanswered', async () => {
  const step = fc.oneof(
    fc
      .constantFrom<Fate>(
        'accepts',
        'busy',
        'lost-before',
        'lost-after-recording',
        'lost-without-recording',
      )
      .map((fate) => ({ kind: 'fate', fate }) as const),
    fc.constant({ kind: 'add' } as const),
    fc.constant({ kind: 'wake' } as const),
    fc.constant({ kind: 'back' } as const),
    fc.constant({ kind: 'switch' } as const),
    fc.constant({ kind: 'restart' } as const),
    fc.constant({ kind: 'answer' } as const),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      database = memoryDatabase();
      nextId = 1;
      a = gatewayCalled('a');
      const b = gatewayCalled('b');
      active = a;
      let outbox = open();
      const added: string[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          const taken = outbox.add(message);
          if (taken.ok) added.push(taken.value.id);
        } else if (each.kind === 'fate') active.state.fate = each.fate;
        else if (each.kind === 'back') active.state.ready = true;
        else if (each.kind === 'switch') active = active === a ? b : a;
        else if (each.kind === 'restart') outbox = open();
        else if (each.kind === 'answer') {
          const key = active.recorded.find((candidate) => !active.answered.includes(candidate));
          if (key !== undefined) {
            active.answered.push(key);
            outbox.runEnded(key, 'done', '');
          }
        }
        await (each.kind === 'back' || each.kind === 'switch'
          ? outbox.reconnected('home')
          : outbox.wake('home'));
      }
      const everywhere = [...a.recorded, ...b.recorded];
      expect(new Set(everywhere).size).toBe(everywhere.length);
      const kept = new Set(outbox.open().map((item) => item.id));
      for (const id of added)
        expect(kept.has(id) || a.answered.includes(id) || b.answered.includes(id)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

describe('reading a gateway’s history', () => {
  test.each([
    [
      {
        messages: [
          { role: 'user', idempotencyKey: 'k:user' },
          { role: 'assistant', __openclaw: { runId: 'k' } },
        ],
      },
      'answered',
    ],
    [
      { messages: [{ role: 'user', idempotencyKey: 'k:user' }], inFlightRun: { runId: 'k' } },
      'running',
    ],
    [{ messages: [], sessionInfo: { activeRunIds: ['k'] } }, 'running'],
    [{ messages: [{ role: 'user', idempotencyKey: 'k:user' }] }, 'recorded'],
    [{ messages: [{ role: 'user', idempotencyKey: 'kk:user' }] }, 'absent'],
    [{ messages: 'nonsense' }, 'absent'],
    [null, 'absent'],
  ])('%j: %s', (history, expected) => {
    expect(findInHistory(history, 'k')).toBe(expected);
  });
});
