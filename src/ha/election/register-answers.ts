/** What the register answered. */
import { assertNever } from '../../base/index.ts';
import type { RegisterRead, RegisterRecord, RegisterSwap } from '../model.ts';
import { sameRecord } from '../register/record.ts';
import { goesBack, isNewer } from './record.ts';
import { nobody } from './model.ts';
import type { SwapInFlight } from './model.ts';
import { announce, extendLease, fence, grant, send } from './turn.ts';
import type { Turn } from './turn.ts';

/** A lock that is being let go is free within milliseconds. */
const heldRetryMs = 25;

/** Takes in an answer to `read`; an answer to anything but the operation in flight is too old to count. */
export function absorbRead(turn: Turn, id: number, result: RegisterRead): void {
  const { state } = turn;
  if (state.op?.kind !== 'read' || state.op.id !== id) return;
  const { sentAtMs } = state.op;
  state.op = null;
  switch (result.kind) {
    case 'unreadable':
      lost(turn, result.detail);
      break;
    case 'empty':
      answered(turn);
      learn(turn, null);
      break;
    case 'found': {
      const known = state.known?.record ?? null;
      if (known !== null && goesBack(result.record, known)) {
        if (state.known !== null && state.known.sinceMs >= sentAtMs) {
          state.readDueMs = turn.nowMs; // overtaken by what the peer told meanwhile
          return;
        }
        const wentBack = {
          code: 'register-went-back',
          seen: result.record.epoch,
          known: known.epoch,
        } as const;
        if (state.registerOk) announce(turn, wentBack);
        state.registerOk = false;
        state.readDueMs = turn.nowMs + state.config.retryMs;
        return;
      }
      answered(turn);
      learn(turn, result.record);
      break;
    }
    default:
      assertNever(result);
  }
}

/** Takes in an answer to a swap. */
export function absorbSwap(turn: Turn, id: number, result: RegisterSwap): void {
  const { state } = turn;
  if (state.op?.kind !== 'swap' || state.op.id !== id) return;
  const swap = state.op;
  state.op = null;
  switch (result.kind) {
    case 'swapped': {
      answered(turn);
      if (isOutdated(turn, swap)) return;
      learn(turn, swap.next, state.unsure === null ? swap : earliest(swap, state.unsure));
      break;
    }
    case 'present':
      answered(turn);
      if (isOutdated(turn, swap)) return;
      state.unsure = state.unsure === null ? swap : earliest(swap, state.unsure);
      learn(turn, swap.next);
      if (state.role === 'taking') state.role = 'standby';
      break;
    case 'conflict':
      // It did not happen; what did, the next read tells. An earlier swap of our own may be the reason.
      answered(turn);
      state.readDueMs = turn.nowMs;
      if (state.config.lease.kind === 'held') state.skipped += 1;
      if (state.role === 'taking') state.role = 'standby';
      break;
    case 'held':
      answered(turn);
      state.readDueMs = turn.nowMs + heldRetryMs;
      state.granted = null; // somebody else has the lock, so the gateway here does not
      state.heldByOther = true;
      if (state.role === 'taking') state.role = 'standby';
      break;
    case 'unknown':
      state.unsure =
        state.unsure !== null && sameRecord(state.unsure.next, swap.next) ? state.unsure : swap;
      if (state.role === 'taking') state.role = 'standby';
      // A lock is asked of the gateway: that one does not answer says nothing about the register, which is a file here.
      if (state.config.lease.kind === 'timed') lost(turn, result.detail);
      state.readDueMs = turn.nowMs; // what became of it decides everything else
      break;
    default:
      assertNever(result);
  }
}

/** True if the swap happened, and others wrote since, as the peer told meanwhile: the register is read again. */
function isOutdated({ state, nowMs }: Turn, swap: SwapInFlight): boolean {
  const known = state.known?.record ?? null;
  if (known === null || !isNewer(known, swap.next)) return false;
  state.readDueMs = nowMs;
  if (state.role === 'taking') state.role = 'standby';
  return true;
}

/** A newer value of the register, as this node read it, wrote it, or was told by the peer that wrote it. */
export function learn(turn: Turn, record: RegisterRecord | null, written?: SwapInFlight): void {
  const { state, nowMs } = turn;
  const before = state.known;
  const changed = before === null || !sameRecord(before.record, record);
  if (changed) {
    state.known = { record, sinceMs: nowMs };
    state.skipped = 0;
    state.epochQuestion = null;
  }
  // Every swap still on its way expects an older value, and a value never comes back (invariant 3).
  if (changed && before !== null) state.settled = true;
  if (record !== null) state.maxEpoch = Math.max(state.maxEpoch, record.epoch);
  if (record?.holder === state.config.peer) state.yieldUntilMs = nowMs; // it took what was left to it

  const { unsure } = state;
  // Until this life saw a change, what is read may be an identical swap of an earlier life, sent long before ours. And a
  // lock's record does not tell whether the process that wrote it still lives.
  const tellsOurs =
    state.moved && (state.config.lease.kind === 'timed' || record?.holder !== state.config.self);
  const mine =
    written ?? (tellsOurs && unsure !== null && sameRecord(unsure.next, record) ? unsure : null);
  if (changed && before !== null) state.moved = true;
  if (changed || mine !== null) state.unsure = null;
  state.upToDate = true;
  if (mine !== null && record !== null) {
    wrote(turn, mine, record);
    return;
  }
  if (record === null || record.holder !== state.config.self) lose(turn, record);
  if (changed && record?.holder === state.config.peer) follow(turn, before?.record ?? null, record);
  if (state.role === 'starting' || state.role === 'fenced')
    state.role = record === null && state.maxEpoch === 0 ? 'starting' : 'standby';
}

/** The peer says what it wrote; believed only if it is newer, and only as a value, never as a right. */
export function learnFromPeer(turn: Turn, record: RegisterRecord): void {
  const known = turn.state.known?.record ?? null;
  if (turn.state.known !== null && known !== null && isNewer(record, known)) learn(turn, record);
}

/** The peer is active: whoever can write DNS from here lets it follow; a change of holder is told. */
function follow(turn: Turn, former: RegisterRecord | null, record: RegisterRecord): void {
  if (former?.holder === record.holder && former.epoch === record.epoch) return;
  const { epoch, holder, addr } = record;
  turn.commands.push({ kind: 'publish', epoch, addr });
  if (former !== null) announce(turn, { code: 'moved', epoch, holder });
}

/** A swap of our own happened. */
function wrote(turn: Turn, swap: SwapInFlight, record: RegisterRecord): void {
  const { state, nowMs } = turn;
  const { self } = state.config;
  if (record.holder === nobody) {
    const cause = state.leaving?.cause ?? swap.cause;
    state.role = 'standby';
    state.leaving = null;
    state.leaseUntilMs = null;
    state.yieldUntilMs = nowMs + state.config.yieldMs;
    if (cause === 'self-down') noteUnplanned(turn);
    announce(turn, { code: 'released', epoch: record.epoch, cause });
    send(turn, { kind: 'released', record });
    return;
  }
  if (record.holder !== self || state.role === 'leaving') return; // `leaving`: it is no new right
  extendLease(turn, swap.sentAtMs);
  if (state.config.lease.kind === 'timed')
    state.renewDueMs = swap.sentAtMs + state.config.lease.renewEveryMs;
  const goesOn = state.role === 'active' || state.role === 'draining';
  if (!goesOn) {
    state.role = 'active';
    state.takenBy = swap.cause;
    state.forcingUntilMs = null;
    const isTrouble = swap.cause === 'peer-down' || swap.cause === 'peer-released';
    if (isTrouble && state.peerHealth === 'down') noteUnplanned(turn);
  }
  if (state.leaseUntilMs === null || nowMs >= state.leaseUntilMs) return; // too late to be of use
  grant(turn);
  if (goesOn) return;
  turn.commands.push({ kind: 'publish', epoch: record.epoch, addr: record.addr });
  announce(turn, { code: 'active', epoch: record.epoch, cause: swap.cause });
}

/** One more change of role that nobody asked for; see `preemptDelayMs`. */
export function noteUnplanned({ state, nowMs }: Turn): void {
  state.unplanned = { count: state.unplanned.count + 1, lastAtMs: nowMs };
}

/** The register names somebody else, or nobody: whatever right there was is over. */
function lose(turn: Turn, record: RegisterRecord | null): void {
  const { state } = turn;
  const had = state.leaseUntilMs !== null;
  if (state.leaseUntilMs !== null) fence(turn, false);
  state.leaseUntilMs = null;
  state.alone = false;
  if (
    state.role === 'active' ||
    state.role === 'draining' ||
    state.role === 'leaving' ||
    state.role === 'taking'
  ) {
    state.role = 'standby';
    state.leaving = null;
    if (!had) return;
    noteUnplanned(turn);
    announce(turn, { code: 'fenced', epoch: record?.epoch ?? state.maxEpoch, cause: 'superseded' });
  }
}

function answered(turn: Turn): void {
  const { state } = turn;
  if (!state.registerOk) announce(turn, { code: 'register-back' });
  state.registerOk = true;
  state.extension = null;
  state.keptByPeer = false;
  state.readDueMs = turn.nowMs + readEveryMs(turn);
}

function lost(turn: Turn, detail: string): void {
  const { state } = turn;
  if (state.registerOk) announce(turn, { code: 'register-lost', detail });
  state.registerOk = false;
  state.readDueMs = turn.nowMs + state.config.retryMs;
}

/** A standby must see a renewal soon after it happened, and a silence soon after it began. */
function readEveryMs({ state }: Turn): number {
  return state.config.lease.kind === 'timed'
    ? state.config.lease.renewEveryMs
    : state.config.retryMs;
}

function earliest(swap: SwapInFlight, unsure: SwapInFlight): SwapInFlight {
  // The answer may be for the earlier sending of the same write: the lease counts from that one (R1).
  return sameRecord(swap.next, unsure.next) && unsure.sentAtMs < swap.sentAtMs ? unsure : swap;
}
