/** One turn of an election: a draft of the next state, and the commands so far. Only the reducer makes and ends one. */
import type { RegisterRecord } from '../model.ts';
import { leaseEndMs } from './lease.ts';
import { firstCounter } from './record.ts';
import type {
  ElectionCause,
  ElectionCommand,
  ElectionNews,
  ElectionState,
  PeerMessage,
} from './model.ts';

export interface Turn {
  readonly state: { -readonly [Key in keyof ElectionState]: ElectionState[Key] };
  readonly commands: ElectionCommand[];
  readonly nowMs: number;
}

/** Begins a turn. */
export function beginTurn(state: ElectionState, nowMs: number): Turn {
  return { state: { ...state }, commands: [], nowMs };
}

export function announce({ commands }: Turn, what: ElectionNews): void {
  commands.push({ kind: 'announce', what });
}

export function send({ commands }: Turn, message: PeerMessage): void {
  commands.push({ kind: 'send', message });
}

/** Reads the register; the answer decides what to do next. */
export function read(turn: Turn): void {
  const { state, nowMs } = turn;
  const id = state.nextOpId;
  state.nextOpId += 1;
  state.op = { kind: 'read', id, sentAtMs: nowMs };
  turn.commands.push({ kind: 'read-register', id });
}

/** The only place that writes: from exactly what was last read (invariant 2). */
export function swap(turn: Turn, next: RegisterRecord, cause: ElectionCause): void {
  const { state, nowMs } = turn;
  const expected = state.known?.record ?? null;
  const id = state.nextOpId;
  state.nextOpId += 1;
  state.op = { kind: 'swap', id, sentAtMs: nowMs, expected, next, cause };
  state.settled = false;
  state.upToDate = false;
  // With a lock, the gateway acts from the moment it has it, whether or not we hear of it.
  if (state.config.lease.kind === 'held' && next.holder === state.config.self)
    state.granted = { untilMs: Number.POSITIVE_INFINITY, seq: next.ctr };
  turn.commands.push({ kind: 'swap-register', id, expected, next });
}

/** Lengthens the right to be active by what was sent at `sentAtMs`; never shortens it. */
export function extendLease(turn: Turn, sentAtMs: number): void {
  const { state } = turn;
  const endMs = leaseEndMs(state.config.lease, sentAtMs);
  state.leaseUntilMs = Math.max(state.leaseUntilMs ?? endMs, endMs);
}

/** Tells the gateway how long it may act; the register's counter orders grants and fences. */
export function grant(turn: Turn): void {
  const { state } = turn;
  const record = state.known?.record;
  if (record === null || record === undefined || state.leaseUntilMs === null) return;
  const untilMs = Math.max(state.granted?.untilMs ?? 0, state.leaseUntilMs);
  state.granted = { untilMs, seq: record.ctr };
  turn.commands.push({
    kind: 'grant',
    epoch: record.epoch,
    untilMs: state.leaseUntilMs,
    seq: record.ctr,
  });
}

/** As `grant`, on a person's word alone: in an epoch of its own, above every one known. */
export function grantAlone(turn: Turn): void {
  const { state } = turn;
  if (state.leaseUntilMs === null) return;
  // One counter for all of it: the register goes on from its own, and must not be behind for long.
  const seq = Math.max(
    state.granted?.seq ?? 0,
    (state.known?.record?.ctr ?? firstCounter(state.maxEpoch)) + 1,
  );
  state.granted = { untilMs: state.leaseUntilMs, seq };
  turn.commands.push({ kind: 'grant', epoch: state.maxEpoch, untilMs: state.leaseUntilMs, seq });
}

/** Tells the gateway to stop, or has it killed. What it was granted counts until it confirms, or the grant runs out. */
export function fence(turn: Turn, kill: boolean): void {
  const { state, commands } = turn;
  const seq = Math.max(state.granted?.seq ?? 0, state.known?.record?.ctr ?? 0);
  commands.push({ kind: 'fence', seq, kill });
}
