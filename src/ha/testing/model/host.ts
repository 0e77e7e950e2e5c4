/**
 * One host as the model sees it: the shipped election of its guardian, the shipped lease cell of its gateway, and what is
 * on its way between them and to the register. A move is one thing that happens on it.
 *
 * Invariants
 * 1. Times are relative to the host's own clock, which therefore always shows 0; what lies far in the past is held at a
 *    floor (`canonical.ts`), so that waiting leads to finitely many states.
 * 2. Nothing is ever due: whoever may act may also not act for as long as it likes. So a frozen guardian, a frozen
 *    gateway, a suspended host and a late timer are all the same thing: time that passes without their moves.
 * 3. A swap that nobody waits for any more (`strays`) may still arrive, at any time.
 */
import type { ElectionCommand, ElectionEvent, PeerMessage } from '../../election/model.ts';
import type { LeaseCell } from '../../fence/lease-cell.ts';
import type { RegisterRead, RegisterRecord, RegisterSwap } from '../../model.ts';
import type { Bounds } from './bounds.ts';
import { canonicalNode } from './canonical.ts';
import type { NodeState } from './canonical.ts';
import type { Subject } from './subject.ts';

export interface Swap {
  readonly expected: RegisterRecord | null;
  readonly next: RegisterRecord;
}

/** The register operation that the guardian waits for; `result`: the answer is on its way. */
export type Ask =
  | { readonly kind: 'read'; readonly result: RegisterRead | null }
  | ({ readonly kind: 'swap'; readonly result: RegisterSwap | null } & Swap);

export type GatewayCommand = Extract<ElectionCommand, { kind: 'grant' | 'fence' }>;

export interface Host {
  /** Null: the guardian is down, and what it knew is gone. */
  readonly node: NodeState | null;
  /** Null: the gateway is down. */
  readonly cell: LeaseCell | null;
  /** `held` leases: the gateway's process has the register's lock. */
  readonly locked: boolean;
  /** The highest epoch that this guardian keeps on its disk. */
  readonly kept: number;
  readonly ask: Ask | null;
  readonly strays: readonly Swap[];
  /** To the gateway: may be lost, or arrive late and in any order. */
  readonly toGateway: readonly GatewayCommand[];
  /** Confirmed fences, by their `seq`, on their way to the guardian. */
  readonly confirmed: readonly number[];
}

/** Questions between the guardians that bear a number. */
export const questionKinds = ['extend', 'ask-epoch'] as const;
export type QuestionKind = (typeof questionKinds)[number];

export interface Move {
  readonly label: string;
  readonly host: Host;
  readonly sends: readonly PeerMessage[];
  /** What this guardian asked its peer, and does not ask any more or asks anew: answers to it are old ones. */
  readonly ended: readonly QuestionKind[];
}

/** What makes a host what it is: the code, its member, and how far the exploration goes. */
export interface HostRules {
  readonly subject: Subject;
  readonly bounds: Bounds;
  /** 0 or 1. */
  readonly index: number;
  /** Writes to the register whose counter is more than so much above their epoch are lost on their way. */
  readonly lastWrite: number;
}

const currentId = 1;

/** A host just after it booted, guardian and gateway running. */
export function bootedHost(rules: HostRules): Host {
  return {
    node: null,
    cell: rules.subject.emptyCell(),
    locked: false,
    kept: 0,
    ask: null,
    strays: [],
    toGateway: [],
    confirmed: [],
  };
}

/** Everything that can happen on a host without the register, the peer, or time. */
export function localMoves(rules: HostRules, host: Host): readonly Move[] {
  return [
    ...guardianMoves(rules, host),
    ...answerMoves(rules, host),
    ...gatewayMoves(rules, host),
    ...faultMoves(rules, host),
  ];
}

function guardianMoves(rules: HostRules, host: Host): readonly Move[] {
  const { node } = host;
  const { bounds } = rules;
  if (node === null) return [];
  const events: ElectionEvent[] = [{ kind: 'tick' }];
  for (const [self, peer] of bounds.verdicts[rules.index]!) {
    if (self !== node.selfHealth || peer !== node.peerHealth)
      events.push({ kind: 'health', self, peer });
  }
  for (const request of bounds.requests) {
    const isHold = request === 'hold' || request === 'unhold';
    const isSpent = isHold && node.hold.serial >= bounds.holds;
    if (!isSpent) events.push({ kind: 'operator', request });
  }
  const forceless: Move[] =
    node.forcingUntilMs === null
      ? []
      : [quiet({ ...host, node: { ...node, forcingUntilMs: null } }, 'stops forcing')];
  if (node.role === 'draining') events.push({ kind: 'drained' });
  if (bounds.lease.kind === 'held') events.push({ kind: 'gateway-lost' });
  const turns = { turnOkAgoMs: null, wantsTurn: false };
  const beat = rules.subject.beatOf({ ...node, config: bounds.config(rules.index) }, turns);
  return [
    ...(bounds.beats ? [{ ...quiet(host, `says ${messageText(beat)}`), sends: [beat] }] : []),
    ...forceless,
    ...events.map((event) => react(rules, host, event, labelOf(event))),
    ...host.confirmed.map((seq, index) =>
      react(
        rules,
        { ...host, confirmed: host.confirmed.filter((_, other) => other !== index) },
        { kind: 'gateway-fenced', seq },
        `hears that its gateway is fenced (seq ${String(seq)})`,
      ),
    ),
  ];
}

/** The register's answer comes, or does not. */
export function answerMoves(rules: HostRules, host: Host): readonly Move[] {
  const { ask } = host;
  const { bounds } = rules;
  if (ask === null || host.node === null) return [];
  const moves: Move[] = [];
  const answered = { ...host, ask: null };
  const detail = 'no answer';
  if (ask.kind === 'read') {
    const answer = (result: RegisterRead, label: string): Move =>
      react(rules, answered, { kind: 'read', id: currentId, result }, label);
    if (ask.result !== null) moves.push(answer(ask.result, `reads ${readText(ask.result)}`));
    if (bounds.registerFails)
      moves.push(answer({ kind: 'unreadable', detail }, 'its read has no answer'));
  } else {
    const answer = (from: Host, result: RegisterSwap, label: string): Move =>
      react(rules, from, { kind: 'swapped', id: currentId, result }, label);
    if (ask.result !== null)
      moves.push(answer(answered, ask.result, `hears of its swap: ${ask.result.kind}`));
    const unanswered = ask.result === null ? withStray(answered, ask, bounds) : answered;
    if (bounds.registerFails)
      moves.push(answer(unanswered, { kind: 'unknown', detail }, 'its swap has no answer'));
  }
  return moves;
}

export function gatewayMoves(rules: HostRules, host: Host): readonly Move[] {
  return host.toGateway.map((command, index) => {
    const toGateway = host.toGateway.filter((_, other) => other !== index);
    const label = command.kind === 'grant' ? `grant ${grantText(command)}` : fenceText(command);
    return quiet(obeyed(rules, { ...host, toGateway }, command), `the gateway gets: ${label}`);
  });
}

/** The host after its gateway got a command. A fence is confirmed, a process that ends confirms by that. */
function obeyed({ subject, bounds }: HostRules, host: Host, command: GatewayCommand): Host {
  // With a lock there are no grants: the plugin refuses them.
  if (command.kind === 'grant')
    return host.cell === null || bounds.lease.kind === 'held'
      ? host
      : { ...host, cell: subject.grantCell(host.cell, command) };
  const isGone = host.cell === null || command.kill;
  const cell = host.cell === null || isGone ? null : subject.fenceCell(host.cell, command);
  // A fence that newer grants have overtaken stops nothing, and is not confirmed.
  if (cell !== null && cell.untilMs !== null) return { ...host, cell };
  const confirmed = [...new Set([...host.confirmed, command.seq])].slice(-bounds.commands);
  return {
    ...host,
    cell,
    locked: false,
    toGateway: isGone ? [] : host.toGateway,
    confirmed: host.node === null ? [] : confirmed,
  };
}

function faultMoves(rules: HostRules, host: Host): readonly Move[] {
  const { subject, bounds } = rules;
  const moves: Move[] = [];
  if (host.node === null) moves.push(startGuardian(rules, host));
  else if (bounds.guardiansCrash[rules.index] === true) {
    const left = host.ask?.kind === 'swap' ? withUnanswered(host, bounds) : host;
    moves.push(
      quiet({ ...left, node: null, ask: null, confirmed: [] }, 'the guardian dies', questionKinds),
    );
  }
  if (bounds.gatewaysCrash[rules.index] !== true) return moves;
  // What was on its way over the dead process' connection dies with it.
  if (host.cell === null)
    moves.push(quiet({ ...host, cell: subject.emptyCell() }, 'the gateway starts'));
  else moves.push(quiet({ ...host, cell: null, locked: false, toGateway: [] }, 'the gateway dies'));
  return moves;
}

/** A guardian that starts knows nothing. */
export function startGuardian({ subject, bounds, index }: HostRules, host: Host): Move {
  const node = subject.createElection(bounds.config(index), 0, host.kept);
  return quiet(
    { ...host, node: canonicalNode(node, 0, bounds, node.config.self) },
    'the guardian starts',
    questionKinds,
  );
}

/** The shipped reducer takes an event in, and its commands are set on their way. */
export function react(rules: HostRules, host: Host, event: ElectionEvent, label: string): Move {
  const { subject, bounds, index } = rules;
  if (host.node === null) return quiet(host, `${label}, but its guardian is down`);
  const before = { ...host.node, config: bounds.config(index) };
  const { state, commands } = subject.reduceElection(before, event, 0);
  const sends: PeerMessage[] = [];
  const notes: string[] = [];
  const kept = Math.max(host.kept, state.maxEpoch);
  let next: Host = { ...host, node: canonicalNode(state, 0, bounds, before.config.self), kept };
  for (const command of commands) {
    switch (command.kind) {
      case 'read-register':
        next = { ...withUnanswered(next, bounds), ask: { kind: 'read', result: null } };
        notes.push('reads the register');
        break;
      case 'swap-register': {
        const { expected, next: record } = command;
        next = {
          ...withUnanswered(next, bounds),
          ask: { kind: 'swap', expected, next: record, result: null },
        };
        notes.push(`sends swap ${recordText(expected)} → ${recordText(record)}`);
        break;
      }
      case 'grant':
      case 'fence':
        next = bounds.promptGateways
          ? obeyed(rules, next, command)
          : { ...next, toGateway: [...next.toGateway, command].slice(-bounds.commands) };
        notes.push(command.kind === 'grant' ? `grants ${grantText(command)}` : fenceText(command));
        break;
      case 'send': {
        const message = outward(command.message);
        sends.push(message);
        notes.push(`says ${messageText(message)}`);
        break;
      }
      case 'announce':
        notes.push(`“${command.what.code}”`);
        break;
      case 'drain':
      case 'publish':
        notes.push(command.kind);
        break;
    }
  }
  const ended = questionKinds.filter(
    (kind) => questionOf(before, kind)?.id !== questionOf(state, kind)?.id,
  );
  return { label: [label, ...notes].join('; '), host: next, sends, ended };
}

/** What the guardian now asks its peer, if it does. */
export function questionOf(
  { extension, epochQuestion }: NodeState,
  kind: QuestionKind,
): { readonly id: number } | null {
  return kind === 'extend' ? extension : epochQuestion;
}

/** A question that this guardian asks bears the current number; one that was replaced meanwhile bears 0. */
function outward(message: PeerMessage): PeerMessage {
  return message.kind === 'extend' || message.kind === 'ask-epoch'
    ? { ...message, id: currentId }
    : message;
}

export function quiet(host: Host, label: string, ended: readonly QuestionKind[] = []): Move {
  return { label, host, sends: [], ended };
}

function withUnanswered(host: Host, bounds: Bounds): Host {
  return host.ask?.kind === 'swap' && host.ask.result === null
    ? withStray(host, host.ask, bounds)
    : host;
}

function withStray(host: Host, { expected, next }: Swap, bounds: Bounds): Host {
  const strays = [...host.strays, { expected, next }].slice(-bounds.strays);
  return { ...host, strays: bounds.strays === 0 ? [] : strays };
}

function labelOf(event: ElectionEvent): string {
  switch (event.kind) {
    case 'tick':
      return 'looks at its clock';
    case 'health':
      return `finds its gateway ${event.self}, the other ${event.peer}`;
    case 'gateway-lost':
      return 'loses its connection to the gateway';
    case 'operator':
      return `is asked to ${event.request}`;
    default:
      return event.kind;
  }
}

export function recordText(record: RegisterRecord | null): string {
  return record === null
    ? '(empty)'
    : `${record.holder}@${String(record.epoch)}.${String(record.ctr)}`;
}

function readText(result: RegisterRead): string {
  return result.kind === 'found' ? recordText(result.record) : result.kind;
}

function grantText(command: {
  readonly epoch: number;
  readonly untilMs: number;
  readonly seq: number;
}): string {
  return `(epoch ${String(command.epoch)}, ${String(command.untilMs)} left, seq ${String(command.seq)})`;
}

function fenceText(command: { readonly seq: number; readonly kill: boolean }): string {
  return command.kill ? 'kills its gateway' : `fences its gateway (seq ${String(command.seq)})`;
}

export function messageText(message: PeerMessage): string {
  switch (message.kind) {
    case 'beat':
      return `beat(${message.role}, epoch ${String(message.maxEpoch)}, ${message.canTake ? 'can' : 'cannot'} take)`;
    case 'released':
      return `released ${recordText(message.record)}`;
    case 'extend':
    case 'extended':
    case 'ask-epoch':
      return `${message.kind}${ageText(message.id)}`;
    case 'tell-epoch':
      return `${message.kind} ${String(message.maxEpoch)}${ageText(message.id)}`;
    case 'preempt':
      return 'preempt';
  }
}

function ageText(id: number): string {
  return id === currentId ? '' : ' (an old one)';
}
