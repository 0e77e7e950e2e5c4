import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';

import { gatewayCalled, message, outboxWorld, settled, statesOf } from './testing/outbox-world.ts';
import type { ScriptedGateway, SendFate } from './testing/outbox-world.ts';

let world: ReturnType<typeof outboxWorld>;
let a: ScriptedGateway;

beforeEach(() => {
  world = outboxWorld();
  a = world.a;
});

describe('a message on its way', () => {
  test('is on disk before it leaves, acknowledged by its receipt, done with its answer', async () => {
    a.state.ready = false;
    const outbox = world.open();
    outbox.add(message);
    expect(world.database.outbox.get('k1')?.state).toBe('queued');
    a.state.ready = true;
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    outbox.runEnded('home', 'k1', 'done', '');
    expect(statesOf(outbox)).toEqual([]);
    expect(world.database.outbox.get('k1')?.state).toBe('answered');
  });

  test('does not leave without a permit, and says why', async () => {
    world.refusal = 'personal text';
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({ state: 'failed', problem: 'personal text' });
    expect(a.sends).toEqual([]);
  });

  test('is not lost when the disk refuses it: it is not taken at all', () => {
    const outbox = world.open();
    world.database.outbox.insert({
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
    const outbox = world.open();
    a.state.fate = 'lost-before';
    outbox.add(message);
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 queued']);
    a.state.fate = 'busy';
    await outbox.wake('home');
    a.state.fate = 'accepts';
    world.clock.advance(2_000);
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    expect(a.recorded).toEqual(['k1']);
  });

  test('that a gateway refuses for good stays with the reason until a person decides', async () => {
    a.state.fate = 'rejects';
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({ state: 'failed', problem: 'rejected it was' });
    a.state.fate = 'accepts';
    expect(outbox.retry('k1')).toMatchObject({ ok: true, value: { id: 'k2' } });
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k2 acknowledged']);
    expect(world.database.outbox.get('k1')).toBeNull();
  });

  test('is overtaken by no later one', async () => {
    a.state.fate = 'busy';
    const outbox = world.open();
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
    const outbox = world.open();
    outbox.add(message);
    expect(outbox.discard('k1').ok).toBe(true);
    a.state.ready = true;
    outbox.add(message);
    await outbox.wake('home');
    expect(outbox.discard('k2')).toMatchObject({ ok: false, error: { code: 'denied' } });
  });
});

test('a word that stops runs is done by its receipt', async () => {
  a.state.receipt = { ok: true, aborted: false, runIds: [] };
  const outbox = world.open();
  outbox.add({ ...message, text: 'stop' });
  await outbox.wake('home');
  expect(statesOf(outbox)).toEqual([]);
  expect(world.database.outbox.get('k1')?.state).toBe('answered');
});

describe('the end of a run', () => {
  test('is heard for the pane and the gateway that the message was given to', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    outbox.runEnded('acme', 'k1', 'done', '');
    world.active = gatewayCalled('b');
    outbox.runEnded('home', 'k1', 'done', '');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    world.active = a;
    outbox.runEnded('home', 'k1', 'error', 'model is away');
    expect(outbox.open()[0]).toMatchObject({ state: 'failed', problem: 'model is away' });
  });
});

test('whatever happens, no gateway records a key twice and no message vanishes unanswered', async () => {
  const step = fc.oneof(
    fc
      .constantFrom<SendFate>(
        'accepts',
        'busy',
        'lost-before',
        'times-out',
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
      world = outboxWorld();
      a = world.a;
      const b = gatewayCalled('b');
      let outbox = world.open();
      const added: string[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          const taken = outbox.add(message);
          if (taken.ok) added.push(taken.value.id);
        } else if (each.kind === 'fate') world.active.state.fate = each.fate;
        else if (each.kind === 'back') world.active.state.ready = true;
        else if (each.kind === 'switch') world.active = world.active === a ? b : a;
        else if (each.kind === 'restart') outbox = world.open();
        else if (each.kind === 'answer') {
          const key = world.active.recorded.find(
            (candidate) => !world.active.answered.includes(candidate),
          );
          if (key !== undefined) {
            world.active.answered.push(key);
            outbox.runEnded('home', key, 'done', '');
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

describe('a gateway that did not inherit the conversation', () => {
  beforeEach(() => {
    world.memory = 'what was said';
  });

  test('is told of it with the message, in the way that can carry it', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    expect(a.asked).toEqual(['agent']);
    expect(a.told.get('k1')).toBe('what was said');
  });

  test('is told nothing where it did inherit, or where there is nothing', async () => {
    const outbox = world.open();
    world.inherits = true;
    outbox.add(message);
    await outbox.wake('home');
    Object.assign(world, { inherits: false, memory: null });
    outbox.add(message);
    await outbox.wake('home');
    expect(a.asked).toEqual(['chat.send', 'chat.send']);
    expect(a.told.size).toBe(0);
  });

  test('gets the message all the same where it cannot be told, and is not asked again', async () => {
    const outbox = world.open();
    a.state.canBeTold = false;
    outbox.add(message);
    await outbox.wake('home');
    world.clock.advance(0);
    await settled();
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    outbox.add(message);
    await outbox.wake('home');
    expect(a.asked).toEqual(['agent', 'chat.send', 'chat.send']);
  });

  test('a message that was given up, or whose gateway went, while that was looked up does not leave', async () => {
    const outbox = world.open();
    outbox.add(message);
    expect(outbox.discard('k1')).toMatchObject({ ok: true });
    await outbox.wake('home');
    outbox.add(message);
    world.active = gatewayCalled('b');
    await outbox.wake('home');
    expect(a.asked).toEqual([]);
    expect(world.active.told.get('k2')).toBe('what was said');
  });
});
