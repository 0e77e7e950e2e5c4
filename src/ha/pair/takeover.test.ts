import { describe, expect, it } from 'vitest';

import { settledPair } from '../testing/settled-pair.ts';

describe('takeover on one host', () => {
  it('follows the end of the primary’s process at once, by the look that confirms it, with a reason', async () => {
    const pair = await settledPair();
    pair.primary.kill();
    const tookMs = await pair.runUntil(() => pair.acting() === 'home-b', 1_000);
    expect(tookMs).toBeLessThanOrEqual(50);
    await pair.run(1_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2 });
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'missed', 'takeover']);
    expect(pair.events.at(-1)).toMatchObject({ gatewayId: 'home-b', epoch: 2 });
    expect(pair.events.at(-1)?.reason).toBe(
      'Home A missed 1 check (nothing listens at its address). Home B answers and took over.',
    );
    expect(pair.published.at(-1)).toEqual([2, 'ws://127.0.0.1:21120']);
  });

  it('is over with one write, and then there is quiet', async () => {
    const pair = await settledPair();
    pair.primary.kill();
    await pair.run(60_000);
    expect(pair.register.written.length).toBeLessThanOrEqual(3);
    expect(pair.view()).toMatchObject({
      busy: null,
      nodes: [{ role: 'fault' }, { role: 'active' }],
    });
  });

  it('does not happen where the primary is back before anybody looked; it acts again', async () => {
    const pair = await settledPair();
    pair.primary.kill();
    pair.primary.boot();
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view()).toMatchObject({ activeId: 'home-a', cover: 'protected' });
    expect(pair.roleChanges()).toBe(0);
  });

  it('ends a frozen primary before another acts', async () => {
    const pair = await settledPair();
    pair.primary.freeze();
    await pair.runUntil(() => pair.acting() === 'home-b', 10_000);
    expect(pair.primary.process).toBe('dead');
    await pair.run(100);
    expect(pair.kinds()).toEqual([
      'attached',
      'warmed',
      'missed',
      'killed',
      'released',
      'takeover',
    ]);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('happens for a primary whose answers are not what was asked, though it looks alive', async () => {
    const pair = await settledPair();
    pair.primary.model = 'lies';
    await pair.runUntil(() => pair.acting() === 'home-b', 90_000);
    expect(pair.primary.process).toBe('up');
    await pair.run(100);
    expect(pair.events.at(-1)?.kind).toBe('takeover');
    expect(pair.events.at(-2)?.reason).toContain('does not carry what was asked');
  });

  it('does not happen when the standby is down; that is said once; it happens when the standby is warm again', async () => {
    const pair = await settledPair();
    pair.standby.kill();
    await pair.run(2_000);
    pair.primary.kill();
    await pair.run(60_000);
    expect(pair.acting()).toBeNull();
    expect(pair.view()).toMatchObject({ epoch: 1, cover: 'exposed' });
    expect(pair.kinds().filter((kind) => kind === 'refused-takeover')).toHaveLength(1);
    pair.standby.boot();
    await pair.run(3_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('is undone by nobody: where both were down, the one that is back first acts', async () => {
    const pair = await settledPair();
    pair.standby.kill();
    await pair.run(2_000);
    pair.primary.kill();
    await pair.run(60_000);
    pair.primary.boot();
    await pair.run(5_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view()).toMatchObject({ activeId: 'home-a' });
  });

  it('does not happen when the standby is frozen, however good its last turn was', async () => {
    const pair = await settledPair();
    pair.standby.freeze();
    await pair.run(20_000);
    pair.primary.kill();
    await pair.run(10_000);
    expect(pair.acting()).toBeNull();
    expect(pair.events.at(-1)).toMatchObject({ kind: 'refused-takeover', gatewayId: 'home-b' });
  });

  it('does not happen to a standby that was well before the trouble but died of the same cause', async () => {
    const pair = await settledPair();
    pair.standby.freeze();
    pair.primary.kill();
    await pair.run(30_000);
    expect(pair.acting()).toBeNull();
    expect(pair.kinds()).toContain('refused-takeover');
  });

  it('ends a frozen primary that an earlier life of the guardian let act', async () => {
    const pair = await settledPair();
    const [host] = pair.hosts;
    host!.crash();
    pair.primary.freeze();
    host!.start();
    await pair.runUntil(() => pair.acting() === 'home-b', 60_000);
    expect(pair.primary.process).toBe('dead');
  });

  it('does not happen to a standby that cannot be checked, and says so', async () => {
    const pair = await settledPair();
    pair.standby.locked = true;
    await pair.run(2_000);
    pair.primary.kill();
    await pair.run(2_000);
    expect(pair.acting()).toBeNull();
    expect(pair.events.at(-1)?.reason).toContain('cannot be checked');
  });

  it('waits for a whole turn of a standby that has only just come up', async () => {
    const pair = await settledPair();
    pair.standby.kill();
    await pair.run(2_000);
    pair.standby.boot();
    pair.standby.model = 'fails';
    pair.primary.kill();
    await pair.run(5_000);
    expect(pair.acting()).toBeNull();
    expect(pair.kinds()).toContain('refused-takeover');
    pair.standby.model = 'works';
    await pair.runUntil(() => pair.acting() === 'home-b', 65_000);
  });

  it('an old primary that comes back is warmed as standby and does not take its role back', async () => {
    const pair = await settledPair();
    pair.primary.kill();
    await pair.run(5_000);
    pair.primary.boot();
    await pair.run(120_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'protected' });
    expect(pair.acting()).toBe('home-b');
    expect(pair.kinds().slice(-3)).toEqual(['takeover', 'recovered', 'warmed']);
    expect(pair.events.at(-2)?.reason).toContain('standby now');
  });

  it('goes back again when the new one dies', async () => {
    const pair = await settledPair();
    pair.primary.kill();
    await pair.run(5_000);
    pair.primary.boot();
    await pair.run(5_000);
    pair.standby.kill();
    await pair.runUntil(() => pair.acting() === 'home-a', 1_000);
    await pair.run(100);
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 3 });
  });

  it('keeps the last 200 events', async () => {
    const pair = await settledPair();
    for (let round = 0; round < 80; round += 1) {
      pair.standby.kill();
      await pair.run(2_000);
      pair.standby.boot();
      await pair.run(2_000);
    }
    expect(pair.events.length).toBeGreaterThan(200);
    expect(pair.view().timeline).toEqual(
      pair.events.slice(-200).map(({ host: _host, ...event }) => event),
    );
  });
});

describe('a provider that is out for both', () => {
  it('moves nobody, and that is said once', async () => {
    const pair = await settledPair();
    pair.primary.model = 'fails';
    pair.standby.model = 'fails';
    await pair.run(600_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    const refusals = pair.events.filter((event) => event.kind === 'refused-takeover');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.reason).toContain('provider');
  });

  it('is not decided by the standby’s turn from before the outage', async () => {
    const pair = await settledPair();
    pair.primary.model = 'fails';
    pair.standby.model = 'fails';
    const misses = () =>
      pair.view().checks.find((check) => check.gatewayId === 'home-a' && !check.ok)?.misses ?? 0;
    await pair.runUntil(() => misses() >= 3, 120_000);
    expect(pair.acting()).toBe('home-a');
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-a');
  });

  it('is not assumed either while the standby’s new turn hangs', async () => {
    const pair = await settledPair();
    pair.primary.model = 'fails';
    pair.standby.model = 'hangs';
    await pair.run(120_000);
    expect(pair.roleChanges()).toBe(0);
    expect(pair.acting()).toBe('home-a');
  });
});
