import { describe, expect, it } from 'vitest';

import type { PairState } from './model.ts';
import { reducePair } from './reducer.ts';
import { checkedPair } from './testing/pair-config.ts';
import { simulatePair } from './testing/simulated-pair.ts';
import type { SimulatedPair } from './testing/simulated-pair.ts';
import { viewPair } from './view.ts';

function viewOf(pair: SimulatedPair) {
  return viewPair(pair.state(), { bootMs: pair.clock.bootMs(), wallMs: pair.clock.wallMs() });
}

/** A pair that has run well for a while: home-a active in epoch 1, home-b warm. */
function settledPair(): SimulatedPair {
  const pair = simulatePair(checkedPair());
  pair.start();
  pair.run(5_000);
  expect(pair.record).toEqual({ epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' });
  expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
  return pair;
}

describe('start', () => {
  it('gives a new pair to its primary, warms the standby by a turn, and says both', () => {
    const pair = settledPair();
    expect(pair.kinds()).toEqual(['attached', 'warmed']);
    expect(pair.events[1]).toMatchObject({ gatewayId: 'home-b', epoch: 1 });
    expect(pair.state().phase.kind).toBe('watching');
  });

  it('adopts what the register says, after a restart too', () => {
    const pair = simulatePair(checkedPair());
    pair.record = { epoch: 7, holder: 'home-b', ctr: 9, addr: 'ws://127.0.0.1:21120' };
    pair.start();
    pair.run(5_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 7, cover: 'protected' });
    expect(pair.swaps).toEqual([]);
  });

  it('does nothing over a register that cannot be read, says so once, and goes on when it can', () => {
    const pair = simulatePair(checkedPair());
    pair.readable = false;
    pair.start();
    pair.primary.process = 'dead';
    pair.run(120_000);
    expect(pair.swaps).toEqual([]);
    expect(pair.kinds().filter((kind) => kind === 'error')).toHaveLength(1);
    expect(viewOf(pair)).toMatchObject({ epoch: 0, cover: 'exposed' });
    expect(viewOf(pair).coverReason).toContain('damaged');

    pair.record = { epoch: 3, holder: 'home-a', ctr: 3, addr: 'ws://127.0.0.1:21000' };
    pair.readable = true;
    pair.run(10_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 4 });
  });

  it('is quiet about a token that is still on its way, and loud about one that is refused later', () => {
    const pair = simulatePair(checkedPair());
    pair.standby.locked = true;
    pair.start();
    pair.run(10_000);
    expect(pair.kinds()).not.toContain('error');
    expect(viewOf(pair)).toMatchObject({ cover: 'exposed' });
    pair.standby.locked = false;
    pair.run(60_000);
    pair.standby.locked = true;
    pair.run(60_000);
    expect(pair.kinds().filter((kind) => kind === 'error')).toHaveLength(1);
  });

  it('gives a primary that is still starting its time, and does not wait for ever', () => {
    const pair = simulatePair(checkedPair());
    pair.primary.process = 'dead';
    pair.start();
    pair.run(44_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).not.toContain('missed');
    pair.run(3_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('replaces a holder that is no longer in the pair by a member that is proved well', () => {
    const pair = simulatePair(checkedPair());
    pair.record = { epoch: 4, holder: 'gone', ctr: 4, addr: 'ws://127.0.0.1:1' };
    pair.primary.model = 'fails';
    pair.start();
    pair.run(5_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 5 });
  });
});

describe('takeover', () => {
  it('happens after three missed checks of a killed primary, within a second, with a reason', () => {
    const pair = settledPair();
    pair.kill('primary');
    pair.run(1_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'missed', 'takeover']);
    expect(pair.events.at(-1)).toMatchObject({ gatewayId: 'home-b', epoch: 2 });
    expect(pair.events.at(-1)?.reason).toBe(
      'Home A missed 3 checks in a row (nothing listens at its address). Home B answers and took over.',
    );
  });

  it('does not happen for fewer misses', () => {
    const pair = settledPair();
    pair.kill('primary');
    pair.run(150);
    pair.boot('primary');
    pair.run(10_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'missed', 'recovered']);
    expect(pair.state().phase.kind).toBe('watching');
  });

  it('happens for a frozen primary, whose connection does not break', () => {
    const pair = settledPair();
    pair.primary.process = 'frozen';
    pair.run(20_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('happens when only the turns of the primary fail', () => {
    const pair = settledPair();
    pair.primary.model = 'fails';
    pair.run(60_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
    expect(pair.events.at(-1)?.reason).toContain('3 turns in a row failed');
  });

  it('does not happen when the standby is down; that is said once; it happens when the standby is warm again', () => {
    const pair = settledPair();
    pair.kill('standby');
    pair.run(2_000);
    pair.kill('primary');
    pair.run(60_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'exposed' });
    expect(pair.kinds().filter((kind) => kind === 'refused-takeover')).toHaveLength(1);
    pair.boot('standby');
    pair.run(3_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('does not happen when the standby is frozen, however good its last turn was', () => {
    const pair = settledPair();
    pair.standby.process = 'frozen';
    pair.run(20_000);
    pair.kill('primary');
    pair.run(10_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'exposed' });
    expect(pair.events.at(-1)).toMatchObject({ kind: 'refused-takeover', gatewayId: 'home-b' });
  });

  it('does not happen to a standby that was well before the trouble but may have died of the same cause', () => {
    const pair = settledPair();
    pair.standby.process = 'frozen';
    pair.kill('primary');
    pair.run(30_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).toContain('refused-takeover');
  });

  it('does not happen to a standby that cannot be checked, and says so', () => {
    const pair = settledPair();
    pair.standby.locked = true;
    pair.run(2_000);
    pair.kill('primary');
    pair.run(2_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.events.at(-1)?.reason).toContain('cannot be checked');
  });

  it('waits for a whole turn of a standby that has only just come up', () => {
    const pair = settledPair();
    pair.kill('standby');
    pair.run(2_000);
    pair.boot('standby');
    pair.standby.model = 'fails';
    pair.kill('primary');
    pair.run(5_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).toContain('refused-takeover');
  });

  it('does not happen on an old proof: the standby’s turn must be fresh', () => {
    const pair = settledPair();
    // The last deep check of the standby hangs for ever: its answer never comes.
    const stale = structuredClone<PairState>(pair.state());
    const bootMs = pair.clock.bootMs() + 76_000;
    const members = stale.members.map((member) => ({
      ...member,
      rpc: {
        ...member.rpc,
        inFlight: null,
        finished: { startedAtMs: bootMs - 1, endedAtMs: bootMs, ok: true },
      },
    })) as unknown as PairState['members'];
    const down = {
      ...members[0],
      rpc: { ...members[0].rpc, misses: 3, missingSinceMs: bootMs - 10 },
    };
    const step = reducePair(
      { ...stale, members: [down, members[1]] },
      { kind: 'tick' },
      { bootMs, wallMs: 0 },
    );
    expect(step.state.refusal).toBe('stale');
    expect(step.commands.map((command) => command.kind)).not.toContain('swap-register');
  });

  it('does not happen when the provider of both is out', () => {
    const pair = settledPair();
    pair.primary.model = 'fails';
    pair.standby.model = 'fails';
    pair.run(600_000);
    expect(pair.swaps.filter((swap) => swap.next.epoch > 1)).toEqual([]);
    const refusals = pair.events.filter((event) => event.kind === 'refused-takeover');
    expect(refusals).toHaveLength(1);
    expect(refusals[0]?.reason).toContain('provider');
  });

  it('is not decided by the standby’s turn from before the outage', () => {
    const pair = settledPair();
    // The provider goes out just after the standby's last good turn; the primary's next turn shows it first.
    pair.primary.model = 'fails';
    pair.standby.model = 'fails';
    while (pair.state().members[0].turn.misses < 3) pair.run(50);
    expect(pair.state().record?.epoch).toBe(1);
    pair.run(5_000);
    expect(pair.state().record?.epoch).toBe(1);
  });

  it('waits for the standby’s new turn, even one that hangs', () => {
    const pair = settledPair();
    pair.primary.model = 'fails';
    pair.standby.model = 'hangs';
    while (pair.state().members[0].turn.misses < 3) pair.run(50);
    pair.run(60_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
  });
});

describe('what is no evidence', () => {
  it('does not count checks during which the guardian’s own timers were late', () => {
    const pair = settledPair();
    pair.lateByMs = 2_000;
    pair.primary.process = 'frozen';
    pair.run(120_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).not.toContain('missed');
    pair.lateByMs = 0;
    pair.run(20_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('does not take a refused token for a dead gateway, and says once that it cannot look', () => {
    const pair = settledPair();
    pair.primary.locked = true;
    pair.run(300_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
    expect(pair.kinds()).toEqual(['attached', 'warmed', 'error']);
  });

  it('does not move away from a gateway that is back but refuses the token', () => {
    const pair = settledPair();
    pair.kill('standby');
    pair.kill('primary');
    pair.run(5_000);
    pair.primary.locked = true;
    pair.boot('primary');
    pair.run(5_000);
    pair.boot('standby');
    pair.run(60_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1 });
  });

  it('shows a standby that cannot be checked as no cover, and checks at once when its token comes', () => {
    const pair = simulatePair(checkedPair());
    pair.standby.locked = true;
    pair.start();
    pair.run(3_000);
    expect(viewOf(pair)).toMatchObject({ cover: 'exposed' });
    pair.standby.locked = false;
    const step = reducePair(
      pair.state(),
      { kind: 'credentials', gatewayId: 'home-b' },
      { bootMs: pair.clock.bootMs(), wallMs: 0 },
    );
    expect(step.commands).toMatchObject([{ kind: 'check', gatewayId: 'home-b', depth: 'rpc' }]);
  });

  it('ignores the answer of a turn on a process that died meanwhile', () => {
    const pair = settledPair();
    while (pair.state().members[1].turn.inFlight === null) pair.run(50);
    pair.kill('standby');
    pair.run(50);
    pair.boot('standby');
    pair.standby.model = 'fails';
    const count = pair.events.length;
    pair.run(20_000);
    expect(pair.kinds().slice(count)).not.toContain('warmed');
    expect(viewOf(pair)).toMatchObject({ cover: 'exposed' });
  });
});

describe('the register', () => {
  it('is read again after a lost race, and what it says is adopted', () => {
    const pair = settledPair();
    pair.kill('primary');
    pair.record = { epoch: 5, holder: 'home-b', ctr: 8, addr: 'ws://127.0.0.1:21120' };
    pair.run(1_000);
    expect(pair.swaps.map((swap) => swap.next.epoch)).toEqual([1, 2]);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 5 });
    expect(pair.events.at(-1)?.reason).toContain('Another guardian');
  });

  it('is read again after a swap whose answer was lost; one that happened is not made twice', () => {
    const pair = settledPair();
    pair.nextSwap = 'lost-answer';
    pair.kill('primary');
    pair.run(1_000);
    expect(pair.record?.epoch).toBe(2);
    expect(pair.swaps.map((swap) => swap.next.epoch)).toEqual([1, 2]);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
    expect(pair.events.at(-1)).toMatchObject({ kind: 'takeover', epoch: 2 });
    expect(pair.events.at(-1)?.reason).toContain('missed 3 checks');
  });

  it('is swapped once, however much happens before it answers', () => {
    const pair = settledPair();
    pair.swapTakesMs = 5_000;
    pair.kill('primary');
    pair.run(4_000);
    pair.boot('primary');
    pair.run(10_000);
    expect(pair.swaps.map((swap) => swap.next.epoch)).toEqual([1, 2]);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('is read again after a swap whose request was lost, and then swapped', () => {
    const pair = settledPair();
    pair.nextSwap = 'lost-request';
    pair.kill('primary');
    pair.run(1_000);
    expect(pair.swaps.map((swap) => swap.next.epoch)).toEqual([1, 2, 2]);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it.each([
    ['an older epoch', { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://127.0.0.1:21000' }],
    [
      'another holder of the same epoch',
      { epoch: 2, holder: 'home-a', ctr: 2, addr: 'ws://127.0.0.1:21000' },
    ],
    ['nothing', null],
  ])('that suddenly says %s stops every move', (_words, restored) => {
    const pair = settledPair();
    pair.kill('primary');
    pair.run(1_000);
    expect(pair.record?.epoch).toBe(2);
    pair.boot('primary');
    pair.run(3_000);
    pair.record = restored;
    pair.kill('standby');
    pair.run(30_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'exposed' });
    expect(pair.record).toEqual(restored);
    expect(pair.swaps).toHaveLength(3);
  });
});

describe('afterwards', () => {
  it('an old primary that comes back is warmed as standby and does not take its role back', () => {
    const pair = settledPair();
    pair.kill('primary');
    pair.run(5_000);
    pair.boot('primary');
    pair.run(120_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-b', epoch: 2, cover: 'protected' });
    expect(pair.kinds().slice(-3)).toEqual(['takeover', 'recovered', 'warmed']);
    expect(pair.events.at(-2)?.reason).toContain('standby now');
  });

  it('takes over from it again when the new one dies', () => {
    const pair = settledPair();
    pair.kill('primary');
    pair.run(5_000);
    pair.boot('primary');
    pair.run(5_000);
    pair.kill('standby');
    pair.run(1_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 3 });
  });

  it('keeps the last 200 events', () => {
    const pair = settledPair();
    for (let round = 0; round < 150; round += 1) {
      pair.kill('standby');
      pair.run(2_000);
      pair.boot('standby');
      pair.run(2_000);
    }
    expect(pair.events.length).toBeGreaterThan(200);
    expect(viewOf(pair).timeline).toEqual(pair.events.slice(-200));
  });

  it('does not depend on the wall clock', () => {
    const pair = settledPair();
    pair.clock.jumpWall(-3_600_000);
    pair.run(60_000);
    pair.clock.jumpWall(7_200_000);
    pair.run(60_000);
    expect(viewOf(pair)).toMatchObject({ activeId: 'home-a', epoch: 1, cover: 'protected' });
    expect(pair.kinds()).toEqual(['attached', 'warmed']);
  });
});
