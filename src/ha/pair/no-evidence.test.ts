import { describe, expect, it } from 'vitest';

import { checkedPair } from '../testing/pair-config.ts';
import { settledFarPair, settledPair } from '../testing/settled-pair.ts';
import { simulatePair } from '../testing/simulated-pair.ts';

describe('what is no evidence', () => {
  it('does not count checks during which the guardian’s own timers were late', async () => {
    const pair = await settledPair();
    pair.hosts[0]!.lateByMs = 2_000;
    pair.primary.freeze();
    await pair.run(60_000);
    expect(pair.roleChanges()).toBe(0);
    expect(pair.primary.process).toBe('frozen');
    expect(pair.kinds()).not.toContain('missed');
    pair.hosts[0]!.lateByMs = 0;
    await pair.run(10_000);
    expect(pair.acting()).toBe('home-b');
  });

  it('counts a process that is gone however late it was seen', async () => {
    const pair = await settledPair();
    pair.hosts[0]!.lateByMs = 2_000;
    pair.primary.kill();
    await pair.run(1_000);
    expect(pair.acting()).toBe('home-b');
  });

  it('does not take its own long stop for the other guardian’s silence', async () => {
    const pair = await settledFarPair();
    const [, standby] = pair.hosts;
    standby!.freeze();
    pair.link.works[0] = false; // what was said meanwhile is lost
    await pair.run(60_000);
    pair.link.works[0] = true;
    standby!.thaw();
    await pair.run(1);
    expect(pair.view(1).nodes[1]).toMatchObject({ role: 'standby' });
    await pair.run(60_000);
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
    expect(pair.kinds(1)).toEqual(['warmed']);
  });

  it('does not take a refused token for a dead gateway, and says once that it cannot look', async () => {
    const pair = await settledPair();
    pair.primary.locked = true;
    await pair.run(300_000);
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'error']);
  });

  it('does not move away from a gateway that is back but refuses the token', async () => {
    const pair = await settledPair();
    pair.standby.kill();
    pair.primary.kill();
    await pair.run(5_000);
    pair.primary.locked = true;
    pair.primary.boot();
    await pair.run(5_000);
    pair.standby.boot();
    await pair.run(300);
    expect(pair.view()).toMatchObject({ activeId: 'home-a', epoch: 1 });
  });

  it('shows a standby that cannot be checked as no cover, and checks at once when its token comes', async () => {
    const pair = simulatePair([checkedPair()]);
    pair.standby.locked = true;
    pair.start();
    await pair.run(3_000);
    expect(pair.view()).toMatchObject({ cover: 'exposed' });
    pair.standby.locked = false;
    pair.hosts[0]!.guardian?.credentialsArrived('home-b');
    await pair.run(700);
    expect(pair.view()).toMatchObject({ cover: 'protected' });
  });

  it('ignores the answer of a turn on a process that died meanwhile', async () => {
    const pair = await settledPair({ check: { turnEveryMs: 10_000 } });
    // The next turn begins about 10 s after the last one ended.
    await pair.run(5_800);
    pair.standby.kill();
    await pair.run(50);
    pair.standby.boot();
    pair.standby.model = 'fails';
    const count = pair.events.length;
    await pair.run(20_000);
    expect(pair.kinds().slice(count)).not.toContain('warmed');
    expect(pair.view()).toMatchObject({ cover: 'exposed' });
  });

  it('does not depend on the wall clock', async () => {
    const pair = await settledFarPair();
    for (const byMs of [-3_600_000, 7_200_000]) {
      for (const { clock } of pair.hosts) clock.jumpWall(byMs);
      await pair.run(60_000);
    }
    expect(pair.history.map(({ id }) => id)).toEqual([null, 'home-a']);
  });
});
