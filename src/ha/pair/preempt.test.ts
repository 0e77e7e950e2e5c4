import { describe, expect, it } from 'vitest';

import { settledFarPair, settledPair } from '../testing/settled-pair.ts';
import type { SimulatedPair } from '../testing/simulated-pair.ts';

const preempt = { preferred: 'primary', delayMs: 60_000 } as const;
/** Long waits with few looks. */
const calm = { profile: 'safe', preempt, check: { everyMs: 5_000 } } as const;

async function crashAndRepair(pair: SimulatedPair, downMs: number): Promise<void> {
  pair.primary.kill();
  await pair.run(downMs);
  pair.primary.boot();
}

describe('a pair without a preferred gateway', () => {
  it('never moves back, and says why', async () => {
    const pair = await settledFarPair({ profile: 'safe' });
    await crashAndRepair(pair, 5_000);
    await pair.run(300_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view(0).preempt).toContain('Whoever is active stays active');
  });
});

describe('a pair with a preferred gateway', () => {
  it('moves back after it was well for the whole delay, by a handing over', async () => {
    const pair = await settledFarPair(calm);
    pair.ask('hand-over', 0); // planned: no damping
    await pair.run(2_000);
    expect(pair.acting()).toBe('home-b');
    const beganAtMs = pair.nowMs();
    await pair.runUntil(() => pair.acting() === 'home-a', 180_000);
    expect(pair.nowMs() - beganAtMs).toBeGreaterThan(50_000);
    expect(pair.events.map(({ kind }) => kind)).toContain('handoff');
    expect(pair.view(0).preempt).toContain('Home A is preferred');
  });

  it('starts counting again when it is not well in between', async () => {
    const pair = await settledFarPair(calm);
    await crashAndRepair(pair, 5_000);
    await pair.run(90_000);
    await crashAndRepair(pair, 5_000);
    await pair.run(100_000);
    expect(pair.acting()).toBe('home-b');
    await pair.run(30_000);
    expect(pair.acting()).toBe('home-a');
  });

  it('waits twice as long after each change that nobody asked for, and says so', async () => {
    const pair = await settledFarPair(calm);
    const waits: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      await crashAndRepair(pair, 3_000);
      expect(pair.acting()).toBe('home-b');
      const beganAtMs = pair.nowMs();
      await pair.runUntil(() => pair.acting() === 'home-a', 1_200_000);
      waits.push(pair.nowMs() - beganAtMs);
      await pair.run(5_000);
    }
    expect(waits[0]).toBeGreaterThan(115_000);
    expect(waits[1]).toBeGreaterThan(235_000);
    expect(waits[2]).toBeGreaterThan(475_000);
    expect(pair.view(0).preempt).toContain('longer than usual');
  });

  it('waits as long where its whole computer went off, and forgot', async () => {
    const pair = await settledFarPair(calm);
    pair.powerOff('primary');
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-b');
    pair.looksAcross = true;
    pair.primary.boot();
    pair.hosts[0]!.start();
    const beganAtMs = pair.nowMs();
    await pair.runUntil(() => pair.acting() === 'home-a', 300_000);
    expect(pair.nowMs() - beganAtMs).toBeGreaterThan(105_000);
  });

  it('forgets old trouble after an hour', async () => {
    const pair = await settledFarPair(calm);
    await crashAndRepair(pair, 3_000);
    await pair.runUntil(() => pair.acting() === 'home-a', 1_200_000);
    await pair.run(3_600_000);
    pair.ask('hand-over', 0);
    await pair.run(2_000);
    const beganAtMs = pair.nowMs();
    await pair.runUntil(() => pair.acting() === 'home-a', 180_000);
    expect(pair.nowMs() - beganAtMs).toBeLessThan(65_000);
  });

  it('is moved at most twice by twenty crashes of its primary', async () => {
    const pair = await settledFarPair(calm);
    for (let crash = 0; crash < 20; crash += 1) {
      pair.primary.kill();
      await pair.run(2_500);
      pair.primary.boot();
      await pair.run(2_500);
    }
    await pair.run(10_000);
    expect(pair.roleChanges()).toBeLessThanOrEqual(2);
    expect(pair.acting()).toBe('home-b');
  });

  it('does not move while it is held', async () => {
    const pair = await settledFarPair(calm);
    await crashAndRepair(pair, 3_000);
    pair.ask('hold', 1);
    await pair.run(600_000);
    expect(pair.acting()).toBe('home-b');
  });

  it('moves back on one host too', async () => {
    const pair = await settledPair({ preempt });
    await crashAndRepair(pair, 3_000);
    await pair.runUntil(() => pair.acting() === 'home-a', 300_000);
    await pair.run(100);
    expect(pair.kinds().slice(-2)).toEqual(['released', 'handoff']);
  });

  it.each([
    ['one host', () => settledPair({ preempt })],
    ['two hosts', () => settledFarPair(calm)],
  ])(
    'does not move on %s before the conversations are copied, and says so',
    async (_on, settle) => {
      const pair = await settle();
      await crashAndRepair(pair, 3_000);
      const host = pair.hosts.length - 1;
      pair.copied(false);
      await pair.run(400_000);
      expect(pair.acting()).toBe('home-b');
      expect(pair.view(host).preempt).toContain('have to be copied');
      pair.copied(true);
      await pair.runUntil(() => pair.acting() === 'home-a', 200_000);
      await pair.run(1_000);
      expect(pair.view(host).preempt).not.toContain('copied');
    },
  );

  it('does not move to one that has its trouble in turns only', async () => {
    const pair = await settledFarPair(calm);
    await crashAndRepair(pair, 3_000);
    pair.primary.model = 'fails';
    await pair.run(400_000);
    expect(pair.acting()).toBe('home-b');
  });
});
