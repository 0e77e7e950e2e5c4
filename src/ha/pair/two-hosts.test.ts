import { describe, expect, it } from 'vitest';

import { checkedFarPair } from '../testing/pair-config.ts';
import { settledFarPair } from '../testing/settled-pair.ts';
import { simulatePair } from '../testing/simulated-pair.ts';

describe('a pair on two hosts', () => {
  it('starts with its primary once both guardians were heard, and both say the same', async () => {
    const pair = await settledFarPair();
    expect(pair.register.record).toMatchObject({
      epoch: 1,
      holder: 'home-a',
      addr: 'ws://10.0.0.1:21000',
    });
    expect(pair.kinds(0)).toEqual(['attached']);
    expect(pair.view(1).nodes).toMatchObject([
      { gatewayId: 'home-a', local: false, role: 'active' },
      { gatewayId: 'home-b', local: true, role: 'standby' },
    ]);
  });

  it('is not begun by one alone: the other may know of epochs that the empty register forgot', async () => {
    const pair = simulatePair(checkedFarPair());
    pair.hosts[0]!.start();
    await pair.run(120_000);
    expect(pair.register.written).toEqual([]);
    expect(pair.acting()).toBeNull();
    pair.hosts[1]!.start();
    await pair.run(3_000);
    expect(pair.acting()).toBe('home-a');
  });

  it('is taken over without waiting for the lease when the gateway dies and its guardian gives the role back', async () => {
    const pair = await settledFarPair();
    pair.primary.kill();
    const tookMs = await pair.runUntil(() => pair.acting() === 'home-b', 2_000);
    expect(tookMs).toBeLessThan(200);
    await pair.run(1_000);
    expect(pair.kinds(0).slice(-3)).toEqual(['missed', 'released', 'takeover']);
    expect(pair.kinds(1).slice(-2)).toEqual(['missed', 'takeover']);
    expect(pair.published.at(-1)).toEqual([2, 'ws://10.0.0.2:21000']);
  });

  it('is taken over after the lease when a whole computer is off, and not before', async () => {
    const pair = await settledFarPair();
    pair.powerOff('primary');
    const tookMs = await pair.runUntil(() => pair.acting() === 'home-b', 6_000);
    expect(tookMs).toBeGreaterThan(1_500);
    expect(tookMs).toBeLessThan(4_000);
  });

  it('has its frozen gateway ended, then taken over', async () => {
    const pair = await settledFarPair();
    pair.primary.freeze();
    const tookMs = await pair.runUntil(() => pair.acting() === 'home-b', 10_000);
    expect(pair.primary.process).toBe('dead');
    expect(tookMs).toBeLessThan(7_000);
  });

  it('survives a guardian that dies: the gateway stops by itself before the other acts', async () => {
    const pair = await settledFarPair();
    pair.hosts[0]!.crash();
    await pair.runUntil(() => pair.acting() === null, 2_000);
    expect(pair.primary.process).toBe('up');
    await pair.runUntil(() => pair.acting() === 'home-b', 4_000);
  });

  it('survives a guardian that freezes beyond its lease; awake again, it learns that it is over', async () => {
    const pair = await settledFarPair();
    pair.hosts[0]!.freeze();
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-b');
    pair.hosts[0]!.thaw();
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.kinds(0)).toContain('fenced');
    expect(pair.view(0)).toMatchObject({ activeId: 'home-b', cover: 'protected' });
  });

  it('goes on without a gap where a guardian is back within the lease, in the same epoch', async () => {
    const pair = await settledFarPair();
    pair.hosts[0]!.crash();
    await pair.run(800);
    pair.hosts[0]!.start();
    await pair.run(10_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view(0)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
    expect(pair.view(1)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
  });

  it('respects what an earlier life of a guardian granted: nothing is given back before that has run out', async () => {
    const pair = await settledFarPair();
    pair.primary.fenceUnheard = true;
    pair.hosts[0]!.crash();
    await pair.run(100);
    pair.hosts[0]!.start();
    await pair.run(700);
    expect(pair.acting()).toBe('home-a');
    pair.ask('hand-over', 0);
    await pair.runUntil(() => pair.register.record?.holder === 'none', 10_000);
    expect(pair.primary.acts()).toBe(false);
  });

  it('is not moved by the loss of the link alone, nor by looks that do not get across', async () => {
    const pair = await settledFarPair();
    pair.link.works[0] = false;
    pair.link.works[1] = false;
    pair.looksAcross = false;
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view(0)).toMatchObject({ cover: 'exposed' });
    expect(pair.view(1).nodes[0]).toMatchObject({ role: null });
    pair.link.works[0] = true;
    pair.link.works[1] = true;
    pair.looksAcross = true;
    await pair.run(5_000);
    expect(pair.view(0)).toMatchObject({ cover: 'protected' });
  });

  it.each([
    [0, 1],
    [1, 0],
  ] as const)('is not moved by a link that works one way only (%i, %i)', async (first, second) => {
    const pair = await settledFarPair();
    pair.link.works[0] = first === 1;
    pair.link.works[1] = second === 1;
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });

  it('has a cut-off primary stop before the other acts, and stay standby when the cut is over', async () => {
    const pair = await settledFarPair();
    pair.link.works[0] = false;
    pair.link.works[1] = false;
    pair.looksAcross = false;
    pair.register.unreachableBy.add('home-a');
    await pair.runUntil(() => pair.acting() === null, 3_000);
    await pair.runUntil(() => pair.acting() === 'home-b', 4_000);
    pair.link.works[0] = true;
    pair.link.works[1] = true;
    pair.looksAcross = true;
    pair.register.unreachableBy.clear();
    await pair.run(120_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view(0)).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'protected' });
    expect(pair.roleChanges()).toBe(1);
  });

  it('is not moved by a lossy, slow link', async () => {
    const pair = await settledFarPair();
    pair.link.loss = 0.4;
    pair.link.delayMs = 150;
    await pair.run(300_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });

  it('holds with clocks that run at different speeds, in the coarse steps of a real one', async () => {
    for (const rates of [
      [1.009, 0.991],
      [0.991, 1.009],
    ]) {
      const clocks = rates.map((rate) => ({ rate, stepMs: 10 }));
      const pair = await settledFarPair({}, { clocks });
      pair.hosts[0]!.freeze();
      await pair.runUntil(() => pair.acting() === 'home-b', 6_000);
      pair.hosts[0]!.thaw();
      await pair.run(5_000);
      expect(pair.acting()).toBe('home-b');
    }
  });

  it('does not move for turns that fail on both hosts, and does for those that fail on one', async () => {
    const pair = await settledFarPair({ check: { turnEveryMs: 10_000 } });
    pair.primary.model = 'fails';
    pair.standby.model = 'fails';
    await pair.run(120_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    pair.standby.model = 'works';
    await pair.run(60_000);
    expect(pair.acting()).toBe('home-b');
  });

  it.each(['fast', 'default', 'safe'] as const)(
    'fails over in the profile “%s”',
    async (profile) => {
      const pair = await settledFarPair({ profile });
      pair.powerOff('primary');
      await pair.runUntil(() => pair.acting() === 'home-b', 12_000);
      await pair.run(60_000);
      expect(pair.acting()).toBe('home-b');
    },
  );
});
