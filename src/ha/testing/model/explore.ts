/** Breadth first, so that what is wrong is shown by the shortest way there. */
import type { Bounds } from './bounds.ts';
import { createStateTable } from './state-table.ts';
import type { StateTable } from './state-table.ts';
import type { Subject } from './subject.ts';
import { createWorld, stateWidth } from './world.ts';
import type { Parts, World } from './world.ts';

export interface TraceStep {
  readonly label: string;
  readonly after: Parts;
}

export interface Violation {
  readonly problem: string;
  readonly trace: readonly TraceStep[];
}

export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  readonly depth: number;
  /** All states within the bounds were seen. */
  readonly complete: boolean;
  readonly violation: Violation | null;
  readonly parts: string;
  /** What the set of states takes in memory. */
  readonly bytes: number;
  /** Some of the states, spread over the whole search. */
  readonly samples: readonly Parts[];
}

export interface ExploreOptions {
  readonly maxStates: number;
  readonly samples: number;
  readonly onProgress?: (states: number, depth: number) => void;
}

const progressEvery = 500_000;

/** Visits every state within the bounds until one is wrong, or `maxStates` are known. */
export function explore(subject: Subject, bounds: Bounds, options: ExploreOptions): Exploration {
  const world = createWorld(subject, bounds);
  const table = createStateTable(stateWidth);
  table.add(world.initial(), -1, 0);
  const words: number[] = [];
  let transitions = 0;
  let depth = 0;
  let depthEnd = 1;
  const found: { violation: Violation | null } = { violation: null };
  let at = 0;

  for (; at < table.size && found.violation === null && table.size < options.maxStates; at += 1) {
    if (at === depthEnd) {
      depth += 1;
      depthEnd = table.size;
    }
    if (at % progressEvery === 0 && at > 0) options.onProgress?.(at, depth);
    table.load(at, words);
    let step = 0;
    world.successors(words, (next, _label, problem) => {
      transitions += 1;
      table.add(next, at, step);
      if (problem !== null && found.violation === null)
        found.violation = { problem, trace: traceTo(world, table, at, step) };
      step += 1;
    });
  }
  return {
    states: table.size,
    transitions,
    depth,
    complete: found.violation === null && at === table.size,
    violation: found.violation,
    parts: world.partCounts(),
    bytes: table.bytes(),
    samples: sampled(world, table, options.samples),
  };
}

/** The way to a state's successor number `step`: walked back to the start, then forward again for the words. */
function traceTo(
  world: World,
  table: StateTable,
  last: number,
  step: number,
): readonly TraceStep[] {
  const way: { readonly from: number; readonly step: number }[] = [{ from: last, step }];
  for (let at = last; table.parentOf(at) !== -1; at = table.parentOf(at))
    way.unshift({ from: table.parentOf(at), step: table.stepOf(at) });
  return way.map(({ from, step: wanted }) => {
    const words: number[] = [];
    table.load(from, words);
    const steps: TraceStep[] = [];
    let ordinal = 0;
    world.successors(words, (next, label) => {
      if (ordinal === wanted) steps.push({ label: label(), after: world.parts(next) });
      ordinal += 1;
    });
    const [found] = steps;
    if (found === undefined) throw new Error('a state does not lead to where it led before');
    return found;
  });
}

/** The past is told apart by so much more when a trace is made again: for longer than any trace lasts. */
const exactTicks = 1_000;

/**
 * Makes a trace again where nothing that is long past is taken for equal. A mutant may count in another way than the code
 * that the bounds were made for, and what shows it must not come from that.
 */
export function happensExactly(
  subject: Subject,
  bounds: Bounds,
  { problem, trace }: Violation,
): boolean {
  const world = createWorld(subject, { ...bounds, slack: exactTicks });
  let words: readonly number[] = world.initial();
  let found: { readonly next: readonly number[]; readonly wrong: string | null }[] = [];
  for (const { label } of trace) {
    found = [];
    world.successors(words, (next, text, wrong) => {
      if (text() === label) found.push({ next: [...next], wrong });
    });
    if (found[0] === undefined) return false;
    words = found[0].next;
  }
  return found[0]?.wrong === problem;
}

function sampled(world: World, table: StateTable, count: number): readonly Parts[] {
  const samples: Parts[] = [];
  const words: number[] = [];
  for (let sample = 0; sample < Math.min(count, table.size); sample += 1) {
    table.load(Math.floor((sample * table.size) / count), words);
    samples.push(world.parts(words));
  }
  return samples;
}
