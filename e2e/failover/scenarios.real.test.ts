/** Five of the fault scenarios, with the real guardian, witness and dnsmasq; `npm run test:scenarios` plays all of them. */
import { expect, it } from 'vitest';

import { labObstacle } from './lab/commands.ts';
import { isolated } from './lab/network.ts';
import { scenarios } from './scenarios/catalogue.ts';
import { play } from './scenarios/stage.ts';

const quick = [1, 2, 5, 8, 9];
const chosen = quick.flatMap(
  (number) => scenarios.find((scenario) => scenario.number === number) ?? [],
);

it('this machine can hold a lab: Linux, root, network namespaces, nftables', () => {
  expect(labObstacle()).toBeNull();
  expect(chosen).toHaveLength(quick.length);
});

it.each(chosen.map((scenario) => [scenario.number, scenario.title, scenario] as const))(
  'scenario %i: %s',
  async (_number, _title, scenario) => {
    expect(await play(scenario, null)).toMatchObject({
      faults: [],
      splitBrainMs: 0,
      staleEffects: 0,
    });
  },
  120_000,
);

it('a gateway without a fence is found out', async () => {
  const outcome = await play(
    {
      number: 0,
      title: 'A goes on without a lease',
      endsWith: 'b',
      changes: 1,
      play: async ({ lab, pair, serves, pass }) => {
        await pair.gateways.a.faults({ unfenced: true });
        await lab.block(isolated('a'));
        await serves('b');
        await pass(1);
      },
    },
    null,
  );
  expect(outcome.splitBrainMs).toBeGreaterThan(0);
  expect(outcome.staleEffects).toBeGreaterThan(0);
  expect(outcome.faults.join('; ')).toContain('two were active');
}, 120_000);
