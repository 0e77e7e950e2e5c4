import { describe, expect, it } from 'vitest';

import { settledFarPair, settledPair } from '../testing/settled-pair.ts';

describe('handing over', () => {
  it('on one host lets running turns end, moves the role, and back again', async () => {
    const pair = await settledPair();
    pair.primary.drainTakesMs = 3_000;
    expect(pair.ask('hand-over')).toBeNull();
    await pair.run(2_900);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view().busy).toContain('running turns');
    await pair.run(300);
    expect(pair.acting()).toBe('home-b');
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'released', 'handoff']);
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2, busy: null });

    await pair.run(1_000);
    expect(pair.ask('hand-over')).toBeNull();
    await pair.run(300);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 3, cover: 'protected' });
  });

  it('cuts turns that do not end in time', async () => {
    const pair = await settledPair();
    pair.primary.drainTakesMs = 600_000;
    pair.ask('hand-over');
    await pair.run(9_900);
    expect(pair.acting()).toBe('home-a');
    await pair.run(500);
    expect(pair.acting()).toBe('home-b');
  });

  it('on two hosts needs no wait for the lease, and leaves a gap below a tenth of a second', async () => {
    const pair = await settledFarPair();
    expect(pair.ask('hand-over', 0)).toBeNull();
    await pair.runUntil(() => pair.acting() === 'home-b', 5_000);
    const [gap, taken] = pair.history.slice(-2);
    expect(gap?.id).toBeNull();
    expect((taken?.atMs ?? 0) - (gap?.atMs ?? 0)).toBeLessThan(100);
    await pair.run(1_000);
    expect(pair.kinds(0).slice(-2)).toEqual(['released', 'handoff']);
    expect(pair.view(0)).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'protected' });
  });

  it('may be asked on the host of the standby', async () => {
    const pair = await settledFarPair();
    expect(pair.ask('hand-over', 1)).toBeNull();
    await pair.runUntil(() => pair.acting() === 'home-b', 5_000);
    await pair.run(1_000);
    expect(pair.kinds(1).at(-1)).toBe('handoff');
    expect(pair.view(1)).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'protected' });
  });

  it('is refused where the other one could not take it, and nothing is touched', async () => {
    const pair = await settledPair();
    pair.standby.kill();
    await pair.run(1_000);
    expect(pair.ask('hand-over')).toContain('Home B could not take over');
    await pair.run(10_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });

  it('is refused while one is going on', async () => {
    const pair = await settledPair();
    pair.primary.drainTakesMs = 5_000;
    expect(pair.ask('hand-over')).toBeNull();
    await pair.run(1_000);
    expect(pair.ask('hand-over')).toContain('going on already');
  });

  it('takes the role back where the other one dies before it took it', async () => {
    const pair = await settledPair();
    pair.primary.drainTakesMs = 1_000;
    pair.ask('hand-over');
    await pair.run(900);
    pair.standby.freeze();
    await pair.run(30_000);
    expect(pair.acting()).toBe('home-a');
  });
});

describe('holding', () => {
  it('keeps everybody where they are, also when the active one dies, until it is ended', async () => {
    const pair = await settledPair();
    expect(pair.ask('hold')).toBeNull();
    expect(pair.view()).toMatchObject({ hold: true, cover: 'exposed' });
    pair.primary.kill();
    await pair.run(120_000);
    expect(pair.acting()).toBeNull();
    expect(pair.kinds().filter((kind) => kind === 'held')).toHaveLength(1);
    expect(pair.ask('unhold')).toBeNull();
    await pair.run(2_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view()).toMatchObject({ hold: false });
    expect(pair.kinds().filter((kind) => kind === 'unheld')).toHaveLength(1);
  });

  it('is known to the other guardian too, and to one that starts later', async () => {
    const pair = await settledFarPair();
    pair.ask('hold', 1);
    await pair.run(1_000);
    expect(pair.view(0)).toMatchObject({ hold: true });
    pair.hosts[1]!.crash();
    pair.hosts[1]!.start();
    await pair.run(2_000);
    expect(pair.view(1)).toMatchObject({ hold: true });
    expect(pair.acting()).toBe('home-a');
  });

  it('does not stop a person who hands over', async () => {
    const pair = await settledPair();
    pair.ask('hold');
    expect(pair.ask('hand-over')).toBeNull();
    await pair.run(2_000);
    expect(pair.acting()).toBe('home-b');
  });
});

describe('forcing', () => {
  it('on one host is a handing over', async () => {
    const pair = await settledPair();
    expect(pair.ask('force')).toBeNull();
    await pair.run(1_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view()).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('on the other host takes the right to renew at once, and waits for the lease all the same', async () => {
    const pair = await settledFarPair();
    expect(pair.ask('force', 1)).toBeNull();
    await pair.runUntil(() => pair.register.record?.holder === 'revoked', 200);
    expect(pair.acting()).toBe('home-a');
    expect(pair.view(1).busy).toContain('waits for the other one’s lease');
    const tookMs = await pair.runUntil(() => pair.acting() === 'home-b', 5_000);
    expect(tookMs).toBeGreaterThan(2_000);
    await pair.run(1_000);
    expect(pair.kinds(1)).toContain('forced');
    expect(pair.kinds(0)).toContain('fenced');
    expect(pair.view(1)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('goes through where the other one says nothing and does not let go', async () => {
    const pair = await settledFarPair();
    pair.link.works[0] = false;
    pair.link.works[1] = false;
    await pair.run(1_000);
    expect(pair.ask('force', 1)).toBeNull();
    await pair.runUntil(() => pair.acting() === 'home-b', 5_000);
  });

  it('is refused to the active one', async () => {
    const pair = await settledFarPair();
    expect(pair.ask('force', 0)).toContain('active already');
  });

  it('is refused while the register does not answer, and says what to do', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-b');
    await pair.run(2_000);
    expect(pair.ask('force', 1)).toContain('force without it if the other computer is off');
  });

  it('does not wait for ever: what was not done in time is forgotten', async () => {
    const pair = await settledFarPair();
    pair.register.nextSwap = 'lost-request';
    pair.ask('force', 1);
    pair.register.unreachableBy.add('home-b');
    await pair.run(60_000);
    pair.register.unreachableBy.clear();
    await pair.run(60_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.roleChanges()).toBe(0);
  });
});

describe('forcing alone', () => {
  it('lets the gateway act without register and peer, in an epoch of its own, until the register is back', async () => {
    const pair = await settledFarPair();
    pair.powerOff('primary');
    pair.register.unreachableBy.add('home-b');
    await pair.run(30_000);
    expect(pair.acting()).toBeNull();
    pair.onWord = true;
    expect(pair.ask('force-alone', 1)).toBeNull();
    await pair.run(1_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.view(1)).toMatchObject({ activeId: 'home-b', epoch: 2 });
    expect(pair.kinds(1).at(-1)).toBe('forced');
    await pair.run(60_000);
    expect(pair.acting()).toBe('home-b');

    pair.register.unreachableBy.clear();
    await pair.run(30_000);
    expect(pair.acting()).toBe('home-b');
    expect(pair.register.record).toMatchObject({ holder: 'home-b' });
    expect(pair.register.record?.epoch).toBeGreaterThan(2);
    expect(pair.hosts[1]!.remembered).toBeGreaterThan(2);
  });

  it('is refused while the register answers, and on one host always', async () => {
    const far = await settledFarPair();
    expect(far.ask('force-alone', 1)).toContain('only for when the register does not answer');
    const near = await settledPair();
    expect(near.ask('force-alone')).not.toBeNull();
  });

  it('is refused while this node stands still for the other one, who is therefore running', async () => {
    const pair = await settledFarPair();
    pair.register.unreachableBy.add('home-a').add('home-b');
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-a');
    expect(pair.ask('force-alone', 1)).toContain('stand still');
  });
});
