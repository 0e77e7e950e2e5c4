import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import { startMirror } from './mirror.ts';
import type { MirrorState } from './mirror.ts';
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
