import { expect, it } from 'vitest';

import { canonicalNode, floorOf, floorsOf } from './canonical.ts';
import type { Floors } from './canonical.ts';
import { chartOf } from './chart.ts';
import { explore, happensExactly } from './explore.ts';
import { recovered } from './liveness.ts';
import { mutants } from './mutants.ts';
import { loadMutant } from './mutate.node.ts';
import { allSearches, smallSearches } from './searches.ts';
import { shipped } from './subject.ts';
import { targets } from './targets.ts';

it.each(smallSearches.map((bounds) => [bounds.name, bounds] as const))(
  'sees every state within its bounds, none that breaks a rule, and a way back: %s',
  { timeout: 300_000 },
  (_, bounds) => {
    const found = explore(shipped, bounds, { maxStates: Infinity, samples: 200 });
    expect(found.violation === null ? '' : chartOf(found.violation)).toBe('');
    expect(found.complete).toBe(true);
    expect(found.states).toBeGreaterThan(20_000);
    expect(found.samples.filter((parts) => recovered(shipped, bounds, parts) === null)).toEqual([]);
  },
);

it.each(
  mutants.filter(({ slow }) => slow !== true).map((mutant) => [mutant.guard, mutant] as const),
)(
  'finds what happens without the guard: %s',
  { timeout: 300_000 },
  async (_, { changes, bounds, world }) => {
    const subject = await loadMutant(changes);
    const mutated = { ...bounds, ...world };
    const { violation } = explore(subject, mutated, { maxStates: 2_000_000, samples: 0 });
    expect(violation).not.toBeNull();
    expect(happensExactly(subject, mutated, violation!)).toBe(true);
    expect(chartOf(violation!)).toContain(violation!.problem);
  },
);

it('finds every guard in the sources, and has one search of a name', async () => {
  for (const { changes } of mutants) await expect(loadMutant(changes)).resolves.toBeDefined();
  expect(new Set(allSearches.map(({ name }) => name)).size).toBe(allSearches.length);
  expect(new Set(mutants.map(({ guard }) => guard)).size).toBe(mutants.length);
});

it('refuses a mutant whose guard is not there', async () => {
  const gone = { file: 'election/decide.ts', from: 'a guard that nobody wrote', to: '' };
  await expect(loadMutant([gone])).rejects.toThrow('0 places');
});

it.each([
  ['clocks that differ', targets.slowHolder],
  ['late answers', { ...targets.late, promptReads: false }],
  ['force', targets.force],
  ['an empty register', targets.diskLossTold],
] as const)(
  'goes on from a canonical state as from the state itself, however long ago its past is: %s',
  (_, bounds) => {
    const { samples } = explore(shipped, bounds, { maxStates: 50_000, samples: 400 });
    let compared = 0;
    for (const { hosts } of samples) {
      hosts.forEach(({ node }, index) => {
        if (node === null) return;
        const config = bounds.config(index);
        // The same state on a clock that shows another time, its long past pushed further away.
        const nowMs = 1_000_000;
        const moved = longerAgo(node, nowMs, floorsOf(bounds)) as typeof node;
        for (const event of [
          { kind: 'tick' },
          { kind: 'health', self: 'well', peer: 'down' },
          { kind: 'read', id: 1, result: { kind: 'unreadable', detail: '' } },
          { kind: 'swapped', id: 1, result: { kind: 'swapped' } },
          { kind: 'swapped', id: 1, result: { kind: 'conflict' } },
          { kind: 'swapped', id: 1, result: { kind: 'present' } },
          { kind: 'heard', message: { kind: 'extend', id: 9, epoch: 1 } },
          { kind: 'heard', message: { kind: 'extended', id: 1, epoch: 1 } },
          { kind: 'heard', message: { kind: 'ask-epoch', id: 1 } },
          { kind: 'heard', message: { kind: 'tell-epoch', id: 1, maxEpoch: 2 } },
        ] as const) {
          const here = shipped.reduceElection({ ...node, config }, event, 0);
          const there = shipped.reduceElection({ ...moved, config }, event, nowMs);
          expect(canonicalNode(there.state, nowMs, bounds, config.self)).toEqual(
            canonicalNode(here.state, 0, bounds, config.self),
          );
          expect(there.commands.map(({ kind }) => kind)).toEqual(
            here.commands.map(({ kind }) => kind),
          );
          compared += 1;
        }
      });
    }
    expect(compared).toBeGreaterThan(1_000);
  },
);

/** Times in `value` on a clock that shows `nowMs`; those at their floor lie much further back. */
function longerAgo(value: unknown, nowMs: number, floors: Floors, name = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (typeof inner !== 'number') return [key, longerAgo(inner, nowMs, floors, key)];
      if (!/(until|due|at|since)ms$/i.test(key)) return [key, inner];
      // Of these two, one that is due now is not yet past.
      const isTimer = key === 'readDueMs' || key === 'renewDueMs';
      const floor = floorOf(floors, name, key) - Number(isTimer);
      return [key, inner + nowMs - (inner <= floor ? 777 : 0)];
    }),
  );
}
