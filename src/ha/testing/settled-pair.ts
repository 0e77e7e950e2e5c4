import { expect } from 'vitest';

import { checkedFarPair, checkedPair, homePair } from './pair-config.ts';
import { simulatePair } from './simulated-pair.ts';
import type { SimulatedPair } from './simulated-pair.ts';

/** A pair on one host that has run well for a while: home-a active in epoch 1, home-b warm. */
export async function settledPair(
  change: Partial<ReturnType<typeof homePair>> = {},
): Promise<SimulatedPair> {
  const pair = simulatePair([checkedPair({ ...homePair(), ...change })]);
  pair.start();
  await settle(pair);
  return pair;
}

/** The same on two hosts. */
export async function settledFarPair(
  change: Parameters<typeof checkedFarPair>[0] = {},
  options: Parameters<typeof simulatePair>[1] = {},
): Promise<SimulatedPair> {
  const pair = simulatePair(checkedFarPair(change), options);
  pair.start();
  await settle(pair);
  return pair;
}

async function settle(pair: SimulatedPair): Promise<void> {
  await pair.run(5_000);
  expect(pair.acting()).toBe('home-a');
  for (const host of pair.hosts.keys())
    expect(pair.view(host)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
}
