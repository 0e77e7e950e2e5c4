/** Breadth first, so that what is wrong is shown by the shortest way there. */
import { createStateTable, type StateTable } from './state-table.ts';

/** States, each a fixed number of small integers, and how one leads to others. */
export interface StateSpace {
  readonly width: number;
  initial(): readonly number[];
  /**
   * Visits what a state leads to, always in the same order. `next` may be changed after the visit; `problem`: what is wrong
   * with the step or the state after it.
   */
  successors(
    words: readonly number[],
    visit: (next: readonly number[], label: () => string, problem: string | null) => void,
  ): void;
}

/** The way from the first state to a wrong one, each step with the state after it. */
export interface FoundViolation {
  readonly problem: string;
  readonly trace: readonly { readonly label: string; readonly after: readonly number[] }[];
}

export interface SpaceExploration {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** All states were seen. */
  readonly complete: boolean;
  readonly violation: FoundViolation | null;
  /** What the set of states takes in memory. */
  readonly bytes: number;
  /** Some of the states, spread over the whole search. */
  readonly samples: readonly (readonly number[])[];
}

export interface ExploreOptions {
  readonly maxStates: number;
  readonly samples: number;
  readonly onProgress?: (states: number, depth: number) => void;
}

const progressEvery = 500_000;

/** Visits every state until one is wrong, or `maxStates` are known. */
export function exploreSpace(space: StateSpace, options: ExploreOptions): SpaceExploration {
  const table = createStateTable(space.width);
  table.add(space.initial(), -1, 0);
  const words: number[] = [];
  let transitions = 0;
  let depth = 0;
  let depthEnd = 1;
  const found: { violation: FoundViolation | null } = { violation: null };
  let at = 0;

  for (; at < table.size && found.violation === null && table.size < options.maxStates; at += 1) {
    if (at === depthEnd) {
      depth += 1;
      depthEnd = table.size;
    }
    if (at % progressEvery === 0 && at > 0) options.onProgress?.(at, depth);
    table.load(at, words);
    let step = 0;
    space.successors(words, (next, _label, problem) => {
      transitions += 1;
      table.add(next, at, step);
      if (problem !== null && found.violation === null)
        found.violation = { problem, trace: traceTo(space, table, at, step) };
      step += 1;
    });
  }
  return {
    states: table.size,
    transitions,
    depth,
    complete: found.violation === null && at === table.size,
    violation: found.violation,
    bytes: table.bytes(),
    samples: sampled(table, options.samples),
  };
}

/** The way to a state's successor number `step`: walked back to the start, then forward again for the words. */
function traceTo(
  space: StateSpace,
  table: StateTable,
  last: number,
  step: number,
): FoundViolation['trace'] {
  const way: { readonly from: number; readonly step: number }[] = [{ from: last, step }];
  for (let at = last; table.parentOf(at) !== -1; at = table.parentOf(at))
    way.unshift({ from: table.parentOf(at), step: table.stepOf(at) });
  return way.map(({ from, step: wanted }) => {
    const words: number[] = [];
    table.load(from, words);
    const steps: FoundViolation['trace'][number][] = [];
    let ordinal = 0;
    space.successors(words, (next, label) => {
      if (ordinal === wanted) steps.push({ label: label(), after: [...next] });
      ordinal += 1;
    });
    const [found] = steps;
    if (found === undefined) throw new Error('a state does not lead to where it led before');
    return found;
  });
}

function sampled(table: StateTable, count: number): readonly (readonly number[])[] {
  const samples: number[][] = [];
  for (let sample = 0; sample < Math.min(count, table.size); sample += 1) {
    const words: number[] = [];
    table.load(Math.floor((sample * table.size) / count), words);
    samples.push(words);
  }
  return samples;
}
