/** What can go wrong with a gateway itself: C.3 numbers 1 to 4, 19 and 20. */
import { gatewayIds } from '../world/pair.ts';
import type { Scenario } from './stage.ts';

export const gatewayScenarios: readonly Scenario[] = [
  ...(['witness', 'lock'] as const).map((register): Scenario => ({
    number: 1,
    title: `gateway crash (${register === 'lock' ? 'both on one host' : 'two hosts'})`,
    setup: { register },
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves }) => {
      pair.gateways.a.process.signal('SIGKILL');
      await serves('b');
      await pair.startGateway('a');
      await pair.settled('b');
    },
  })),
  {
    number: 2,
    title: 'gateway frozen, and awake again',
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves, pass }) => {
      const { process: frozen } = pair.gateways.a;
      frozen.signal('SIGSTOP');
      await serves('b');
      frozen.signal('SIGCONT');
      await pass(1);
      if (!frozen.isRunning()) await pair.startGateway('a');
      await pair.settled('b');
    },
  },
  ...(['nonce', 'empty'] as const).map((lie): Scenario => ({
    number: 3,
    title: `lying gateway: ${lie === 'nonce' ? 'another word than asked' : 'empty answers'}`,
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves, pass }) => {
      await pair.gateways.a.faults({ lie });
      await serves('b');
      await pass(2);
    },
  })),
  {
    number: 4,
    title: 'slow gateway: below the threshold nothing, above it a takeover',
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves, pass, check }) => {
      await pair.gateways.a.faults({ slowMs: 40 });
      await pass(4);
      check(
        pair.feeds.a.view()?.activeId === gatewayIds.a,
        'with answers after 40 ms A keeps the role',
      );
      await pair.gateways.a.faults({ slowMs: 4_000 });
      await serves('b');
    },
  },
  ...(['full', 'slow'] as const).map((disk): Scenario => ({
    number: 19,
    title: `disk ${disk === 'full' ? 'takes nothing' : 'takes two seconds for a write'}`,
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, serves, pass }) => {
      await pair.gateways.a.faults({ disk });
      await serves('b');
      await pass(2);
    },
  })),
  {
    number: 20,
    title: 'failback storm: a preferred primary that crashes again and again',
    setup: { preempt: { preferred: 'primary', delayMs: 2_000 } },
    endsWith: 'b',
    changes: [1, 2],
    play: async ({ pair, serves, pass }) => {
      pair.gateways.a.process.signal('SIGKILL');
      await serves('b');
      for (let crash = 0; crash < 8; crash += 1) {
        await pair.startGateway('a');
        await pass(1);
        await pair.gateways.a.process.end();
      }
    },
  },
];
