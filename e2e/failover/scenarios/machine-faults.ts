/** What can go wrong with a machine's clocks and processors: C.3 numbers 17 and 18. */
import { join } from 'node:path';

import { startProcess } from '../lab/process.ts';
import type { Scenario } from './stage.ts';

const shiftedClock = `--import=${join(import.meta.dirname, '../lab/shifted-clock.ts')}`;

export const machineScenarios: readonly Scenario[] = [
  ...(['witness', 'rfc2136'] as const).map((register): Scenario => ({
    number: 17,
    title: `wall clocks jump an hour, one each way (${register})`,
    setup: { register, environment: { NODE_OPTIONS: shiftedClock } },
    endsWith: 'a',
    changes: 0,
    play: async ({ pair, pass, check }) => {
      pair.guardians.a.signal('SIGUSR2');
      pair.guardians.b.signal('SIGPIPE');
      await pass(6);
      check(pair.guardians.a.isRunning() && pair.guardians.b.isRunning(), 'both guardians go on');
    },
  })),
  ...[4, 16].map((loops): Scenario => ({
    number: 18,
    title: `processors busy with ${loops} endless loops`,
    endsWith: 'a',
    changes: 0,
    play: async ({ pass, check }) => {
      const burning = Array.from({ length: loops }, (_, index) =>
        startProcess(`loop-${index}`, 'sh', ['-c', 'while :; do :; done']),
      );
      try {
        await pass(10);
        check(
          burning.every((loop) => loop.isRunning()),
          'the loops ran all the time',
        );
      } finally {
        await Promise.all(burning.map((loop) => loop.end()));
      }
    },
  })),
];
