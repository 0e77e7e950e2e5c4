import { expect, it } from 'vitest';

import { spread } from '../../../base/testing/spread.node.ts';
import { simulate } from './simulate.ts';
import { emptyTotals, totalsOf } from './totals.ts';
import type { SeedRange, Totals } from './totals.ts';

const seedsInTests = 2_000;

it('replays a seed exactly, and another seed otherwise', () => {
  const first = simulate(11);
  expect(simulate(11)).toEqual(first);
  expect(simulate(12).traceHash).not.toBe(first.traceHash);
});

it('stays the same with fewer faults where they do not matter', () => {
  const calm = simulate(11, { faults: [] });
  expect(calm).toMatchObject({ violation: null, roleChanges: 0 });
  expect(calm.acknowledged).toBeGreaterThan(2_000);
});

it.each([
  [8, 1],
  [9, 2],
])('lets the other gateway take over: seed %i, on %i computers', (seed, hosts) => {
  const crash = { kind: 'gateway-crash', place: 'A', times: 1, atMs: 30_000, forMs: 1 } as const;
  expect(simulate(seed, { faults: [crash] })).toMatchObject({
    hosts,
    violation: null,
    roleChanges: 1,
  });
});

it(
  'never has two actives, and always heals, in 2,000 runs of ten virtual minutes',
  { timeout: 1_200_000 },
  async () => {
    const jobs: SeedRange[] = [];
    for (let from = 1; from <= seedsInTests; from += 100) jobs.push({ from, count: 100 });
    const program = new URL('simulation-main.node.ts', import.meta.url);
    let totals = emptyTotals;
    await spread(program, jobs, (part) => {
      totals = totalsOf(totals, part as Totals);
    });
    expect(totals.broken).toEqual([]);
    expect(totals.seeds).toBe(seedsInTests);
    expect(totals.roleChanges).toBeGreaterThan(seedsInTests / 2);
  },
);
