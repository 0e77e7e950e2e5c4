/** The exploration of the election; how states are searched is `exploreSpace`. */
import { exploreSpace } from '../../../base/testing/explore-space.ts';
import type { ExploreOptions, SpaceExploration } from '../../../base/testing/explore-space.ts';
import type { Bounds } from './bounds.ts';
import type { Subject } from './subject.ts';
import { createWorld, stateWidth } from './world.ts';
import type { Parts } from './world.ts';

export interface TraceStep {
  readonly label: string;
  readonly after: Parts;
}

export interface Violation {
  readonly problem: string;
  readonly trace: readonly TraceStep[];
}

export interface Exploration extends Omit<SpaceExploration, 'violation' | 'samples'> {
  readonly violation: Violation | null;
  readonly parts: string;
  /** Some of the states, spread over the whole search. */
  readonly samples: readonly Parts[];
}

/** Visits every state within the bounds until one is wrong, or `maxStates` are known. */
export function explore(subject: Subject, bounds: Bounds, options: ExploreOptions): Exploration {
  const world = createWorld(subject, bounds);
  const found = exploreSpace({ ...world, width: stateWidth }, options);
  return {
    ...found,
    violation: found.violation && {
      problem: found.violation.problem,
      trace: found.violation.trace.map(({ label, after }) => ({
        label,
        after: world.parts(after),
      })),
    },
    parts: world.partCounts(),
    samples: found.samples.map((words) => world.parts(words)),
  };
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
