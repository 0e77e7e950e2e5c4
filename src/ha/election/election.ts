/**
 * The election of one node as a pure function: `(state, event, now) -> (state, commands)`. Clocks, disks, sockets and
 * randomness are outside; health is never trusted for safety, only for when to try. Rules R1 to R9: docs/ha.md.
 *
 * Invariants
 * 1. A node is active only before `leaseUntilMs`, which is counted from the *sending* of what extended it, on the boot
 *    clock, shortened by the clock's possible error and a margin (R1). The gateway gets the same deadline and keeps it by
 *    itself (R2, R3).
 * 2. Every write is a compare-and-swap from exactly the value last learned; the epoch rises with every new holder. A write
 *    without an answer is settled by reading before anything else is written.
 * 3. The register never holds a value twice, so a swap that is late is harmless once the register has moved on. Until this
 *    node saw it move on, it promises nothing to its peer: an own late swap could break the promise.
 * 4. The role is taken from another only after the register stood unchanged, on this node's clock, for a lease lengthened
 *    by the clock's possible error and a margin (R4), or after the holder gave it back (R5). A restarted node has seen
 *    nothing yet, so it waits (R6). A person who forces it takes the right to renew at once, and waits all the same.
 * 5. The role is given back only when nothing that the gateway was granted can act any more: it confirmed, its process is
 *    gone, or the grant has run out; grants of an earlier life of this node count as well.
 * 6. An empty register is filled with an epoch above all that either node knows: only after the peer answered a question
 *    that was *asked* when every right from before the emptiness had surely run out. What it says unasked may be older,
 *    whenever it comes. (A person who forces it need not wait for the peer.)
 * 7. Without the register, the holder goes on only by its peer's promise to stand still for a lease (R8); while it is
 *    promised, nothing is taken, not even by force.
 * 8. What the register says never goes back; if it does, nothing is taken from it and a person is told.
 */
import { assertNever } from '../../base/index.ts';
import { takeoverWaitMs } from './lease.ts';
import { decide, heardPeer, leave, preemptDelayMs } from './decide.ts';
import type {
  ElectionCause,
  ElectionConfig,
  ElectionEvent,
  ElectionState,
  ElectionStep,
  OperatorRequest,
  PeerMessage,
  RefusalCode,
  Verdict,
} from './model.ts';
import { absorbRead, absorbSwap, learnFromPeer, noteUnplanned } from './register-answers.ts';
import { announce, beginTurn, extendLease, grant, send } from './turn.ts';
import type { Turn } from './turn.ts';

/** How long a person's force goes on trying against a holder that renews. */
const forceForLeases = 10;

/** A node of which nothing is known yet; the first `tick` sets it going. `maxEpoch`: the highest this host ever kept. */
export function createElection(config: ElectionConfig, nowMs: number, maxEpoch = 0): ElectionState {
  const { lease } = config;
  return {
    config,
    role: 'starting',
    known: null,
    maxEpoch,
    op: null,
    unsure: null,
    upToDate: false,
    moved: false,
    settled: false,
    skipped: 0,
    nextOpId: 1,
    readDueMs: nowMs,
    renewDueMs: nowMs,
    leaseUntilMs: null,
    // An earlier life may have granted something just before its end (invariant 5).
    granted: {
      untilMs: lease.kind === 'timed' ? nowMs + lease.leaseMs : Number.POSITIVE_INFINITY,
      seq: 0,
    },
    promisedUntilMs: nowMs,
    extension: null,
    keptByPeer: false,
    registerOk: true,
    selfHealth: 'unknown',
    peerHealth: 'unknown',
    selfWellSinceMs: null,
    peerSaid: null,
    epochQuestion: null,
    hold: { on: false, serial: 0 },
    leaving: null,
    takenBy: 'first',
    heldByOther: false,
    forcingUntilMs: null,
    alone: false,
    askingUntilMs: nowMs,
    preemptDueMs: nowMs,
    yieldUntilMs: nowMs,
    unplanned: { count: 0, lastAtMs: nowMs },
  };
}

/** One step: take in what happened, then do what follows from it. */
export function reduceElection(
  state: ElectionState,
  event: ElectionEvent,
  nowMs: number,
): ElectionStep {
  const turn = beginTurn(state, nowMs);
  absorb(turn, event);
  decide(turn);
  return { state: turn.state, commands: turn.commands };
}

export { nextElectionWakeMs } from './decide.ts';

/** What a pair adds to a beat: how turns go, and what a person asked of it. */
export type BeatExtras = Pick<Beat, 'turnOkAgoMs' | 'wantsTurn'> &
  Partial<Pick<Beat, 'asksForRole'>>;
type Beat = Extract<PeerMessage, { kind: 'beat' }>;

/** What this node tells its peer now and then, and after every change of its role. */
export function beatOf(state: ElectionState, extras: BeatExtras): Beat {
  return {
    asksForRole: false,
    ...extras,
    kind: 'beat',
    maxEpoch: state.maxEpoch,
    role: state.role,
    canTake: canTake(state),
    self: state.selfHealth,
    hold: state.hold,
  };
}

function absorb(turn: Turn, event: ElectionEvent): void {
  const { state } = turn;
  switch (event.kind) {
    case 'tick':
      break;
    case 'read':
      absorbRead(turn, event.id, event.result);
      break;
    case 'swapped':
      absorbSwap(turn, event.id, event.result);
      break;
    case 'health':
      absorbHealth(turn, event.self, event.peer);
      break;
    case 'heard':
      absorbMessage(turn, event.message);
      break;
    case 'gateway-fenced':
      if (state.granted !== null && event.seq >= state.granted.seq) state.granted = null;
      break;
    case 'gateway-lost':
      loseGateway(turn);
      break;
    case 'drained':
      if (state.role === 'draining' && state.leaving !== null) leave(turn, state.leaving.cause);
      break;
    case 'operator':
      absorbRequest(turn, event.request);
      break;
    default:
      assertNever(event);
  }
}

/** If its process ended, its lock is gone; if there is somebody to have it, it is taken again. */
function loseGateway({ state, nowMs }: Turn): void {
  if (state.config.lease.kind !== 'held') return;
  if (state.role === 'active' || state.role === 'taking') state.role = 'standby';
  state.leaseUntilMs = null;
  if (state.op?.kind !== 'swap') return;
  state.unsure = state.op; // its answer may come too late to be true
  state.op = null;
  state.readDueMs = nowMs;
}

function absorbHealth({ state, nowMs }: Turn, self: Verdict, peer: Verdict): void {
  if (self === 'well') state.selfWellSinceMs ??= nowMs;
  else if (self !== 'unknown') state.selfWellSinceMs = null;
  state.selfHealth = self;
  state.peerHealth = peer;
}

function absorbMessage(turn: Turn, message: PeerMessage): void {
  const { state, nowMs } = turn;
  const { config } = state;
  switch (message.kind) {
    case 'beat': {
      const { maxEpoch, role, canTake: peerCanTake, self } = message;
      state.peerSaid = { maxEpoch, role, canTake: peerCanTake, self, atMs: nowMs };
      state.maxEpoch = Math.max(state.maxEpoch, maxEpoch);
      if (message.hold.serial > state.hold.serial) {
        const changed = message.hold.on !== state.hold.on;
        state.hold = message.hold;
        if (changed) announce(turn, { code: 'hold', on: state.hold.on });
      }
      if (message.asksForRole && peerCanTake && state.role === 'active' && !state.alone)
        drain(turn, 'handoff');
      break;
    }
    case 'released':
      learnFromPeer(turn, message.record);
      break;
    case 'extend':
      if (!mayPromise(state, message.epoch, nowMs)) break;
      state.promisedUntilMs = nowMs + takeoverWaitMs(config.lease);
      send(turn, { kind: 'extended', id: message.id, epoch: message.epoch });
      break;
    case 'extended':
      absorbExtension(turn, message.id);
      break;
    case 'ask-epoch':
      send(turn, { kind: 'tell-epoch', id: message.id, maxEpoch: state.maxEpoch });
      break;
    case 'tell-epoch':
      absorbEpoch(turn, message.id, message.maxEpoch);
      break;
    case 'preempt':
      if (config.preempt?.preferred !== config.peer || state.hold.on) break;
      // The other one may have lost its memory of the trouble together with its host.
      if (nowMs < state.unplanned.lastAtMs + preemptDelayMs(state, nowMs)) break;
      if (state.role === 'active' && !state.alone) drain(turn, 'preempt');
      break;
    default:
      assertNever(message);
  }
}

/** R6, answered: an answer to an older question may hide what happened since. */
function absorbEpoch({ state }: Turn, id: number, maxEpoch: number): void {
  if (state.epochQuestion?.id !== id) return;
  state.epochQuestion = { ...state.epochQuestion, answered: true };
  state.maxEpoch = Math.max(state.maxEpoch, maxEpoch);
}

/** R8, asked: only who surely cannot become active meanwhile may promise it (invariants 3 and 7). */
function mayPromise(state: ElectionState, epoch: number, nowMs: number): boolean {
  return (
    state.config.lease.kind === 'timed' &&
    (state.role === 'standby' || state.role === 'candidate' || state.role === 'fault') &&
    epoch === state.maxEpoch &&
    state.settled &&
    state.op?.kind !== 'swap' &&
    state.unsure === null &&
    state.leaseUntilMs === null &&
    (state.forcingUntilMs === null || nowMs >= state.forcingUntilMs)
  );
}

/** R8, answered: good for one lease from when it was *asked*. */
function absorbExtension(turn: Turn, id: number): void {
  const { state } = turn;
  if (state.extension?.id !== id || state.role !== 'active') return;
  const { sentAtMs } = state.extension;
  if (state.known?.record?.holder !== state.config.self) return;
  extendLease(turn, sentAtMs);
  grant(turn);
  if (!state.keptByPeer) announce(turn, { code: 'extended' });
  state.keptByPeer = true;
}

function absorbRequest(turn: Turn, request: OperatorRequest): void {
  const why = obstacleTo(turn, request);
  if (why !== null) {
    announce(turn, { code: 'refused', request, why });
    return;
  }
  const { state, nowMs } = turn;
  const { lease } = state.config;
  switch (request) {
    case 'hold':
    case 'unhold': {
      const on = request === 'hold';
      state.hold = { on, serial: state.hold.serial + 1 };
      if (!on) state.forcingUntilMs = null;
      announce(turn, { code: 'hold', on });
      break;
    }
    case 'hand-over':
      if (state.role === 'active') drain(turn, 'handoff');
      else state.askingUntilMs = nowMs + state.config.peerFreshMs;
      break;
    case 'force':
      state.forcingUntilMs =
        nowMs + forceForLeases * (lease.kind === 'timed' ? lease.leaseMs : state.config.retryMs);
      state.readDueMs = nowMs;
      break;
    case 'force-alone':
      if (lease.kind !== 'timed') break;
      state.alone = true;
      state.role = 'active';
      state.takenBy = 'alone';
      state.maxEpoch += 1;
      state.renewDueMs = nowMs;
      state.leaseUntilMs = nowMs + lease.leaseMs;
      noteUnplanned(turn);
      announce(turn, { code: 'active', epoch: state.maxEpoch, cause: 'alone' });
      turn.commands.push({ kind: 'publish', epoch: state.maxEpoch, addr: state.config.addr });
      break;
    default:
      assertNever(request);
  }
}

/** Why a person's request cannot be followed now; null: it can. */
function obstacleTo({ state, nowMs }: Turn, request: OperatorRequest): RefusalCode | null {
  const isActive = state.role === 'active';
  switch (request) {
    case 'hold':
    case 'unhold':
      return null;
    case 'hand-over':
      if (state.role === 'draining' || state.role === 'leaving') return 'busy';
      if (state.alone) return 'not-active';
      if (isActive) return heardPeer(state, nowMs)?.canTake === true ? null : 'peer-cannot-take';
      if (heardPeer(state, nowMs)?.role !== 'active') return 'not-active';
      return canTake(state) ? null : 'cannot-take';
    case 'force':
      if (isActive) return 'already-active';
      if (state.selfHealth === 'down') return 'cannot-take'; // it would only be given back
      if (state.known === null || !state.registerOk) return 'register-unknown';
      return nowMs < state.promisedUntilMs ? 'promised' : null;
    case 'force-alone':
      if (isActive) return 'already-active';
      if (state.config.lease.kind !== 'timed' || state.registerOk) return 'register-answers';
      return nowMs < state.promisedUntilMs ? 'promised' : null;
    default:
      return assertNever(request);
  }
}

function drain(turn: Turn, cause: ElectionCause): void {
  const { state, nowMs } = turn;
  state.role = 'draining';
  state.leaving = { cause, sinceMs: nowMs, killed: false };
  turn.commands.push({ kind: 'drain', timeoutMs: state.config.drainMs });
}

function canTake(state: ElectionState): boolean {
  return (
    state.selfHealth === 'well' &&
    state.registerOk &&
    state.known !== null &&
    state.role !== 'starting'
  );
}
