import { describe, expect, it } from 'vitest';

import { checkedPair } from '../testing/pair-config.ts';
import { settledFarPair, settledPair } from '../testing/settled-pair.ts';
import { simulatePair } from '../testing/simulated-pair.ts';

describe('what a person sees of a pair', () => {
  it('before anything is known: nothing is promised', () => {
    const pair = simulatePair([checkedPair()]);
    pair.start();
    expect(pair.view()).toMatchObject({
      epoch: 0,
      activeId: 'home-a',
      cover: 'exposed',
      coverReason: 'The register, which says who is active, has not been read yet.',
      lease: { kind: 'held' },
      register: { kind: 'lock', address: 'this computer', ok: false },
      busy: null,
    });
  });

  it('on one host: both nodes, how each is fenced, the newest check of each depth', async () => {
    const pair = await settledPair();
    expect(pair.view()).toMatchObject({
      profile: 'default',
      hold: false,
      nodes: [
        { gatewayId: 'home-a', local: true, role: 'active', fence: 'plugin' },
        { gatewayId: 'home-b', local: true, role: 'standby', fence: 'plugin' },
      ],
      dns: [{ address: 'ws://127.0.0.1:21000', epoch: 1 }],
    });
    const checks = pair.view().checks.map(({ gatewayId, depth, ok }) => [gatewayId, depth, ok]);
    expect(checks).toHaveLength(4);
    expect(checks).toContainEqual(['home-b', 'turn', true]);
  });

  it('on two hosts: what is left of the lease, on both sides', async () => {
    const pair = await settledFarPair();
    for (const host of [0, 1]) {
      const { lease } = pair.view(host);
      if (lease.kind !== 'timed') throw new Error('it is a timed lease');
      expect(lease.leaseMs).toBe(2_000);
      expect(lease.remainingMs).toBeGreaterThan(1_000);
      expect(lease.remainingMs).toBeLessThanOrEqual(2_000);
    }
    expect(pair.view(0)).toMatchObject({
      register: { kind: 'witness', address: '10.0.0.3:9470', ok: true, detail: '' },
    });
    pair.powerOff('primary');
    await pair.run(1_500);
    const left = pair.view(1).lease;
    expect(left.kind === 'timed' && (left.remainingMs ?? 0)).toBeLessThan(500);
  });

  it('while the other guardian is silent: no role of its own, and no cover', async () => {
    const pair = await settledFarPair();
    pair.hosts[1]!.crash();
    await pair.run(5_000);
    expect(pair.view(0)).toMatchObject({
      cover: 'exposed',
      coverReason: expect.stringContaining('Nothing is heard of Home B'),
      nodes: [{ role: 'active' }, { role: null, local: false }],
    });
  });

  it('while the other one could not take over: it says so itself', async () => {
    const pair = await settledFarPair();
    pair.standby.model = 'fails';
    await pair.run(65_000);
    expect(pair.view(0)).toMatchObject({
      cover: 'exposed',
      coverReason: 'Home B says that it could not take over now.',
    });
  });

  it('after the role was given back and nobody could take it: who was last, and why there is no cover', async () => {
    const pair = await settledPair();
    pair.standby.freeze();
    pair.primary.kill();
    await pair.run(30_000);
    expect(pair.acting()).toBeNull();
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'exposed' });
    expect(pair.view().coverReason).toContain('Home B could not take over');
  });

  it('on hold: that nobody takes over', async () => {
    const pair = await settledPair();
    pair.ask('hold');
    expect(pair.view()).toMatchObject({
      hold: true,
      cover: 'exposed',
      coverReason: expect.stringContaining('on hold'),
    });
  });

  it('why the role goes back by itself, or does not', async () => {
    const stays = await settledPair();
    expect(stays.view().preempt).toContain('stays active');
    const moves = await settledPair({ preempt: { preferred: 'standby', delayMs: 30_000 } });
    expect(moves.view().preempt).toBe(
      'Home B is preferred: it gets the role back after it was well for 30 s without a break.',
    );
  });
});
