import { describe, expect, it } from 'vitest';

import { seededRandom } from '../../../base/testing/seeded-random.ts';
import { randomRun } from './beside.ts';
import { killMutant } from './kill.node.ts';
import { mutants } from './mutants.ts';
import { allSearches, exploreModel, smallSearches, wide, wideLatch } from './searches.ts';
import { loadMutant, shipped } from './subject.node.ts';
import { guards } from './vocabulary.ts';

describe('the reference model', () => {
  it.each(smallSearches.map((bounds) => [bounds.name, bounds] as const))(
    'breaks no rule in any state: %s',
    { timeout: 200_000 },
    (_, bounds) => {
      const found = exploreModel(bounds, [], { maxStates: Infinity, samples: 0 });
      expect(found.violation).toBeNull();
      expect(found.complete).toBe(true);
      expect(found.states).toBeGreaterThan(10_000);
    },
  );

  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))(
    'and the broker do wrong without a rule: %s',
    { timeout: 200_000 },
    async (_, mutant) => {
      const { trace, difference, isKilled } = await killMutant(mutant);
      expect(trace).not.toBeNull();
      expect(difference).not.toBeNull();
      expect(isKilled).toBe(true);
    },
  );

  it('has a mutant for every guard, and each once', () => {
    const removed = new Set(mutants.flatMap((mutant) => mutant.guards));
    expect(guards.filter((guard) => !removed.has(guard))).toEqual([]);
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
    expect(new Set(allSearches.map(({ name }) => name)).size).toBe(allSearches.length);
  });

  it('refuses a mutant whose guard is not there', async () => {
    const gone = { file: 'broker/broker.ts', from: 'a guard that nobody wrote', to: '' };
    await expect(loadMutant([gone])).rejects.toThrow('0 places');
  });
});

describe('the broker beside the model', () => {
  it.each([
    ['default', wide],
    ['latch', wideLatch],
  ] as const)(
    'shows the same after every event of random sequences: %s',
    { timeout: 200_000 },
    (_, bounds) => {
      let left = 0;
      let taken = 0;
      for (let seed = 1; seed <= 12; seed += 1) {
        const run = randomRun(shipped, bounds, 500, seededRandom(seed).unit);
        expect(run.difference, run.events.join(' > ')).toBeNull();
        left += run.left;
        taken += run.taken;
      }
      expect([left > 100, taken > 50]).toEqual([true, true]);
    },
  );
});
