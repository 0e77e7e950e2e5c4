/** What a node does of itself, from what it knows. Called at the end of every turn. */
import type { RegisterRecord } from '../model.ts';
import { leaseEndMs, takeoverWaitMs } from './lease.ts';
import { nobody, revoked } from './model.ts';
import type { ElectionCause, ElectionState, Verdict } from './model.ts';
import { firstCounter } from './record.ts';
import { announce, fence, grantAlone, read, send, swap } from './turn.ts';
import type { Turn } from './turn.ts';

/** Each unplanned change of role doubles the delay before a preemption, up to this many times (an hour at one minute). */
const dampingSteps = 6;
/** Unplanned changes older than this are forgotten. */
const dampingForMs = 3_600_000;

/** Ends what time has ended, then moves the role on by as much as is allowed. */
export function decide(turn: Turn): void {
  expire(turn);
  giveUpWhenIll(turn);
  drainOn(turn);
  leaveOn(turn);
  takeOn(turn);
  renew(turn);
  keepAlone(turn);
  keepByPeer(turn);
  preempt(turn);
  showIllness(turn);
  const { state, nowMs } = turn;
  if (state.op === null && nowMs >= state.readDueMs && wantsRead(state)) read(turn);
}

/** True if this node reads the register now and then; the active one renews instead, which tells it as much. */
export function wantsRead(state: ElectionState): boolean {
  const renews =
    state.config.lease.kind === 'timed' && (state.role === 'active' || state.role === 'draining');
  return (
    !renews || state.unsure !== null || !state.registerOk || state.readDueMs <= state.renewDueMs
  );
}

/** R3: at the end of its lease a node is active no more, whatever else it knows. */
function expire(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.granted !== null && nowMs >= state.granted.untilMs) state.granted = null;
  if (state.leaseUntilMs === null || nowMs < state.leaseUntilMs) return;
  state.leaseUntilMs = null;
  if (state.role === 'leaving') return; // it was on its way out; the register is still to be told
  const wasActive = state.role === 'active' || state.role === 'draining';
  state.role = 'fenced';
  state.leaving = null;
  state.readDueMs = nowMs;
  if (!wasActive) return;
  fence(turn, false);
  const epoch = state.known?.record?.epoch ?? state.maxEpoch;
  announce(turn, { code: 'fenced', epoch, cause: 'lease-ended' });
}

/**
 * R5: a holder whose own gateway is down gives the role back, unless the peer says that it could not take it. A node that
 * has not taken its role up again since it started counts as well: its gateway may hold what an earlier life let it have.
 */
function giveUpWhenIll(turn: Turn): void {
  const { state } = turn;
  const isActive = state.role === 'active' || state.role === 'draining';
  const mayActStill =
    (state.role === 'standby' || state.role === 'fault') &&
    state.known?.record?.holder === state.config.self;
  if (!isActive && !mayActStill) return;
  if (state.selfHealth !== 'down' || state.hold.on || state.alone) return;
  const said = heardPeer(state, turn.nowMs);
  if (said !== null && !said.canTake) return;
  leave(turn, 'self-down');
}

/** Begins to give the role up: the gateway first, the register after (invariant 5). */
export function leave(turn: Turn, cause: ElectionCause): void {
  const { state, nowMs } = turn;
  state.role = 'leaving';
  state.leaving = { cause, sinceMs: nowMs, killed: false };
  if (state.granted !== null) fence(turn, false);
}

function drainOn(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.role !== 'draining' || state.leaving === null) return;
  if (nowMs >= state.leaving.sinceMs + state.config.drainMs) leave(turn, state.leaving.cause);
}

/** Gives the role back once nothing that was granted can act any more. */
function leaveOn(turn: Turn): void {
  const { state, nowMs } = turn;
  const { leaving, granted } = state;
  if (state.role !== 'leaving' || leaving === null) return;
  if (granted !== null) {
    if (nowMs < leaving.sinceMs + state.config.fenceMs) return;
    // Again and again: a gateway that was frozen, and cannot be ended from here, confirms when it wakes up.
    if (!leaving.killed) announce(turn, { code: 'killed-gateway' });
    state.leaving = { ...leaving, sinceMs: nowMs, killed: true };
    fence(turn, true);
    return;
  }
  const record = state.known?.record;
  if (record?.holder !== state.config.self) {
    state.role = 'standby';
    state.leaving = null;
    return;
  }
  if (state.op !== null || !state.registerOk || mustReadFirst(state)) return;
  state.leaseUntilMs = null;
  swap(turn, { ...record, holder: nobody, ctr: record.ctr + 1 }, leaving.cause);
}

/** Takes, or takes up again, the role: R4, R6, R7 and R8's promise. */
function takeOn(turn: Turn): void {
  const { state, nowMs } = turn;
  if (state.role !== 'standby' && state.role !== 'candidate' && state.role !== 'starting') return;
  const cause = reasonToTake(state, nowMs);
  const waits = cause !== null && nowMs < mayTakeAtMs(state);
  if (state.role !== 'starting') state.role = waits ? 'candidate' : 'standby';
  const mayWrite =
    state.op === null && state.registerOk && !mustReadFirst(state) && state.known !== null;
  if (cause === null || !mayWrite || nowMs < state.promisedUntilMs) return;
  const { record } = state.known ?? { record: null };
  if (waits) {
    // The holder cannot renew what it does not hold any more; its lease still has to run out before anybody acts.
    if (cause === 'forced' && record !== null && record.holder !== revoked)
      swap(turn, { ...record, holder: revoked, ctr: record.ctr + 1 }, cause);
    return;
  }
  if (cause === 'first' && !isTold(turn)) return;
  if (state.heldByOther && nowMs < state.readDueMs) return;
  state.heldByOther = false;
  state.role = 'taking';
  swap(turn, nextRecord(state, record), cause);
}

/** Why this node should have the role now; null: it should not. */
function reasonToTake(state: ElectionState, nowMs: number): ElectionCause | null {
  const { config, known } = state;
  const { self, peer } = config;
  const answers = mayAnswer(state.selfHealth);
  // A lock is taken by the gateway's own process, so there must be one.
  if (known === null || (config.lease.kind === 'held' && !answers)) return null;
  if (known.record?.holder === self) return answers ? 'resumed' : null;
  if (state.forcingUntilMs !== null && nowMs < state.forcingUntilMs) return 'forced';
  if (known.record === null) return mayClaim(state) ? 'first' : null;
  if (state.selfHealth !== 'well') return null;
  if (known.record.holder === peer)
    return state.peerHealth === 'down' && !state.hold.on ? 'peer-down' : null;
  // Released, or left by a gateway that is not in this pair any more.
  return nowMs >= state.yieldUntilMs ? 'peer-released' : null;
}

/** An empty register is a new pair, or one that lost its disk. */
function mayClaim(state: ElectionState): boolean {
  if (state.maxEpoch === 0 && state.config.self === state.config.primary)
    return mayAnswer(state.selfHealth);
  if (state.selfHealth !== 'well' || state.hold.on) return false;
  return state.maxEpoch > 0 || state.peerHealth === 'down';
}

/** A gateway that is not there, or not looked at yet, can take no lease: to try would only look like a lost register. */
function mayAnswer(health: Verdict): boolean {
  return health === 'well' || health === 'doubtful';
}

/** R4 (c): when the holder that the register names, or named before it was empty, is certainly out of its lease. */
function mayTakeAtMs(state: ElectionState): number {
  const { known, config } = state;
  const record = known?.record;
  const isFree =
    record?.holder === nobody ||
    record?.holder === config.self ||
    (record === null && state.maxEpoch === 0);
  return (known?.sinceMs ?? 0) + (isFree ? 0 : takeoverWaitMs(config.lease));
}

/**
 * Both nodes together know every epoch that was ever used, so nobody writes a first record before the other told its
 * highest one (invariant 6). Asks for it; again with every look at the register, because messages may be lost.
 */
function isTold(turn: Turn): boolean {
  const { state, nowMs } = turn;
  const former = state.epochQuestion;
  // Asked before that, the peer may not know yet what it has become by a write that the register has lost.
  const counts = former !== null && former.askedAtMs >= mayTakeAtMs(state);
  if (counts && former.answered) return true;
  if (counts && nowMs < state.readDueMs) return false;
  const question = counts ? former : { id: state.nextOpId, askedAtMs: nowMs, answered: false };
  if (!counts) state.nextOpId += 1;
  state.epochQuestion = question;
  send(turn, { kind: 'ask-epoch', id: question.id });
  return false;
}

/** A new holder is a new epoch; the same one goes on in its own. */
function nextRecord(state: ElectionState, record: RegisterRecord | null): RegisterRecord {
  const { self, addr } = state.config;
  const ctr = (record === null ? firstCounter(state.maxEpoch) : record.ctr + 1) + state.skipped;
  if (record?.holder === self) return { ...record, ctr };
  return { epoch: state.maxEpoch + 1, holder: self, ctr, addr };
}

/** R1: renews from exactly what it wrote last. */
function renew(turn: Turn): void {
  const { state, nowMs } = turn;
  const { lease } = state.config;
  if (lease.kind !== 'timed' || state.op !== null || nowMs < state.renewDueMs) return;
  if (state.role !== 'active' && state.role !== 'draining') return;
  const record = state.known?.record;
  if (record?.holder !== state.config.self || !state.registerOk || mustReadFirst(state)) return;
  state.renewDueMs = nowMs + lease.renewEveryMs;
  swap(turn, { ...record, ctr: record.ctr + 1 }, state.takenBy);
}

/** On a person's word: goes on until the register is back and says what is so. */
function keepAlone(turn: Turn): void {
  const { state, nowMs } = turn;
  const { lease } = state.config;
  if (!state.alone || lease.kind !== 'timed' || nowMs < state.renewDueMs) return;
  state.renewDueMs = nowMs + lease.renewEveryMs;
  state.leaseUntilMs = leaseEndMs(lease, nowMs);
  grantAlone(turn);
}

/** R8: the register does not answer; the peer's promise to stand still is as good for one lease. */
function keepByPeer(turn: Turn): void {
  const { state, nowMs } = turn;
  const { lease } = state.config;
  if (lease.kind !== 'timed' || state.role !== 'active' || state.registerOk || state.alone) return;
  if (state.extension !== null && nowMs < state.extension.sentAtMs + lease.renewEveryMs) return;
  const epoch = state.known?.record?.epoch;
  if (epoch === undefined || state.known?.record?.holder !== state.config.self) return;
  state.extension = { id: state.nextOpId, sentAtMs: nowMs };
  state.nextOpId += 1;
  send(turn, { kind: 'extend', id: state.extension.id, epoch });
}

/** R7: asks for the role back, only where the pair has a preferred gateway and this one has been well for long enough. */
function preempt(turn: Turn): void {
  const { state, nowMs } = turn;
  const { preempt: terms, self, peer } = state.config;
  if (terms?.preferred !== self || state.role !== 'standby' || state.hold.on) return;
  if (state.known?.record?.holder !== peer || state.selfWellSinceMs === null) return;
  if (nowMs < state.selfWellSinceMs + preemptDelayMs(state, nowMs)) return;
  if (nowMs < state.preemptDueMs || heardPeer(state, nowMs)?.role !== 'active') return;
  state.preemptDueMs = nowMs + terms.delayMs;
  send(turn, { kind: 'preempt' });
}

/** The delay before a preemption, doubled by every unplanned change of role within the last hour. */
export function preemptDelayMs(state: ElectionState, nowMs: number): number {
  const { count, lastAtMs } = state.unplanned;
  const steps = nowMs < lastAtMs + dampingForMs ? Math.min(count, dampingSteps) : 0;
  return (state.config.preempt?.delayMs ?? 0) * 2 ** steps;
}

function showIllness({ state }: Turn): void {
  if (state.role === 'standby' && state.selfHealth === 'down') state.role = 'fault';
  else if (state.role === 'fault' && state.selfHealth !== 'down') state.role = 'standby';
}

/** What the peer said, if that is fresh enough to be believed. */
export function heardPeer(state: ElectionState, nowMs: number): ElectionState['peerSaid'] {
  const { peerSaid, config } = state;
  return peerSaid !== null && nowMs < peerSaid.atMs + config.peerFreshMs ? peerSaid : null;
}

/** A swap that was refused or not answered is settled by reading before anything is written again. */
function mustReadFirst(state: ElectionState): boolean {
  return !state.upToDate;
}

/** The boot time at which the node wants its next `tick`; null while it only waits for answers. */
export function nextElectionWakeMs(state: ElectionState, nowMs: number): number | null {
  const { lease } = state.config;
  const due: number[] = [];
  if (state.op === null && wantsRead(state)) due.push(state.readDueMs);
  if (state.leaseUntilMs !== null) due.push(state.leaseUntilMs);
  if (state.granted !== null) due.push(state.granted.untilMs);
  if (state.role === 'draining' && state.leaving !== null)
    due.push(state.leaving.sinceMs + state.config.drainMs);
  if (state.role === 'leaving' && state.leaving !== null && state.granted !== null)
    due.push(state.leaving.sinceMs + state.config.fenceMs);
  if (lease.kind === 'timed' && state.op === null && state.leaseUntilMs !== null)
    due.push(state.renewDueMs);
  if (lease.kind === 'timed' && state.extension !== null && !state.registerOk)
    due.push(state.extension.sentAtMs + lease.renewEveryMs);
  if (state.role === 'candidate') due.push(mayTakeAtMs(state));
  if (state.role === 'standby' || state.role === 'candidate')
    due.push(state.promisedUntilMs, state.yieldUntilMs);
  if (state.config.preempt !== null && state.role === 'standby' && state.selfWellSinceMs !== null)
    due.push(state.selfWellSinceMs + preemptDelayMs(state, nowMs), state.preemptDueMs);
  const later = due.filter((time) => Number.isFinite(time) && time > nowMs);
  const overdue = state.op === null && wantsRead(state) && state.readDueMs <= nowMs;
  if (overdue) return nowMs;
  return later.length === 0 ? null : Math.min(...later);
}
