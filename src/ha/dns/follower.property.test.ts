import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createDnsFollower } from './follower.ts';
import { pass, sharedRecord } from './testing/shared-record.ts';
import type { Mishap } from './testing/shared-record.ts';

const mishap: fc.Arbitrary<Mishap> = fc.oneof(
  fc.record({ kind: fc.constant('slow' as const), forMs: fc.integer({ min: 1, max: 9_000 }) }),
  fc.record({ kind: fc.constant('late' as const), afterMs: fc.integer({ min: 1, max: 9_000 }) }),
  fc.record({ kind: fc.constant('fails' as const) }),
  fc.record({ kind: fc.constant('wrong' as const) }),
);

const publish = fc.record({
  host: fc.constantFrom(0, 1),
  /** Who hears of it: both, or only the host that has the role now. */
  bothHear: fc.boolean(),
  waitMs: fc.integer({ min: 0, max: 20_000 }),
});

describe('two followers of one record without compare-and-swap', () => {
  it('never write below what they know, and end at the newest epoch whatever happened (property)', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(publish, { minLength: 1, maxLength: 6 }),
        fc.array(mishap, { maxLength: 6 }),
        fc.array(mishap, { maxLength: 6 }),
        async (publishes, mishapsOfA, mishapsOfB) => {
          const clock = manualClock();
          const record = sharedRecord(clock);
          const random = { unit: () => 0.5, id: () => 'id' };
          const heard = [0, 0];
          const followers = [mishapsOfA, mishapsOfB].map((mishaps, host) => {
            const sound = record.provider([...mishaps]);
            const provider = {
              ...sound,
              apply: (...[change, options]: Parameters<typeof sound.apply>) => {
                expect(change.epoch).toBe(heard[host]);
                return sound.apply(change, options);
              },
            };
            const { resolver } = record;
            return createDnsFollower({
              provider,
              resolver,
              clock,
              random,
              onView: () => undefined,
            });
          });
          for (const [index, { host, bothHear, waitMs }] of publishes.entries()) {
            const epoch = index + 1;
            for (const [other, follower] of followers.entries()) {
              if (other !== host && !bothHear) continue;
              heard[other] = epoch;
              follower.publish(epoch, `10.0.0.${String(host + 2)}`);
            }
            await pass(clock, waitMs, 500);
          }
          await pass(clock, 600_000, 500);
          const newest = publishes.length;
          const holder = publishes.at(-1)!.host;
          expect(record).toMatchObject({ epoch: newest, address: `10.0.0.${String(holder + 2)}` });
          expect(followers[holder]!.view()).toMatchObject({ ok: true, epoch: newest });
          await Promise.all(followers.map((follower) => follower.close()));
        },
      ),
      { numRuns: 40 },
    );
  });
});
