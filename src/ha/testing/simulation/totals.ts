/** What many runs add up to. */
import { simulate } from './simulate.ts';

export interface SeedRange {
  readonly from: number;
  readonly count: number;
}

export interface Totals {
  readonly seeds: number;
  readonly events: number;
  readonly faults: number;
  readonly roleChanges: number;
  readonly acknowledged: number;
  readonly staleRefused: number;
  readonly broken: readonly { readonly seed: number; readonly violation: string }[];
}

export const emptyTotals: Totals = {
  seeds: 0,
  events: 0,
  faults: 0,
  roleChanges: 0,
  acknowledged: 0,
  staleRefused: 0,
  broken: [],
};

/** Runs the seeds of a range, one after the other. */
export function runSeeds({ from, count }: SeedRange): Totals {
  let totals = emptyTotals;
  for (let seed = from; seed < from + count; seed += 1) {
    const { violation, faults, ...facts } = simulate(seed);
    const broken = violation === null ? [] : [{ seed, violation }];
    totals = totalsOf(totals, { ...facts, seeds: 1, faults: faults.length, broken });
  }
  return totals;
}

export function totalsOf(left: Totals, right: Totals): Totals {
  return {
    seeds: left.seeds + right.seeds,
    events: left.events + right.events,
    faults: left.faults + right.faults,
    roleChanges: left.roleChanges + right.roleChanges,
    acknowledged: left.acknowledged + right.acknowledged,
    staleRefused: left.staleRefused + right.staleRefused,
    broken: [...left.broken, ...right.broken],
  };
}
