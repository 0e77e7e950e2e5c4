/** Who may take over from whom, and why not. Pure; the reducer's invariants 3, 5 and 8 are kept here. */
import type { MemberState, Now, Obstacle, PairState, ProbeDepth } from './model.ts';
import { reasons } from './reasons.ts';

/** What is wrong with a member. `certain`: enough checks were missed to act on it. */
export interface Trouble {
  readonly depth: ProbeDepth;
  readonly sinceMs: number;
  readonly certain: boolean;
  readonly misses: number;
  readonly detail: string;
}

/** What is wrong with a member, if anything. A member that does not answer is not asked for turns, so `rpc` comes first. */
export function troubleOf(state: PairState, member: MemberState, now: Now): Trouble | null {
  const { misses: limit, startGraceMs } = state.config.check;
  const mayBeStarting = !member.seenWell && now.bootMs < state.startedAtMs + startGraceMs;
  // A gateway that refuses our token is alive, whatever was missed before (invariant 4).
  const mayAct = !mayBeStarting && member.blind === null;
  const { rpc, turn, resetAtMs } = member;
  const rpcSinceMs = resetAtMs ?? rpc.missingSinceMs;
  if (rpcSinceMs !== null) {
    return {
      depth: 'rpc',
      sinceMs: rpcSinceMs,
      certain: rpc.misses >= limit && mayAct,
      misses: rpc.misses,
      detail: rpc.shown?.detail ?? '',
    };
  }
  if (turn.missingSinceMs !== null) {
    return {
      depth: 'turn',
      sinceMs: turn.missingSinceMs,
      certain: turn.misses >= limit && mayAct,
      misses: turn.misses,
      detail: turn.shown?.detail ?? '',
    };
  }
  return null;
}

/** True while a member that was well is under a suspicion that the next checks will settle. */
export function isDoubtful(state: PairState, member: MemberState, now: Now): boolean {
  const trouble = troubleOf(state, member, now);
  return trouble?.depth === 'rpc' && member.seenWell && !trouble.certain;
}

/** How old a good turn may be and still count: two rounds and one time limit. */
export function freshForMs(state: PairState): number {
  return 2 * state.config.check.turnEveryMs + state.config.check.turnTimeoutMs;
}

/**
 * What keeps `member` from taking over; null if nothing does. `trouble` is that of the active member, when there is one:
 * then the evidence must be newer than the trouble, so that one cause of both is never answered by a move.
 */
export function obstacleTo(
  state: PairState,
  member: MemberState,
  trouble: Trouble | null,
  now: Now,
): Obstacle | null {
  const { name } = member.config;
  const { rpc, turn } = member;
  if (member.blind !== null) return { code: 'blind', words: reasons.isBlind(name, member.blind) };
  if (rpc.misses > 0 || member.resetAtMs !== null)
    return { code: 'down', words: reasons.isDown(name, rpc.shown?.detail ?? '') };
  if (rpc.finished === null) return { code: 'checking', words: reasons.isBeingChecked(name) };
  if (trouble !== null && rpc.finished.startedAtMs < trouble.sinceMs)
    return { code: 'checking', words: reasons.isBeingChecked(name) };
  if (turn.misses > 0) {
    const detail = turn.shown?.detail ?? '';
    return trouble?.depth === 'turn'
      ? { code: 'provider', words: reasons.providerOut(detail) }
      : { code: 'unproven', words: reasons.modelFails(name, detail) };
  }
  if (turn.finished === null) return { code: 'unproven', words: reasons.isUnproven(name) };
  const ageMs = now.bootMs - turn.finished.endedAtMs;
  if (ageMs > freshForMs(state)) return { code: 'stale', words: reasons.isStale(name, ageMs) };
  if (lacksNewTurn(member, trouble))
    return { code: 'checking', words: reasons.isBeingChecked(name) };
  return null;
}

/** True if the active member's turns fail and `member` has not been asked for one since. */
export function lacksNewTurn(member: MemberState, trouble: Trouble | null): boolean {
  return (
    trouble?.depth === 'turn' &&
    (member.turn.finished === null || member.turn.finished.startedAtMs < trouble.sinceMs)
  );
}
