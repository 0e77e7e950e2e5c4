import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { startMirror } from './mirror.ts';
import type { MirrorState } from './mirror.ts';
import { memoryGateway } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

interface CatchUp {
  readonly questions: number;
  /** Rows that the active gateway read from its store. */
  readonly read: number;
  readonly states: readonly MirrorState[];
}

/** Says `messages` while the copy is away, and waits until it has them. */
async function catchUp(messages: number): Promise<CatchUp> {
  const clock = manualClock();
  const [a, b] = [memoryGateway(clock), memoryGateway(clock)];
  a.acting = true;
  a.say(key, 'first');
  const states: MirrorState[] = [];
  const mirror = startMirror({
    active: a.journal,
    copy: b.journal,
    epoch: 1,
    clock,
    random: { unit: () => 0.5, id: () => 'id' },
    onChange: () => states.push(mirror.state()),
  });
  onTestFinished(() => mirror.stop());
  const until = (kind: MirrorState['kind']): Promise<void> =>
    vi.waitFor(
      () => {
        clock.advance(1_000);
        expect(mirror.state().kind).toBe(kind);
      },
      { timeout: 60_000, interval: 5 },
    );
  await until('in-step');
  b.fault = () => 'lost-call';
  a.say(key, ...Array.from({ length: messages }, (_id, at) => `m${at}`));
  await until('away');
  let questions = 0;
  a.fault = b.fault = () => {
    questions += 1;
    return null;
  };
  a.reads.rows = 0;
  states.length = 0;
  await until('in-step');
  expect(b.ids(key)).toEqual(a.ids(key));
  return { questions, read: a.reads.rows, states };
}

it('catches up with ten thousand messages in questions and reads that grow no faster than they do', async () => {
  const few = await catchUp(2_000);
  const many = await catchUp(10_000);
  expect(many.questions).toBeLessThan(5.5 * few.questions);
  expect(many.questions).toBeLessThan(2_000);
  expect(many.read).toBeLessThan(5.5 * few.read);
  // And says how far it is: what both hold rises, what is to be carried falls.
  const going = many.states.filter(({ kind }) => kind === 'catching-up');
  const held = going.map((state) => state.held);
  const left = going.map(({ rows }) => rows);
  expect(new Set(held).size).toBeGreaterThan(100);
  expect(held).toEqual(held.toSorted((one, other) => one - other));
  expect(left).toEqual(left.toSorted((one, other) => other - one));
  expect(many.states.at(-1)).toMatchObject({ kind: 'in-step', held: 10_001, rows: 0 });
}, 120_000);
