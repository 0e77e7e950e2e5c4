import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { Result } from '../../base/index.ts';
import { addDigests, canonical, emptyDigest, rowDigest } from './digest.ts';
import type { Row } from './model.ts';
import { memoryGateway, messageRow } from './testing/memory-gateway.ts';

const key = 'agent:main:main';
const sha256 = (text: string): Uint8Array => createHash('sha256').update(text).digest();

const digestOf = (rows: readonly Row[]): string =>
  rows.reduce((sum, row) => addDigests(sum, rowDigest(row, sha256)), emptyDigest);

function value<T>(answer: Result<T, unknown>): T {
  if (!answer.ok) throw new Error('it failed');
  return answer.value;
}

describe('a digest', () => {
  const rows = [messageRow('a', null), messageRow('b', 'a'), messageRow('c', 'b')];

  it('does not know in which order rows came, nor in which order their fields are', () => {
    expect(digestOf(rows.toReversed())).toBe(digestOf(rows));
    const turned = rows.map((row) => ({
      ...Object.fromEntries(Object.entries(row).toReversed()),
    })) as typeof rows;
    expect(digestOf(turned)).toBe(digestOf(rows));
  });

  it('knows every row and every character of it', () => {
    expect(digestOf(rows.slice(1))).not.toBe(digestOf(rows));
    expect(digestOf([...rows.slice(1), messageRow('a', null, 'another')])).not.toBe(digestOf(rows));
  });

  it('keeps the order of lists', () => {
    expect(canonical({ b: [2, 1], a: { d: null, c: 'x' } })).toBe(
      '{"a":{"c":"x","d":null},"b":[2,1]}',
    );
  });
});

describe('a journal', () => {
  it('finds any part of a long conversation, also one that went on meanwhile', async () => {
    const gateway = memoryGateway();
    const ids = Array.from({ length: 530 }, (_id, at) => `r${at}`);
    gateway.say(key, ...ids.slice(0, 300));
    await gateway.local.survey();
    for (const id of ids.slice(300)) {
      gateway.say(key, id);
      await gateway.local.look(key);
    }
    const sessionId = `id of ${key}`;
    for (const after of [0, 1, 99, 100, 299, 301, 405, 528]) {
      const tail = value(await gateway.local.tail(key, sessionId, after));
      expect(tail?.rows.map(({ id }) => id)).toEqual(ids.slice(after, after + 25));
      const before = ids.slice(0, after).map((id, at) => messageRow(id, ids[at - 1] ?? null));
      expect(tail?.before).toBe(digestOf(before));
    }
    expect(value(await gateway.local.tail(key, sessionId, 530))?.rows).toEqual([]);
    expect(value(await gateway.local.tail(key, 'another', 0))).toBeNull();
    const some = ['r3', 'r299', 'r529'];
    expect(value(await gateway.local.rows(key, sessionId, some)).map(({ id }) => id)).toEqual(some);
  });

  it('gives one row that is larger than a message by itself', async () => {
    const gateway = memoryGateway();
    gateway.begin(key);
    gateway.put(key, messageRow('small', null));
    gateway.put(key, messageRow('large', 'small', 'x'.repeat(300_000)));
    gateway.put(key, messageRow('after', 'large'));
    const tails: string[][] = [];
    for (let after = 0; after < 3;) {
      const tail = value(await gateway.local.tail(key, `id of ${key}`, after))?.rows ?? [];
      tails.push(tail.map(({ id }) => id));
      after += tail.length;
    }
    expect(tails).toEqual([['small'], ['large'], ['after']]);
  });

  it('says at once what changed since, and waits where nothing did', async () => {
    const clock = manualClock();
    const gateway = memoryGateway(clock);
    gateway.say(key, 'q1');
    const { at, keys } = value(await gateway.local.changes(0, 1_000));
    expect(keys).toEqual([key]);
    const next = gateway.local.changes(at, 1_000);
    gateway.say('agent:main:other', 'x1');
    expect(value(await next).keys).toEqual(['agent:main:other']);
    const none = gateway.local.changes(value(await next).at, 1_000);
    clock.advance(1_000);
    expect(value(await none).keys).toEqual([]);
  });

  it('takes a number from before its start for a wish to hear of everything', async () => {
    const gateway = memoryGateway();
    gateway.say(key, 'q1');
    expect(value(await gateway.local.changes(5_000, 1_000)).keys).toEqual([key]);
  });

  it('waits for the other side to hold what is here, and not longer than it may', async () => {
    const clock = manualClock();
    const gateway = memoryGateway(clock);
    gateway.say(key, 'q1');
    await expect(gateway.local.copied(key, 250)).resolves.toBe(false); // nobody copies
    await gateway.local.changes(0, 0); // looked once: nobody follows
    await expect(gateway.local.copied(key, 250)).resolves.toBe(false);
    await gateway.local.changes(0, 1);
    const late = gateway.local.copied(key, 250);
    await gateway.local.look(key);
    clock.advance(250);
    await expect(late).resolves.toBe(false);
    const state = value(await gateway.local.look(key));
    const copied = gateway.local.copied(key, 250);
    if (state !== null) await gateway.local.note(key, state.mark);
    await expect(copied).resolves.toBe(true);
    gateway.say(key, 'a1');
    const more = gateway.local.copied(key, 250);
    await gateway.local.look(key);
    clock.advance(250);
    await expect(more).resolves.toBe(false);
  });

  it('asks whether it may in the turn in which it writes', async () => {
    const gateway = memoryGateway();
    const rows = ['q1', 'a1', 'q2'].map((id) => messageRow(id, null));
    let asked = 0;
    Object.defineProperty(gateway, 'acting', { get: () => (asked += 1) > 1 });
    const batch = {
      epoch: 1,
      key,
      on: null,
      sessionId: 's1',
      settings: {},
      rows,
      how: 'more',
    } as const;
    expect(value(await gateway.local.append(batch))).toEqual({ kind: 'refused', reason: 'acting' });
    expect(gateway.ids(key)).toEqual([]);
  });

  it('knows after its end what it was to remember, and answers nothing any more', async () => {
    const clock = manualClock();
    const gateway = memoryGateway(clock);
    gateway.say(key, 'q1');
    const state = value(await gateway.local.look(key));
    if (state !== null) await gateway.local.note(key, state.mark);
    const { local } = gateway;
    local.close();
    gateway.restart();
    expect(value(await gateway.local.survey()).inStep).toEqual({ [key]: state?.mark });
    expect(await local.note(key, null)).toMatchObject({ ok: false });
    clock.advance(10_000);
    gateway.restart();
    expect(value(await gateway.local.survey()).inStep).toEqual({ [key]: state?.mark });
  });
});
