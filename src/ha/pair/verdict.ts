/** What the checks say of a member, in one word, and why it could not take over. Pure. */
import type { Verdict } from '../election/model.ts';
import type { Now } from '../model.ts';
import { reasons } from '../reasons.ts';
import type { MemberState, PairState } from './model.ts';
import { nodeOf, otherOf } from './step.ts';

/** A peer's newest good turn counts as begun after our trouble only with this much to spare: its age was told, not timed. */
const peerTurnSlackMs = 1_000;

/** What is wrong with a member. `certain`: enough checks were missed to act on it. */
export interface Trouble {
  readonly depth: 'fast' | 'turn';
  readonly sinceMs: number;
  readonly certain: boolean;
  readonly misses: number;
  readonly detail: string;
}

/** What is wrong with a member, if anything. A member that does not answer is not asked for turns, so `fast` comes first. */
export function troubleOf(state: PairState, member: MemberState, now: Now): Trouble | null {
  const { misses: limit, startGraceMs } = state.config.check;
  const mayBeStarting = !member.seenWell && now.bootMs < state.startedAtMs + startGraceMs;
  // A gateway that refuses our token is alive, whatever was missed before.
  const mayAct = !mayBeStarting && member.blind === null;
  const { fast, turn, resetAtMs } = member;
  const fastSinceMs = resetAtMs ?? fast.missingSinceMs;
  if (fastSinceMs !== null) {
    // Seen to be gone twice over: its connection broke, and then nothing was there. That needs no third look.
    const seenGone = member.gone && fast.misses > 0 && (resetAtMs !== null || fast.misses > 1);
    return {
      depth: 'fast',
      sinceMs: fastSinceMs,
      certain: (fast.misses >= limit || seenGone) && mayAct,
      misses: fast.misses,
      detail: detailOf(member),
    };
  }
  if (turn.missingSinceMs !== null) {
    return {
      depth: 'turn',
      sinceMs: turn.missingSinceMs,
      certain: turn.misses >= limit && mayAct,
      misses: turn.misses,
      detail: detailOf(member),
    };
  }
  return null;
}

/** What failed last, in words. */
function detailOf(member: MemberState): string {
  return member.shown.find(({ ok }) => !ok)?.detail ?? '';
}

/** True while a member that was well is under a suspicion that the next checks will settle. */
export function isDoubtful(state: PairState, member: MemberState, now: Now): boolean {
  const trouble = troubleOf(state, member, now);
  return trouble?.depth === 'fast' && member.seenWell && !trouble.certain;
}

/** How old a good turn may be and still count: two rounds and one time limit. */
export function freshForMs(state: PairState): number {
  return 2 * state.config.check.turnEveryMs + state.config.check.turnTimeoutMs;
}

/** The verdict on a member on this machine, for its own election. */
export function selfVerdict(state: PairState, member: MemberState, now: Now): Verdict {
  if (member.blind !== null) return 'unknown';
  const trouble = troubleOf(state, member, now);
  if (trouble !== null) {
    if (!trouble.certain) return member.seenWell ? 'doubtful' : 'unknown';
    // Where turns fail on both, the trouble is the model's provider, and moving would not help.
    return trouble.depth === 'fast' || turnWorksElsewhere(state, member, trouble.sinceMs)
      ? 'down'
      : 'doubtful';
  }
  if (member.fast.finished === null) return 'unknown';
  return obstacleTo(state, member, now) === null ? 'well' : 'doubtful';
}

/** The verdict on the other member, for the election of `member`. */
export function peerVerdict(state: PairState, member: MemberState, now: Now): Verdict {
  const other = otherOf(state, member);
  if (other.local) return selfVerdict(state, other, now);
  const said = nodeOf(state, member.config.id)?.peerSaid ?? null;
  if (troubleOf(state, other, now)?.certain === true) return 'down';
  if (said?.self === 'down') return 'down';
  if (peerIsSilent(state, member, now)) return 'down';
  if (said === null) return 'unknown';
  return said.self;
}

/** When the other guardian counts as silent; null: it does already. Time in which we were late ourselves does not count. */
export function peerSilentAtMs(state: PairState, member: MemberState): number {
  const node = nodeOf(state, member.config.id);
  const freshMs = node?.config.peerFreshMs ?? 0;
  const heardAtMs = node?.peerSaid?.atMs ?? state.startedAtMs + state.config.check.startGraceMs;
  return Math.max(heardAtMs, state.lateAtMs) + freshMs;
}

function peerIsSilent(state: PairState, member: MemberState, now: Now): boolean {
  return now.bootMs >= peerSilentAtMs(state, member);
}

function turnWorksElsewhere(state: PairState, member: MemberState, sinceMs: number): boolean {
  const other = otherOf(state, member);
  if (!other.local)
    return state.peerTurnAtMs !== null && state.peerTurnAtMs > sinceMs + peerTurnSlackMs;
  const { turn } = other;
  return turn.misses === 0 && turn.finished?.ok === true && turn.finished.startedAtMs >= sinceMs;
}

/** True if the other member's turns fail, and this one was not asked for one since. */
export function owesTurn(state: PairState, member: MemberState, now: Now): boolean {
  const other = otherOf(state, member);
  const trouble = other.local ? troubleOf(state, other, now) : null;
  const sinceMs = trouble?.depth === 'turn' ? trouble.sinceMs : state.peerWantsTurnAtMs;
  return (
    sinceMs !== null &&
    (member.turn.finished === null || member.turn.finished.startedAtMs < sinceMs)
  );
}

/** What keeps a local member from being well enough to take over; null if nothing does. */
export function obstacleTo(
  state: PairState,
  member: MemberState,
  now: Now,
): { readonly code: string; readonly words: string } | null {
  const { name } = member.config;
  const { fast, turn } = member;
  if (member.blind !== null) return { code: 'blind', words: reasons.isBlind(name, member.blind) };
  if (fast.misses > 0 || member.resetAtMs !== null)
    return { code: 'down', words: reasons.isDown(name, detailOf(member)) };
  if (fast.finished === null) return { code: 'checking', words: reasons.isBeingChecked(name) };
  if (turn.misses > 0) {
    const other = otherOf(state, member);
    const both = other.local && troubleOf(state, other, now)?.depth === 'turn';
    return both
      ? { code: 'provider', words: reasons.providerOut(detailOf(member)) }
      : { code: 'unproven', words: reasons.modelFails(name, detailOf(member)) };
  }
  if (turn.finished === null) return { code: 'unproven', words: reasons.isUnproven(name) };
  const ageMs = now.bootMs - turn.finished.endedAtMs;
  if (ageMs > freshForMs(state)) return { code: 'stale', words: reasons.isStale(name, ageMs) };
  return null;
}
