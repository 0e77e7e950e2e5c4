/** What can go wrong with the register and DNS: C.3 numbers 12 to 16. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { hostFolder } from '../lab/lab.ts';
import { effectsOf } from '../world/light.ts';
import { gatewayIds, sharedSecret } from '../world/pair.ts';
import { startDnsmasq, startWitness } from '../world/services.ts';
import type { Scenario, Stage } from './stage.ts';

const takeoversAtOnce = 6;

/** Epochs in which more than one gateway acted. */
function sharedEpochs({ lab }: Stage): readonly number[] {
  const holders = new Map<number, Set<string>>();
  for (const { epoch, id } of effectsOf(lab, Object.values(gatewayIds)))
    holders.set(epoch, (holders.get(epoch) ?? new Set()).add(id));
  return [...holders].filter(([, ids]) => ids.size > 1).map(([epoch]) => epoch);
}

export const registerScenarios: readonly Scenario[] = [
  {
    number: 12,
    title: 'witness crash, and back later',
    endsWith: 'a',
    changes: 0,
    play: async (stage) => {
      const { lab, pair, shows, pass } = stage;
      await stage.witness?.end();
      await shows('a', ({ register }) => !register.ok);
      await pass(4);
      stage.witness = await startWitness(lab, sharedSecret(lab));
      await pair.settled('a');
    },
  },
  {
    number: 13,
    title: 'witness loses its disk: no epoch is used twice',
    endsWith: 'a',
    changes: [0, 2],
    play: async (stage) => {
      const { lab, pair, shows, pass, check } = stage;
      const before = pair.feeds.a.view()?.epoch ?? 0;
      await stage.witness?.end();
      await shows('a', ({ register }) => !register.ok);
      rmSync(join(hostFolder(lab, 'witness'), 'witness', 'state'), { recursive: true });
      stage.witness = await startWitness(lab, sharedSecret(lab));
      await pass(4);
      await pair.settled('a');
      const after = pair.feeds.a.view()?.epoch ?? 0;
      check(after > before, `the epoch went on from ${before} to ${after}`);
      check(sharedEpochs(stage).length === 0, 'no epoch had two holders');
    },
  },
  {
    number: 14,
    title: 'DNS server down during a takeover',
    endsWith: 'b',
    changes: 1,
    play: async (stage) => {
      const { lab, pair, serves, byName } = stage;
      await stage.dnsmasq.end();
      pair.gateways.a.process.signal('SIGKILL');
      await serves('b');
      stage.dnsmasq = await startDnsmasq(lab);
      await byName.serving(({ id }) => id === gatewayIds.b);
    },
  },
  {
    number: 15,
    title: 'both want the role at once, again and again',
    endsWith: 'a',
    changes: [0, takeoversAtOnce * 2],
    play: async (stage) => {
      const { pair, check } = stage;
      for (let round = 0; round < takeoversAtOnce; round += 1) {
        await Promise.all([
          pair.feeds.a.order('home', 'force'),
          pair.feeds.b.order('home', 'force'),
        ]);
      }
      check(sharedEpochs(stage).length === 0, 'no epoch had two holders');
      const view = await pair.feeds.a.until(({ busy, epoch }) => busy === null && epoch > 0);
      if (view.activeId !== gatewayIds.a) {
        await pair.settled('b');
        await pair.feeds.b.order('home', 'hand-over');
      }
      await pair.settled('a');
    },
  },
  ...(['witness', 'rfc2136'] as const).map((register): Scenario => ({
    number: 16,
    title: `the answer to a swap that happened is lost (${register})`,
    setup: { register, proxied: ['register-b'] },
    endsWith: 'b',
    changes: 1,
    play: async ({ pair, proxies, serves, shows, pass, check }) => {
      const before = pair.feeds.b.view()?.epoch ?? 0;
      await proxies.get('register-b')?.set({ loseAnswers: true });
      pair.gateways.a.process.signal('SIGKILL');
      await pass(2);
      await proxies.get('register-b')?.set({});
      await serves('b');
      const view = await shows('b', ({ activeId }) => activeId === gatewayIds.b);
      check(view.epoch === before + 1, `epoch ${before} became ${view.epoch}, no second one`);
    },
  })),
];
