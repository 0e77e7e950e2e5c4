/** How far the reference model is explored: every state within these bounds is seen. */
import { exploreSpace, type StateSpace } from '../../../base/testing/explore-space.ts';
import type { ExploreOptions, SpaceExploration } from '../../../base/testing/explore-space.ts';
import { createReference } from './reference.ts';
import { modelWidth, type Guard, type ModelBounds, type ModelEvent } from './vocabulary.ts';

/** Everything that can happen. */
export const allEvents: readonly ModelEvent[] = [
  'allow',
  'revoke',
  'ask 0',
  'ask 1',
  'stranger asks',
  'ask too much',
  'approve 0',
  'approve 1',
  'decline 0',
  'decline 1',
  'grant',
  'end grants',
  'write 0',
  'write 1',
  'fail 0',
  'fail 1',
  'W answers 0 in form',
  'W answers 1 in form',
  'W answers 0 freely',
  'W answers 1 freely',
  'receive 0',
  'receive 1',
  'give 0',
  'give 1',
  'give another text 0',
  'clear taint',
  'two minutes pass',
  'hours pass',
  'policy changes',
  'W is pinned anew',
  'another peer answers',
  'the log breaks',
  'the log is mended',
  'crash',
  'start',
  'forget 0',
  'forget 1',
];

const without = (...gone: readonly ModelEvent[]): readonly ModelEvent[] =>
  allEvents.filter((event) => !gone.includes(event));

function bounds(name: string, change: Partial<Omit<ModelBounds, 'name'>>): ModelBounds {
  return {
    name,
    latch: false,
    revokes: 1,
    grantCalls: 1,
    rate: 2,
    events: allEvents,
    intents: 2,
    ...change,
  };
}

/** A wrong peer, a broken log and crashes make everything else many times as much. */
const noFaults = without(
  'the log breaks',
  'the log is mended',
  'another peer answers',
  'W is pinned anew',
);

/** Small enough for `npm test`. */
export const smallSearches: readonly ModelBounds[] = [
  bounds('small', { events: noFaults, revokes: 2, grantCalls: 2, rate: 3 }),
  bounds('small, latch', { latch: true, events: noFaults, revokes: 2, grantCalls: 2, rate: 3 }),
];

export const fullSearches: readonly ModelBounds[] = [
  bounds('default', { revokes: 2, grantCalls: 2, rate: 3 }),
  bounds('latch', { latch: true, revokes: 2, grantCalls: 2, rate: 3 }),
];

export const allSearches: readonly ModelBounds[] = [...smallSearches, ...fullSearches];

/** For mutants, and for running the broker beside the model. */
export const wide: ModelBounds = bounds('wide', { revokes: 2, grantCalls: 2, rate: 3 });
export const wideLatch: ModelBounds = { ...wide, name: 'wide, latch', latch: true };

/** The model as a space of states. @param wanted the one problem to look for, where there may be several */
export function spaceOf(
  searched: ModelBounds,
  removed: readonly Guard[] = [],
  wanted: string | null = null,
): StateSpace {
  const reference = createReference(searched, removed);
  return {
    width: modelWidth,
    initial: () => reference.initial(),
    successors: (words, visit) => {
      for (const event of searched.events) {
        if (!reference.isEnabled(words, event)) continue;
        const next = words.slice();
        const { problem } = reference.apply(next, event);
        visit(next, () => event, wanted === null || problem === wanted ? problem : null);
      }
    },
  };
}

/** Explores it. */
export function exploreModel(
  searched: ModelBounds,
  removed: readonly Guard[],
  options: ExploreOptions,
  wanted: string | null = null,
): SpaceExploration {
  return exploreSpace(spaceOf(searched, removed, wanted), options);
}
