import fc from 'fast-check';
import { expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { PeerMessage } from '../election/model.ts';
import { openPeerLink } from './link.ts';
import type { PeerLink } from './model.ts';
import { peerSeals } from './seals.node.ts';
import { fakeNetwork } from './testing/fake-network.ts';

type Name = 'a' | 'b';

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('say' as const),
      side: fc.constantFrom<Name>('a', 'b'),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('restart' as const),
      side: fc.constantFrom<Name>('a', 'b'),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.integer({ min: 1, max: 400 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('replay' as const), which: fc.nat() }) },
);

it('in any weather: nothing twice, nothing out of order, nothing of an earlier life; and a session soon after the storm', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), fc.integer(), (steps, seed) => {
      const clock = manualClock();
      const network = fakeNetwork(clock);
      let dice = seed | 0;
      const roll = (sides: number): number => {
        dice = (Math.imul(dice, 1_664_525) + 1_013_904_223) | 0;
        return (dice >>> 8) % sides;
      };
      // A third is lost, a third doubled, all of it late by up to a second and so out of order.
      network.fate(() => Array.from({ length: roll(3) }, () => 1 + roll(1_000)));

      let said = 0;
      let ids = 0;
      const links: Partial<Record<Name, PeerLink>> = {};
      /** Ids rise with time over all lives of a side, so order can be judged from them alone. */
      const heard: Record<Name, number[]> = { a: [], b: [] };
      const start = (side: Name): void => {
        links[side]?.close();
        heard[side] = [];
        const names = { pairId: 'p', self: side, peer: side === 'a' ? 'b' : 'a' };
        const link = openPeerLink({
          openDatagrams: network.socket(side),
          seals: peerSeals('secret', names),
          clock,
          random: {
            unit: () => 0.5,
            id: () => (ids += 1).toString(16).padStart(32, '0'),
          },
        });
        link.onMessage((message: PeerMessage) => {
          if (message.kind === 'extend') heard[side].push(message.id);
        });
        links[side] = link;
      };
      const check = (): void => {
        for (const side of ['a', 'b'] as const) {
          const ordered = [...new Set(heard[side])].sort((left, right) => left - right);
          expect(heard[side]).toEqual(ordered);
        }
      };
      const say = (side: Name): number => {
        said += 1;
        links[side]!.send({ kind: 'extend', id: said, epoch: 1 });
        return said;
      };

      start('a');
      start('b');
      for (const action of steps) {
        if (action.kind === 'say') say(action.side);
        else if (action.kind === 'restart') start(action.side);
        else if (action.kind === 'wait') clock.advance(action.ms);
        else {
          const recorded = network.sent[action.which % network.sent.length]!;
          network.inject(recorded.from === 'a' ? 'b' : 'a', recorded.datagram);
        }
        check();
      }

      network.fate(() => [1]);
      for (let beat = 0; beat < 30; beat += 1) {
        say('a');
        say('b');
        clock.advance(100);
      }
      const last = { a: say('b'), b: say('a') };
      clock.advance(1);
      check();
      expect(heard.a.at(-1)).toBe(last.a);
      expect(heard.b.at(-1)).toBe(last.b);
    }),
    { numRuns: 300 },
  );
});
