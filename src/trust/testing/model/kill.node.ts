import { replay, type Difference } from './beside.ts';
import type { Mutant } from './mutants.ts';
import { exploreModel, wide, wideLatch } from './searches.ts';
import { loadMutant, shipped } from './subject.node.ts';
import type { ModelEvent } from './vocabulary.ts';

export interface Killed {
  readonly states: number;
  /** What goes wrong in the model without the rule, and the shortest way there; null: nothing does. */
  readonly problem: string | null;
  readonly trace: readonly ModelEvent[] | null;
  /** What the broker without the rule does otherwise than the whole model, on that way; null: nothing. */
  readonly difference: Difference | null;
  /** Found in both, and the shipped broker goes the same way as the model. */
  readonly isKilled: boolean;
}

const mostStates = 2_000_000;

/** Removes a rule from the model and from the broker. */
export async function killMutant(mutant: Mutant): Promise<Killed> {
  const bounds = mutant.latch === true ? wideLatch : wide;
  const events = bounds.events.filter((event) => mutant.without?.includes(event) !== true);
  const { states, violation } = exploreModel(
    { ...bounds, events },
    mutant.guards,
    { maxStates: mostStates, samples: 0 },
    mutant.problem ?? null,
  );
  const trace = violation?.trace.map(({ label }) => label as ModelEvent) ?? null;
  const subject = await loadMutant(mutant.changes);
  const difference = trace === null ? null : replay(subject, bounds, trace);
  const isKilled = difference !== null && replay(shipped, bounds, trace ?? []) === null;
  return { states, problem: violation?.problem ?? null, trace, difference, isKilled };
}
