/** What reaches the register and the guardians, and what of it still can. */
import type { PeerMessage } from '../../election/model.ts';
import type { RegisterSwap } from '../../model.ts';
import { questionOf, quiet, react, recordText } from './host.ts';
import type { Ask, Host, HostRules, Move, Swap } from './host.ts';
import { holds, written } from './ledger.ts';
import type { Ledger } from './ledger.ts';

/** Counters of an epoch that begins a register anew start at multiples of this. */
const epochStride = 2 ** 32;

export interface RegisterMove extends Move {
  readonly ledger: Ledger;
  readonly problem: string | null;
}

/**
 * Requests of a host that the register may handle now: the one in flight, and those nobody waits for any more.
 * @param otherLocked the other gateway's process has the register's lock
 */
export function registerMoves(
  rules: HostRules,
  host: Host,
  ledger: Ledger,
  otherLocked: boolean,
): readonly RegisterMove[] {
  const moves: RegisterMove[] = [];
  const { ask } = host;
  if (ask?.result === null) {
    const move = handle(rules, host, ask, ledger, otherLocked);
    if (move !== null) moves.push(move);
  }
  host.strays.forEach((stray, index) => {
    const strays = host.strays.filter((_, other) => other !== index);
    const done = swapped(rules, { ...host, strays }, stray, ledger, otherLocked);
    if (done?.result.kind === 'swapped')
      moves.push({ ...done, label: `${done.label}, though nobody waits for it any more` });
  });
  return moves;
}

function handle(
  rules: HostRules,
  host: Host,
  ask: Ask,
  ledger: Ledger,
  otherLocked: boolean,
): RegisterMove | null {
  if (ask.kind === 'read') {
    const { record } = ledger;
    const result =
      record === null ? ({ kind: 'empty' } as const) : ({ kind: 'found', record } as const);
    const label = `answers ${who(rules)}'s read: ${recordText(record)}`;
    if (rules.bounds.promptReads) {
      const event = { kind: 'read', id: 1, result } as const;
      return { ...react(rules, { ...host, ask: null }, event, label), ledger, problem: null };
    }
    return { ...quiet({ ...host, ask: { ...ask, result } }, label), ledger, problem: null };
  }
  const done = swapped(rules, host, ask, ledger, otherLocked);
  if (done === null) return null;
  return { ...done, host: { ...done.host, ask: { ...ask, result: done.result } } };
}

/** A conditional write; null: it is beyond the bounds of this exploration, and never arrives. */
function swapped(
  rules: HostRules,
  host: Host,
  { expected, next }: Swap,
  ledger: Ledger,
  otherLocked: boolean,
): (RegisterMove & { readonly result: RegisterSwap }) | null {
  const { bounds, subject, index, lastWrite } = rules;
  const what = `${who(rules)}'s swap ${recordText(expected)} → ${recordText(next)}`;
  const refuse = (kind: 'conflict' | 'present' | 'held') => ({
    ...quiet(host, `refuses ${what}: ${kind}`),
    ledger,
    problem: null,
    result: { kind },
  });
  const isTaken = bounds.lease.kind === 'held' && next.holder === bounds.config(index).self;
  if (next.epoch > bounds.maxEpoch || (next.ctr % epochStride) - next.epoch > lastWrite)
    return null;
  if (bounds.lease.kind === 'held') {
    // To become active, the gateway's own process takes the lock and writes; to give back, the guardian does.
    if (isTaken && host.cell === null) return null;
    if (isTaken && host.cell !== null && next.ctr <= host.cell.seq) return refuse('conflict');
    const isLocked = otherLocked || (host.locked && !isTaken);
    if (isLocked && bounds.locksHold) return refuse('held');
  }
  if (bounds.conditional && !holds(ledger, expected))
    return refuse(bounds.lease.kind === 'timed' && holds(ledger, next) ? 'present' : 'conflict');
  const after = written(ledger, next);
  const grant = { epoch: next.epoch, seq: next.ctr, untilMs: Number.POSITIVE_INFINITY };
  const cell = isTaken && host.cell !== null ? subject.grantCell(host.cell, grant) : host.cell;
  return {
    ...quiet({ ...host, cell, locked: host.locked || isTaken }, `makes ${what}`),
    ledger: after.ledger,
    problem: after.problem,
    result: { kind: 'swapped' },
  };
}

/** Forgets the swaps that can never happen again, since what they expect is gone: a value never comes back. */
export function pruned(host: Host, ledger: Ledger): Host {
  const strays = host.strays.filter(({ expected }) => holds(ledger, expected));
  return strays.length === host.strays.length ? host : { ...host, strays };
}

/** A message as this guardian gets it: the answer to its present question bears its present number. */
export function deliverable(host: Host, message: PeerMessage): PeerMessage {
  if (message.kind !== 'extended' && message.kind !== 'tell-epoch') return message;
  const kind = message.kind === 'extended' ? 'extend' : 'ask-epoch';
  const current = host.node === null ? undefined : questionOf(host.node, kind)?.id;
  return { ...message, id: message.id !== 0 && current !== undefined ? current : -1 };
}

function who({ bounds, index }: HostRules): string {
  return bounds.config(index).self;
}
