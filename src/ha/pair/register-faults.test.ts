import { describe, expect, it } from 'vitest';

import { checkedPair } from '../testing/pair-config.ts';
import { settledFarPair, settledPair } from '../testing/settled-pair.ts';
import { simulatePair } from '../testing/simulated-pair.ts';

describe('a register on the network', () => {
  it('that is silent for both: the other one’s promise keeps the active one going, without cover', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-a').add('home-b');
    await pair.run(120_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view(0)).toMatchObject({ cover: 'exposed', register: { ok: false } });
    const words = pair.events.filter(({ host, kind }) => host === 0 && kind === 'register');
    expect(words.map(({ reason }) => reason)).toEqual([
      'The register does not answer: no answer',
      expect.stringContaining('promised to stand still'),
    ]);

    pair.register.unreachableBy.clear();
    await pair.run(5_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view(0)).toMatchObject({ epoch: 1, cover: 'protected' });
  });

  it('that is silent, and so is the other guardian: the active one stops when its lease ends', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-a').add('home-b');
    pair.hosts[1]!.crash();
    await pair.run(10_000);
    expect(pair.acting()).toBeNull();
    expect(pair.kinds(0)).toContain('fenced');
    pair.register.unreachableBy.clear();
    await pair.run(3_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.register.record).toMatchObject({ epoch: 1, holder: 'home-a' });
  });

  it('that is silent, then the active host is off: nobody acts until the register is back', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-a').add('home-b');
    await pair.run(10_000);
    pair.powerOff('primary');
    await pair.run(60_000);
    expect(pair.acting()).toBeNull();
    pair.register.unreachableBy.clear();
    await pair.run(5_000);
    expect(pair.acting()).toBe('home-b');
  });

  it('that is silent for the standby only moves nobody', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-b');
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.view(1)).toMatchObject({ cover: 'exposed' });
  });

  it('that is silent for the active one only: it goes on by the other one’s promise', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-a');
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });

  it('that lost its disk is filled above every epoch that either guardian knows', async () => {
    const pair = await settledFarPair();
    pair.ask('hand-over', 0);
    await pair.run(2_000);
    expect(pair.register.record?.epoch).toBe(2);
    await pair.run(120_000);
    pair.register.loseDisk();
    await pair.runUntil(() => pair.register.record !== null, 5_000);
    expect(pair.register.record?.epoch).toBeGreaterThanOrEqual(3);
    // Gateways that saw many renewals take orders of the new epoch at once.
    await pair.run(5_000);
    expect(pair.acting()).not.toBeNull();
  });

  it('that lost its disk while both guardians were down, likewise: epochs are kept on disk', async () => {
    const pair = await settledFarPair();
    pair.ask('hand-over', 0);
    await pair.run(2_000);
    for (const host of pair.hosts) host.crash();
    await pair.run(10_000);
    pair.register.loseDisk();
    for (const host of pair.hosts) host.start();
    await pair.run(20_000);
    expect(pair.register.record?.epoch).toBe(3);
  });

  it.each(['lost-answer', 'lost-request', 'late'] as const)(
    'whose answer to a renewal says nothing (%s) is read again, and the active one goes on',
    async (fate) => {
      const pair = await settledFarPair();
      for (let round = 0; round < 5; round += 1) {
        pair.register.nextSwap = fate;
        await pair.run(5_000);
      }
      expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
      expect(pair.register.record?.epoch).toBe(1);
    },
  );

  it.each(['lost-answer', 'lost-request'] as const)(
    'whose answer to a takeover says nothing (%s) is read again; it is made once',
    async (fate) => {
      const pair = await settledFarPair();
      pair.powerOff('primary');
      await pair.run(1_000);
      pair.register.nextSwap = fate;
      await pair.run(20_000);
      expect(pair.acting()).toBe('home-b');
      expect(pair.register.record?.epoch).toBe(2);
      expect(pair.kinds(1).filter((kind) => kind === 'takeover')).toHaveLength(1);
    },
  );

  it('that answers slowly, within the lease, moves nobody', async () => {
    const pair = await settledFarPair();
    pair.register.tookMs = 350;
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });
});

describe('the register of one host', () => {
  it('is read again after a lost race, and what it says is adopted', async () => {
    const pair = await settledPair();
    pair.register.record = { epoch: 5, holder: 'home-b', ctr: 8, addr: 'ws://127.0.0.1:21120' };
    pair.primary.kill();
    await pair.run(2_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 5 });
    expect(pair.acting()).toBe('home-b');
  });

  it.each(['lost-answer', 'lost-request'] as const)(
    'is read again after a swap without an answer (%s), which is not made twice',
    async (fate) => {
      const pair = await settledPair();
      pair.register.nextSwap = fate;
      pair.primary.kill();
      await pair.run(3_000);
      expect(pair.register.record).toMatchObject({ epoch: 2, holder: 'home-b' });
      expect(pair.acting()).toBe('home-b');
    },
  );

  it('is no proof that a gateway has the lock which took it in an answer nobody heard, and ended', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.register.nextSwap = 'lost-answer';
    pair.standby.freeze();
    pair.start();
    await pair.runUntil(() => pair.register.record !== null, 10_000);
    pair.primary.kill();
    pair.primary.boot();
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-a');
  });

  it('is swapped once, however much happens before it answers', async () => {
    const pair = await settledPair();
    pair.register.timeoutMs = 10_000;
    pair.register.tookMs = 5_000;
    pair.primary.kill();
    await pair.run(4_000);
    pair.primary.boot();
    await pair.run(30_000);
    expect(pair.register.record).toMatchObject({ epoch: 2, holder: 'home-b' });
    expect(pair.acting()).toBe('home-b');
  });

  it.each([
    ['an older epoch', { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' }],
    [
      'another holder of the same epoch',
      { epoch: 2, holder: 'home-a', ctr: 2, addr: 'ws://127.0.0.1:21000' },
    ],
  ])(
    'that suddenly says %s stops every move, and a person is told once',
    async (_words, restored) => {
      const pair = await settledPair();
      pair.primary.kill();
      await pair.run(1_000);
      expect(pair.register.record?.epoch).toBe(2);
      pair.primary.boot();
      await pair.run(3_000);
      pair.register.record = restored;
      await pair.run(1_000);
      pair.standby.kill();
      await pair.run(30_000);
      expect(pair.register.record).toEqual(restored);
      expect(pair.acting()).toBeNull();
      expect(pair.view()).toMatchObject({ cover: 'exposed' });
      expect(pair.kinds().filter((kind) => kind === 'error')).toHaveLength(1);
    },
  );

  it('that suddenly says nothing is filled again, above what was known', async () => {
    const pair = await settledPair();
    for (let round = 0; round < 4; round += 1) {
      pair.ask('hand-over');
      await pair.run(2_000);
    }
    pair.register.loseDisk();
    await pair.run(3_000);
    expect(pair.acting()).not.toBeNull();
    expect(pair.register.record).toMatchObject({ epoch: 6, holder: pair.acting() });
  });
});
