import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import { startMirror } from './mirror.ts';
import type { MirrorState } from './mirror.ts';
import type { SessionState } from './model.ts';
import { memoryGateway, messageRow } from './testing/memory-gateway.ts';
import type { MemoryGateway } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

interface World {
  readonly a: MemoryGateway;
  readonly b: MemoryGateway;
  readonly states: MirrorState['kind'][];
  readonly clock: ManualClock;
  state(): MirrorState;
  /** Lets time pass until the state is as wanted. */
  until(wanted: (state: MirrorState) => boolean): Promise<void>;
  stop(): void;
}

function world(prepare: (a: MemoryGateway, b: MemoryGateway) => void = () => undefined): World {
  const clock = manualClock();
  const a = memoryGateway(clock);
  const b = memoryGateway(clock);
  a.acting = true;
  prepare(a, b);
  const states: MirrorState['kind'][] = [];
  const mirror = startMirror({
    active: a.journal,
    copy: b.journal,
    epoch: 2,
    clock,
    random: { unit: () => 0.5, id: () => 'id' },
    onChange: () => states.push(mirror.state().kind),
  });
  onTestFinished(() => mirror.stop());
  return {
    a,
    b,
    states,
    clock,
    state: mirror.state,
    until: (wanted) =>
      vi.waitFor(() => {
        clock.advance(100);
        expect(wanted(mirror.state())).toBe(true);
      }),
    stop: mirror.stop,
  };
}

const isInStep = ({ kind }: MirrorState): boolean => kind === 'in-step';

it('copies what is there, then what comes', async () => {
  const { a, b, until, states } = world((one) => {
    one.say(key, 'q1', 'a1', 'q2', 'a2', 'q3');
    one.say('agent:main:other', 'x1');
  });
  await until(isInStep);
  expect(b.shown(key)).toEqual(['q1', 'a1', 'q2', 'a2', 'q3']);
  expect(b.shown('agent:main:other')).toEqual(['x1']);
  a.say(key, 'a3');
  a.say('agent:main:new', 'n1');
  await until((state) => isInStep(state) && b.conversations.has('agent:main:new'));
  expect(b.shown(key)).toEqual(['q1', 'a1', 'q2', 'a2', 'q3', 'a3']);
  expect(states).toContain('catching-up');
});

it('brings what only the copy has to the active side as well', async () => {
  const { a, until } = world((_a, b) => b.say(key, 'old'));
  await until(isInStep);
  expect(a.shown(key)).toEqual(['old']);
});

it('says so while one of them is away, and compares everything when it is back', async () => {
  const { a, b, until, state } = world((one) => one.say(key, 'q1'));
  await until(isInStep);
  b.fault = () => 'lost-call';
  a.say(key, 'a1');
  await until(({ kind }) => kind === 'away');
  expect(state()).toMatchObject({ detail: 'copy: lost' });
  expect(state().behindSinceMs).not.toBeNull();
  a.say(key, 'q2');
  b.fault = () => null;
  await until(isInStep);
  expect(b.shown(key)).toEqual(['q1', 'a1', 'q2']);
});

it('comes back to a conversation in which a run is open, and does not keep the others waiting', async () => {
  const { a, b, until, state } = world((one, other) => {
    one.say(key, 'q1');
    other.say(key, 'own');
    one.say('agent:main:other', 'x1');
    const running = one.conversations.get(key);
    if (running !== undefined) running.busy = true;
  });
  await until(() => b.shown('agent:main:other').length === 1);
  expect(state()).toMatchObject({ kind: 'catching-up', conversations: 1 });
  const running = a.conversations.get(key);
  if (running !== undefined) running.busy = false;
  await until(isInStep);
});

it('tells of a conversation that cannot be brought in step, and goes on with the others', async () => {
  const { a, b, until, state } = world((one, other) => {
    for (const [gateway, text] of [
      [one, 'yes'],
      [other, 'no'],
    ] as const) {
      gateway.begin(key, 's1');
      gateway.put(key, messageRow('q1', null, text));
    }
    one.say('agent:main:other', 'x1');
  });
  await until(isInStep);
  expect(state().conflicts).toEqual([key]);
  expect(b.shown('agent:main:other')).toEqual(['x1']);
  a.say('agent:main:other', 'x2');
  await until((now) => isInStep(now) && b.shown('agent:main:other').length === 2);
  // What comes later is carried, and what was there is not sent again for it.
  const sent = vi.spyOn(b.local, 'append');
  a.say(key, 'a1');
  await until((now) => isInStep(now) && b.ids(key).includes('a1'));
  expect(sent.mock.calls.flatMap(([{ rows }]) => rows.map(({ id }) => id))).toEqual(['a1']);
  expect(state()).toMatchObject({ conflicts: [key], complete: false });
});

it('does not speak for the pair in an epoch that is over', async () => {
  const { b, until } = world((one, other) => {
    one.say(key, 'q1');
    other.epoch = 3;
  });
  await until(({ kind }) => kind === 'refused');
  expect(b.conversations.size).toBe(0);
});

it('leaves both alone after its end', async () => {
  const { a, b, until, stop, states } = world((one) => one.say(key, 'q1'));
  await until(isInStep);
  stop();
  const told = states.length;
  const asked = vi.fn(() => null);
  b.fault = asked;
  a.say(key, 'a1');
  for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  expect(asked).not.toHaveBeenCalled();
  expect(states).toHaveLength(told);
});

it('goes on with the others where one conversation cannot be written, and tries that again', async () => {
  const { b, until, state, clock } = world((one, other) => {
    one.say(key, 'q1');
    one.say('agent:main:other', 'x1');
    const { append } = other.journal;
    let broken = 1;
    Object.assign(other.journal, {
      append: (batch: Parameters<typeof append>[0]) =>
        batch.key === key && broken-- > 0
          ? Promise.resolve({ ok: false, error: { words: 'disk says no', gone: false } })
          : append(batch),
    });
  });
  await until(({ detail }) => detail === 'copy: disk says no');
  expect(state()).toMatchObject({ kind: 'catching-up', conversations: 1 });
  expect(b.shown('agent:main:other')).toEqual(['x1']);
  clock.advance(10_000);
  await until(isInStep);
  expect(b.shown(key)).toEqual(['q1']);
});

it('sees what becomes of the copy while nobody talks', async () => {
  const { a, b, until } = world((one) => one.say(key, 'q1', 'a1'));
  await until(isInStep);
  b.say(key, 'by hand');
  await until((state) => isInStep(state) && a.ids(key).includes('by hand'));
  b.conversations.delete(key); // a person emptied it
  b.put('agent:main:other', messageRow('x1', null)); // what tells that something happened
  await until((state) => isInStep(state) && a.conversations.has('agent:main:other'));
  b.fault = () => 'lost-call';
  b.say('agent:main:other', 'x2'); // answers the question that is open
  await until(({ kind, detail }) => kind === 'away' && detail === 'copy: lost');
});

it.each(['a', 'b'] as const)('compares everything when gateway %s started anew', async (which) => {
  const { a, b, until } = world((one) => one.say(key, 'q1', 'a1'));
  await until(isInStep);
  // What changed while it was down, no hint tells of.
  const copy = b.conversations.get(key);
  if (copy !== undefined) Object.assign(copy, { rows: copy.rows.slice(0, 1), generation: 'old' });
  (which === 'a' ? a : b).restart();
  await until(() => b.ids(key).length === 2);
});

it('compares everything every ten minutes', async () => {
  const { b, until, clock } = world((one) => one.say(key, 'q1', 'a1'));
  await until(isInStep);
  const copy = b.conversations.get(key);
  if (copy !== undefined) Object.assign(copy, { rows: copy.rows.slice(0, 1), generation: 'old' });
  clock.advance(600_000);
  await until(() => b.ids(key).length === 2);
});

it('stops in the middle of a conversation', async () => {
  let end = (): void => undefined;
  const asked = vi.fn();
  const { b, state, stop } = world((one, other) => {
    one.say(key, ...Array.from({ length: 200 }, (_id, at) => `r${at}`));
    const { append } = other.journal;
    Object.assign(other.journal, {
      append: (batch: Parameters<typeof append>[0]) => {
        asked();
        end();
        return append(batch);
      },
    });
  });
  end = stop;
  await vi.waitFor(() => expect(b.ids(key)).toHaveLength(25)); // what was under way
  const noted = vi.spyOn(b.local, 'note');
  for (let turn = 0; turn < 300; turn += 1) await Promise.resolve();
  expect(asked).toHaveBeenCalledOnce();
  expect(noted).not.toHaveBeenCalled();
  expect(state().kind).toBe('comparing');
});

it('asks less and less often for what cannot be joined yet, and at once when something happens in it', async () => {
  const { a, clock, until } = world((one, other) => {
    one.say(key, 'q1');
    other.say(key, 'own');
    const running = one.conversations.get(key);
    if (running !== undefined) running.busy = true;
  });
  await until(({ kind }) => kind === 'catching-up');
  const tried = vi.spyOn(a.local, 'append');
  for (let second = 0; second < 300; second += 1) {
    clock.advance(1_000);
    for (let turn = 0; turn < 100; turn += 1) await Promise.resolve();
  }
  expect(tried.mock.calls.length).toBeGreaterThan(3);
  expect(tried.mock.calls.length).toBeLessThan(15);
  const running = a.conversations.get(key);
  if (running !== undefined) running.busy = false;
  a.say(key, 'a1');
  await until(isInStep);
});

it('gives a copy that keeps a choice otherwise the choice once', async () => {
  const puts = vi.fn();
  const { b, until } = world((one, other) => {
    one.say(key, 'q1');
    const original = one.conversations.get(key);
    if (original !== undefined) original.settings = { modelOverride: 'unknown there' };
    const { append, look } = other.journal;
    const without = (state: SessionState | null): SessionState | null =>
      state === null ? null : { ...state, settings: {} };
    Object.assign(other.journal, {
      append: (batch: Parameters<typeof append>[0]) => {
        puts();
        return append(batch);
      },
      look: async (of: string) => {
        const answer = await look(of);
        return answer.ok ? { ok: true, value: without(answer.value) } : answer;
      },
    });
  });
  await until(isInStep);
  expect(b.shown(key)).toEqual(['q1']);
  expect(puts.mock.calls.length).toBeLessThanOrEqual(2);
});

it('says which conversations hold rows that it leaves out, and copies the rest', async () => {
  const { b, until, state } = world((one) => {
    one.say(key, 'q1');
    one.put(key, messageRow('large', 'q1', 'x'.repeat(17 * 1024 * 1024)));
    one.put(key, messageRow('a1', 'large'));
  });
  await until(isInStep);
  expect(b.ids(key)).toEqual(['q1', 'a1']);
  expect(state().detail).toContain(key);
});

it('asks nothing of the active gateway while the copy is away, so that no run waits for it', async () => {
  const { a, b, until, clock } = world((one, other) => {
    one.say(key, 'q1');
    other.fault = () => 'lost-call';
  });
  await until(({ kind }) => kind === 'away');
  const asked = vi.fn(() => null);
  a.fault = asked;
  for (let second = 0; second < 60; second += 1) {
    clock.advance(1_000);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }
  expect(asked).not.toHaveBeenCalled();
  await expect(a.local.copied(key, 250)).resolves.toBe(false); // at once
  b.fault = () => null;
  clock.advance(5_000);
  await until(isInStep);
});
