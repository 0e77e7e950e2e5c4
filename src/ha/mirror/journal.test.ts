import { describe, expect, it, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { Result } from '../../base/index.ts';
import { addDigests, canonical, emptyDigest, rowDigest } from './digest.ts';
import type { Batch, Mark, Row } from './model.ts';
import { memoryGateway, messageRow, sha256 } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

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
    const { at, keys } = value(await gateway.local.changes(null, 1_000));
    expect(keys).toBeNull();
    const next = gateway.local.changes(at, 1_000);
    gateway.say('agent:main:other', 'x1');
    expect(value(await next).keys).toEqual(['agent:main:other']);
    const none = gateway.local.changes(value(await next).at, 1_000);
    clock.advance(1_000);
    expect(value(await none).keys).toEqual([]);
  });

  it('does not know what changed since before its start, or since very long ago', async () => {
    const gateway = memoryGateway();
    const { at } = value(await gateway.local.changes(null, 0));
    gateway.say(key, 'q1');
    expect(value(await gateway.local.changes(at, 0)).keys).toEqual([key]);
    gateway.restart();
    expect(value(await gateway.local.changes(at, 1_000)).keys).toBeNull();
    const later = value(await gateway.local.changes(null, 0)).at;
    for (let each = 0; each < 2_100; each += 1) gateway.say(`agent:main:${each}`, 'q');
    expect(value(await gateway.local.changes(later, 1_000)).keys).toBeNull();
    gateway.say(key, 'a1');
    const last = value(await gateway.local.changes(null, 0)).at;
    gateway.say(key, 'q2');
    expect(value(await gateway.local.changes(last, 0)).keys).toEqual([key]);
  });

  it('waits for the other side to hold what is here, and not longer than it may', async () => {
    const clock = manualClock();
    const gateway = memoryGateway(clock);
    gateway.say(key, 'q1');
    await expect(gateway.local.copied(key, 250)).resolves.toBe(false); // nobody copies
    await gateway.local.changes(null, 1); // who looks at a standby does not copy from it
    await expect(gateway.local.copied(key, 250)).resolves.toBe(false);
    gateway.acting = true;
    await gateway.local.changes(null, 0); // looked once: nobody follows
    await expect(gateway.local.copied(key, 250)).resolves.toBe(false);
    await gateway.local.changes(null, 1);
    const late = gateway.local.copied(key, 250);
    await gateway.local.look(key);
    clock.advance(250);
    await expect(late).resolves.toBe(false);
    const state = value(await gateway.local.look(key));
    const copied = gateway.local.copied(key, 250);
    if (state !== null) await gateway.local.note(key, state.mark, 1);
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
    if (state !== null) await gateway.local.note(key, state.mark, 1);
    const { local } = gateway;
    local.close();
    gateway.restart();
    expect(value(await gateway.local.survey()).inStep).toEqual({ [key]: state?.mark });
    expect(await local.note(key, null, 1)).toMatchObject({ ok: false });
    clock.advance(10_000);
    gateway.restart();
    expect(value(await gateway.local.survey()).inStep).toEqual({ [key]: state?.mark });
  });

  it('reads no row twice for a part of a long conversation', async () => {
    const gateway = memoryGateway();
    const ids = Array.from({ length: 5_000 }, (_id, at) => `r${at}`);
    gateway.say(key, ...ids);
    await gateway.local.survey();
    gateway.reads.rows = 0;
    const sessionId = `id of ${key}`;
    const some = value(await gateway.local.rows(key, sessionId, ids.slice(4_000)));
    expect(some.map(({ id }) => id)).toEqual(ids.slice(4_000, 4_025));
    expect(gateway.reads.rows).toBeLessThan(150);
    gateway.reads.rows = 0;
    const apart = ['r10', 'r2500', 'r4990'];
    expect(value(await gateway.local.rows(key, sessionId, apart)).map(({ id }) => id)).toEqual(
      apart,
    );
    expect(gateway.reads.rows).toBeLessThan(400);
    await gateway.local.survey();
    gateway.reads.pages = 0;
    await gateway.local.survey(); // nothing changed: what is in an archive stays there
    expect(gateway.reads.pages).toBe(0);
  });

  it('lets its gateway do other work between pages and conversations', async () => {
    const gateway = memoryGateway();
    gateway.say(key, ...Array.from({ length: 40 }, (_id, at) => `r${at}`));
    gateway.say('agent:main:other', 'x1');
    await gateway.local.survey();
    expect(gateway.reads.breaths).toBeGreaterThanOrEqual(10); // pages of four rows
  });

  it('says which conversation cannot be read, and reads the others', async () => {
    const gateway = memoryGateway();
    gateway.say(key, 'q1');
    gateway.say('agent:main:stuck', 'x1');
    gateway.stuck.add('agent:main:stuck');
    const survey = value(await gateway.local.survey());
    expect(survey.sessions.map((session) => session.key)).toEqual([key]);
    expect(survey.unread).toEqual(['agent:main:stuck']);
    expect(await gateway.local.look('agent:main:stuck')).toMatchObject({
      error: { words: expect.stringContaining('too large') as string, gone: false },
    });
  });

  it('takes nothing of an epoch that is over, though it was started anew since', async () => {
    const gateway = memoryGateway();
    const mark = { sessionId: 's1', rows: 0, digest: emptyDigest };
    expect(value(await gateway.local.note(key, mark, 7))).toBe(true);
    gateway.restart();
    expect(value(await gateway.local.note(key, mark, 6))).toBe(false);
    const part = { data: '', size: 0 };
    expect(value(await gateway.local.writeFile('dot.png', 0, part, 6))).toBe(false);
    expect(gateway.files.size).toBe(0);
    const batch = { key, on: null, sessionId: 's1', settings: {}, rows: [], how: 'more' } as const;
    expect(value(await gateway.local.append({ ...batch, epoch: 6 }))).toMatchObject({
      reason: 'old-epoch',
    });
    expect(value(await gateway.local.writeFile('dot.png', 0, part, 7))).toBe(true);
  });

  it.each([
    ['a row cannot be written', false],
    ['its gateway is killed', true],
  ])('shows what it showed where %s in the middle of a branch', async (_what, isKilled) => {
    const gateway = memoryGateway();
    gateway.acting = true;
    gateway.say(key, 'q1', 'a1');
    const state = value(await gateway.local.look(key));
    gateway.breakWriteAt = 1;
    gateway.isKilledByBreak = isKilled;
    const batch = {
      epoch: 1,
      key,
      on: state?.mark ?? null,
      sessionId: `id of ${key}`,
      settings: {},
      rows: [messageRow('lost', 'q1'), messageRow('lost too', 'lost')],
      how: 'branch',
    } as const;
    await gateway.local.append(batch);
    gateway.breakWriteAt = null;
    gateway.isKilledByBreak = false;
    if (isKilled) {
      expect(gateway.shown(key)).toEqual(['q1', 'lost']);
      gateway.restart();
      await gateway.local.remove(
        'agent:main:none',
        batch.on ?? { sessionId: '', rows: 0, digest: '' },
        1,
      );
    }
    expect(gateway.ids(key)).toContain('lost');
    expect(gateway.shown(key)).toEqual(['q1', 'a1']);
  });

  it('adds no branch to what became something else meanwhile', async () => {
    const gateway = memoryGateway();
    gateway.acting = true;
    gateway.say(key, 'q1', 'a1');
    const state = value(await gateway.local.look(key));
    gateway.beforeWrite = () => gateway.say(key, 'q2');
    const appended = await gateway.local.append({
      epoch: 1,
      key,
      on: state?.mark ?? null,
      sessionId: `id of ${key}`,
      settings: {},
      rows: [messageRow('lost', 'q1')],
      how: 'branch',
    });
    expect(value(appended)).toMatchObject({ kind: 'gap' });
    expect(gateway.shown(key)).toEqual(['q1', 'a1', 'q2']);
  });

  it('does not take what was known before rows were cut for a copy of those that are there', async () => {
    const clock = manualClock();
    const gateway = memoryGateway(clock);
    gateway.acting = true;
    gateway.say(key, 'q1', 'a1', 'q2');
    await gateway.local.changes(null, 1);
    const state = value(await gateway.local.look(key));
    if (state !== null) await gateway.local.note(key, state.mark, 1);
    await expect(gateway.local.copied(key, 250)).resolves.toBe(true);
    const cut = gateway.conversations.get(key);
    if (cut !== undefined) Object.assign(cut, { rows: cut.rows.slice(1), generation: 'cut' });
    const late = gateway.local.copied(key, 250);
    await gateway.local.look(key);
    clock.advance(250);
    await expect(late).resolves.toBe(false);
  });

  it('writes what a person chose only where it differs', async () => {
    const gateway = memoryGateway();
    const put = vi.spyOn(gateway.store, 'put');
    const settings = { label: 'Holiday' };
    let on: Mark | null = null;
    for (const id of ['q1', 'a1', 'q2']) {
      const rows = [messageRow(id, null)];
      const batch: Batch = { epoch: 1, key, on, sessionId: 's1', settings, rows, how: 'more' };
      const appended = value(await gateway.local.append(batch));
      on = appended.kind === 'appended' ? appended.state.mark : null;
    }
    expect(gateway.ids(key)).toEqual(['q1', 'a1', 'q2']);
    expect(put).toHaveBeenCalledOnce();
  });
});
