import { describe, expect, it } from 'vitest';

import { checkedPair } from '../testing/pair-config.ts';
import type { CheckTrack, MemberState, PairState } from './model.ts';
import { createPair } from './pair.ts';
import { freshForMs, obstacleTo, selfVerdict } from './verdict.ts';

const nowMs = 1_000_000;
const now = { bootMs: nowMs, wallMs: 0 };

/** A member that answered everything just now, but for what a test says. */
function wellPair(change: Partial<MemberState> = {}): { state: PairState; member: MemberState } {
  const state = createPair(checkedPair(), { bootMs: 0, wallMs: 0 });
  const [primary, standby] = state.members;
  const finished = { startedAtMs: nowMs - 10, endedAtMs: nowMs, ok: true };
  const track: CheckTrack = { ...standby.fast, finished };
  const member: MemberState = { ...standby, fast: track, turn: track, seenWell: true, ...change };
  return { state: { ...state, members: [primary, member] }, member };
}

function missed(track: CheckTrack, misses: number): CheckTrack {
  return { ...track, misses, missingSinceMs: nowMs - 10 };
}

describe('the verdict on a member of this machine', () => {
  it('is well when it answers, and a whole turn is fresh', () => {
    const { state, member } = wellPair();
    expect(selfVerdict(state, member, now)).toBe('well');
    expect(obstacleTo(state, member, now)).toBeNull();
  });

  it('is doubtful when its good turn has grown old', () => {
    const { state, member } = wellPair();
    const at = (ageMs: number): MemberState => ({
      ...member,
      turn: { ...member.turn, finished: { startedAtMs: 0, endedAtMs: nowMs - ageMs, ok: true } },
    });
    expect(obstacleTo(state, at(freshForMs(state)), now)).toBeNull();
    expect(obstacleTo(state, at(freshForMs(state) + 1), now)).toMatchObject({ code: 'stale' });
    expect(selfVerdict(state, at(freshForMs(state) + 1), now)).toBe('doubtful');
  });

  it.each([
    [1, 'doubtful'],
    [2, 'doubtful'],
    [3, 'down'],
  ] as const)('after %i misses is %s', (misses, verdict) => {
    const { member } = wellPair();
    const pair = wellPair({ fast: missed(member.fast, misses) });
    expect(selfVerdict(pair.state, pair.member, now)).toBe(verdict);
  });

  it('is down at the second look when the process is seen to be gone, at the first when its connection broke too', () => {
    const { member } = wellPair();
    const once = wellPair({ gone: true, fast: missed(member.fast, 1) });
    expect(selfVerdict(once.state, once.member, now)).toBe('doubtful');
    const twice = wellPair({ gone: true, fast: missed(member.fast, 2) });
    expect(selfVerdict(twice.state, twice.member, now)).toBe('down');
    const broken = wellPair({ gone: true, fast: missed(member.fast, 1), resetAtMs: nowMs - 20 });
    expect(selfVerdict(broken.state, broken.member, now)).toBe('down');
  });

  it('is unknown when it cannot be looked at, whatever was missed', () => {
    const { member } = wellPair();
    const blind = wellPair({ blind: 'its token is refused', fast: missed(member.fast, 9) });
    expect(selfVerdict(blind.state, blind.member, now)).toBe('unknown');
  });

  it('is unknown, not down, while a gateway that was never well may still be starting', () => {
    const { member } = wellPair();
    const starting = wellPair({ seenWell: false, fast: missed(member.fast, 9) });
    expect(selfVerdict(starting.state, starting.member, { ...now, bootMs: 44_000 })).toBe(
      'unknown',
    );
    expect(selfVerdict(starting.state, starting.member, { ...now, bootMs: 46_000 })).toBe('down');
  });

  it('is doubtful, not down, for failing turns that nobody showed to be its own fault', () => {
    const { member } = wellPair();
    const failing = wellPair({ turn: missed(member.turn, 3) });
    expect(selfVerdict(failing.state, failing.member, now)).toBe('doubtful');
    const [primary, standby] = failing.state.members;
    const finished = { startedAtMs: nowMs - 5, endedAtMs: nowMs, ok: true };
    const provedBy = (startedAtMs: number): PairState => ({
      ...failing.state,
      members: [
        { ...primary, turn: { ...primary.turn, finished: { ...finished, startedAtMs } } },
        standby,
      ],
    });
    expect(selfVerdict(provedBy(nowMs - 5), failing.member, now)).toBe('down');
    expect(selfVerdict(provedBy(nowMs - 50), failing.member, now)).toBe('doubtful');
  });
});
