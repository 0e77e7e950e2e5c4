import {
  array,
  assert,
  boolean,
  constantFrom,
  integer,
  oneof,
  property,
  record,
  constant,
} from 'fast-check';
import { expect, it } from 'vitest';

import { checkedPair } from './testing/pair-config.ts';
import { simulatePair } from './testing/simulated-pair.ts';
import type { SimulatedPair } from './testing/simulated-pair.ts';
import { viewPair } from './view.ts';

const which = constantFrom('primary' as const, 'standby' as const);

const fault = oneof(
  {
    weight: 4,
    arbitrary: record({ kind: constant('run' as const), ms: integer({ min: 1, max: 40_000 }) }),
  },
  record({ kind: constant('kill' as const), which }),
  record({ kind: constant('boot' as const), which }),
  record({ kind: constant('freeze' as const), which }),
  record({
    kind: constant('model' as const),
    which,
    model: constantFrom('works' as const, 'fails' as const, 'hangs' as const),
  }),
  record({ kind: constant('lock' as const), which, locked: boolean() }),
  record({ kind: constant('late' as const), byMs: constantFrom(0, 3_000) }),
  record({
    kind: constant('swap' as const),
    how: constantFrom('lost-answer' as const, 'lost-request' as const),
  }),
  record({ kind: constant('slow-swaps' as const), ms: constantFrom(1, 2_500) }),
  record({ kind: constant('readable' as const), readable: boolean() }),
  record({ kind: constant('other-guardian' as const), holder: constantFrom('home-a', 'home-b') }),
);

type Fault = typeof fault extends { generate(...args: never[]): { value: infer T } } ? T : never;

function inject(pair: SimulatedPair, event: Fault): void {
  switch (event.kind) {
    case 'run':
      pair.run(event.ms);
      break;
    case 'kill':
      pair.kill(event.which);
      break;
    case 'boot':
      pair.boot(event.which);
      break;
    case 'freeze':
      pair[event.which].process = 'frozen';
      break;
    case 'model':
      pair[event.which].model = event.model;
      break;
    case 'lock':
      pair[event.which].locked = event.locked;
      break;
    case 'late':
      pair.lateByMs = event.byMs;
      break;
    case 'swap':
      pair.nextSwap = event.how;
      break;
    case 'slow-swaps':
      pair.swapTakesMs = event.ms;
      break;
    case 'readable':
      pair.readable = event.readable;
      break;
    case 'other-guardian':
      if (pair.record !== null) {
        pair.record = {
          ...pair.record,
          epoch: pair.record.epoch + 1,
          ctr: pair.record.ctr + 1,
          holder: event.holder,
        };
      }
      break;
  }
}

it('keeps its promises whatever happens in whatever order, and protects again once all is well', () => {
  assert(
    property(array(fault, { maxLength: 40 }), (faults) => {
      const pair = simulatePair(checkedPair());
      const holders = new Map<number, string>();
      let lastEpoch = 0;
      let judged = 0;
      const check = (): void => {
        const known = pair.state().record;
        // The epoch never goes back, and an epoch has one holder for ever.
        if (known !== null) {
          expect(known.epoch).toBeGreaterThanOrEqual(lastEpoch);
          lastEpoch = known.epoch;
          if (!holders.has(known.epoch)) holders.set(known.epoch, known.holder);
          expect(holders.get(known.epoch)).toBe(known.holder);
        }
        // The role is given only to a member whose newest deep check was good and which answers.
        for (const swap of pair.swaps.slice(judged)) {
          judged += 1;
          if (swap.next.epoch === 1) continue;
          const candidate = swap.state.members.find(
            (member) => member.config.id === swap.next.holder,
          );
          expect(candidate?.turn.finished?.ok).toBe(true);
          expect(candidate?.rpc.finished?.ok).toBe(true);
          expect(candidate?.blind).toBeNull();
          expect(swap.next.epoch).toBe((swap.state.record?.epoch ?? 0) + 1);
        }
      };

      pair.start();
      for (const event of faults) {
        inject(pair, event);
        check();
      }

      Object.assign(pair, { lateByMs: 0, readable: true, nextSwap: 'as-it-is' });
      for (const gateway of [pair.primary, pair.standby])
        Object.assign(gateway, { process: 'up', model: 'works', locked: false });
      pair.run(300_000);
      check();
      const now = { bootMs: pair.clock.bootMs(), wallMs: pair.clock.wallMs() };
      const settled = viewPair(pair.state(), now);
      expect(settled.cover).toBe('protected');
      // Nothing is wrong any more, so nobody is moved any more.
      pair.run(300_000);
      expect(viewPair(pair.state(), { bootMs: pair.clock.bootMs(), wallMs: 0 }).epoch).toBe(
        settled.epoch,
      );
    }),
    { numRuns: 150 },
  );
});
