/** What can go wrong between the hosts: C.3 numbers 7 to 11. */
import { between, isolated, type Block } from '../lab/network.ts';
import { gatewayIds } from '../world/pair.ts';
import type { Scenario } from './stage.ts';

/** The share of packets that the switch loses between the hosts of the pair and of the register; the client's are spared. */
function lossy(lossPercent: number): readonly Block[] {
  return [...between('a', 'b'), ...between('a', 'witness'), ...between('b', 'witness')].map(
    (block) => ({ ...block, lossPercent }),
  );
}

export const networkScenarios: readonly Scenario[] = [
  {
    number: 7,
    title: 'host power loss',
    endsWith: 'b',
    changes: 1,
    play: async ({ lab, serves }) => {
      await lab.hosts.a.losePower();
      await serves('b');
    },
  },
  {
    number: 8,
    title: 'A and B do not see each other',
    endsWith: 'a',
    changes: 0,
    play: async ({ lab, pair, shows, pass, check }) => {
      await lab.block(between('a', 'b'));
      const view = await shows('a', ({ cover }) => cover === 'exposed');
      check(view.coverReason !== '', `the guardian says so: ${view.coverReason}`);
      await pass(5);
      await lab.block([]);
      await pair.settled('a');
    },
  },
  ...(['witness', 'rfc2136'] as const).map((register): Scenario => ({
    number: 9,
    title: `A alone: fenced before B acts, and no way back by itself (${register})`,
    setup: { register },
    endsWith: 'b',
    changes: 1,
    play: async ({ lab, pair, serves, pass }) => {
      await lab.block(isolated('a'));
      await serves('b');
      await pass(2);
      await lab.block([]);
      await pair.settled('b');
    },
  })),
  {
    number: 10,
    title: 'one-way loss: nothing passes from B to A',
    endsWith: 'a',
    changes: 0,
    play: async ({ lab, pair, pass }) => {
      await lab.block([{ from: 'b', to: 'a' }]);
      await pass(6);
      await lab.block([]);
      await pair.settled('a');
    },
  },
  ...[5, 20, 40].map((percent): Scenario => ({
    number: 11,
    title: `${percent} % loss and 100 ± 80 ms between all of them`,
    setup: {
      proxied: ['register-a', 'register-b', 'peer-a', 'peer-b'],
    },
    // One takeover is allowed at 40 %, and nobody hands the role back by itself.
    endsWith: percent > 20 ? 'either' : 'a',
    changes: percent > 20 ? [0, 1] : 0,
    play: async ({ lab, pair, proxies, pass, say }) => {
      for (const proxy of proxies.values()) await proxy.set({ delayMs: 100, jitterMs: 80 });
      await lab.block(lossy(percent));
      await pass(8);
      say(`active: ${pair.feeds.a.view()?.activeId ?? 'nobody knows'}`);
      await lab.block([]);
      for (const proxy of proxies.values()) await proxy.set({});
      if (pair.feeds.a.view()?.activeId === gatewayIds.a) await pair.settled('a');
    },
  })),
];
