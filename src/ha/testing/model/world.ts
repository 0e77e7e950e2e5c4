/**
 * The whole pair: two hosts, the register, and what the guardians say to each other. A state is five numbers, each of
 * which stands for one part; what can happen to a part is worked out once, by the shipped code, and remembered.
 *
 * Invariants
 * 1. The parts are values: a move makes new ones. So remembering what follows from one is sound.
 * 2. Real time is the same for both hosts; their clocks move by what `bounds.rates` allows, in every step anew.
 */
import type { PeerMessage } from '../../election/model.ts';
import type { Bounds } from './bounds.ts';
import { gatewayIds } from './bounds.ts';
import { deliverable, pruned, registerMoves } from './delivery.ts';
import type { RegisterMove } from './delivery.ts';
import { bootedHost, localMoves, messageText, react, startGuardian } from './host.ts';
import type { Host, HostRules, Move, QuestionKind } from './host.ts';
import { createInterner } from './intern.ts';
import { emptied, ledgerOf } from './ledger.ts';
import { settled } from './liveness.ts';
import type { Ledger } from './ledger.ts';
import { actingOf, judge } from './safety.ts';
import type { Acting } from './safety.ts';
import type { Subject } from './subject.ts';
import { later } from './waiting.ts';

/** Pairs of parts are packed into one number each. */
const mostLedgers = 65_536;
const mostMessages = 4_096;

const answerTo = { extend: 'extended', 'ask-epoch': 'tell-epoch' } as const;
type AnswerKind = (typeof answerTo)[QuestionKind];

/** host A, host B, register, messages from A, messages from B. */
export const stateWidth = 5;

/** Called with each state that can follow. `problem`: what is wrong with it. */
export type Visit = (words: number[], label: () => string, problem: string | null) => void;

export interface Parts {
  readonly hosts: readonly [Host, Host];
  readonly ledger: Ledger;
  readonly messages: readonly [readonly PeerMessage[], readonly PeerMessage[]];
}

export interface World {
  initial(): number[];
  successors(words: readonly number[], visit: Visit): void;
  parts(words: readonly number[]): Parts;
  /** How many different hosts and registers were met. */
  partCounts(): string;
}

interface HostSteps {
  readonly moves: readonly {
    readonly host: number;
    readonly sends: readonly number[];
    readonly move: Move;
  }[];
}

/** The pair when the exploration begins. */
function startOf(subject: Subject, bounds: Bounds): Parts {
  const [left, right] = [0, 1].map((index) => {
    const rules = { subject, bounds, index, lastWrite: 0 };
    return startGuardian(rules, bootedHost(rules)).host;
  });
  const fresh: Parts = {
    hosts: [left!, right!],
    ledger: ledgerOf(bounds.start),
    messages: [[], []],
  };
  const start = bounds.settled ? settled(subject, bounds, fresh) : fresh;
  if (start === null) throw new Error('this pair never begins to work');
  return start;
}

/** The host after its guardian looked at both gateways, where there is only one thing that it can find. */
function asFound(rules: HostRules, host: Host): Host {
  const [only, ...others] = rules.bounds.verdicts[rules.index]!;
  if (only === undefined || others.length > 0) return host;
  const [self, peer] = only;
  return react(rules, host, { kind: 'health', self, peer }, '').host;
}

export function createWorld(subject: Subject, bounds: Bounds): World {
  const hosts = createInterner<Host>();
  const ledgers = createInterner<Ledger>(mostLedgers);
  const messages = createInterner<PeerMessage>(mostMessages);
  const channels = createInterner<readonly number[]>();
  const start = startOf(subject, bounds);
  const lastWrite =
    (start.ledger.record?.ctr ?? 1) - (start.ledger.record?.epoch ?? 1) + bounds.writes;
  const rules = [0, 1].map((index): HostRules => ({ subject, bounds, index, lastWrite }));
  const noMessages = channels.idOf([]);

  const moveMemo: Map<number, HostSteps['moves']>[] = [new Map(), new Map()];
  const heardMemo: Map<number, HostSteps['moves'][number]>[] = [new Map(), new Map()];
  const laterMemo: Map<number, number>[] = [new Map(), new Map()];
  const registerMemo: Map<number, readonly NumberedRegisterMove[]>[] = [new Map(), new Map()];
  const prunedMemo = new Map<number, number>();
  const actingMemo = new Map<number, Acting>();
  const remember = <Value>(memo: Map<number, Value>, key: number, make: () => Value): Value => {
    const known = memo.get(key);
    if (known !== undefined) return known;
    const made = make();
    memo.set(key, made);
    return made;
  };

  interface NumberedRegisterMove {
    readonly host: number;
    readonly sends: readonly number[];
    readonly ledger: number;
    readonly move: RegisterMove;
  }

  const numbered = (move: Move) => ({
    host: hosts.idOf(move.host),
    sends: move.sends.map((message) => messages.idOf(message)),
    move,
  });
  const movesOf = (index: number, host: number) =>
    remember(moveMemo[index]!, host, () =>
      localMoves(rules[index]!, hosts.valueOf(host)).map(numbered),
    );
  const heardOf = (index: number, host: number, message: number) =>
    remember(heardMemo[index]!, host * mostMessages + message, () => {
      const heard = deliverable(hosts.valueOf(host), messages.valueOf(message));
      const label = `hears ${messageText(messages.valueOf(message))}`;
      return numbered(
        react(rules[index]!, hosts.valueOf(host), { kind: 'heard', message: heard }, label),
      );
    });
  const laterOf = (index: number, host: number, ticks: number) =>
    remember(laterMemo[index]!, host * 16 + ticks, () =>
      hosts.idOf(later(rules[index]!, hosts.valueOf(host), ticks)),
    );
  const prunedOf = (host: number, ledger: number) =>
    remember(prunedMemo, host * mostLedgers + ledger, () =>
      hosts.idOf(pruned(hosts.valueOf(host), ledgers.valueOf(ledger))),
    );
  const actingAt = (host: number) =>
    remember(actingMemo, host, () => actingOf(subject, hosts.valueOf(host), bounds));
  const registerMovesOf = (index: number, host: number, ledger: number, otherLocked: boolean) =>
    remember(registerMemo[index]!, (host * mostLedgers + ledger) * 2 + Number(otherLocked), () =>
      registerMoves(rules[index]!, hosts.valueOf(host), ledgers.valueOf(ledger), otherLocked).map(
        (move) => ({ ...numbered(move), ledger: ledgers.idOf(move.ledger), move }),
      ),
    );

  const withMessages = (channel: number, add: readonly number[]): number => {
    if (add.length === 0) return channel;
    const all = channels.valueOf(channel).filter((message) => !add.includes(message));
    return channels.idOf(
      [...all, ...add].slice(-bounds.inFlight).sort((left, right) => left - right),
    );
  };
  /** The same messages; those of this kind belong to an older question. */
  const outdated = (channel: number, kind: QuestionKind | AnswerKind): number => {
    const before = channels.valueOf(channel);
    const after = before.map((id) => {
      const message = messages.valueOf(id);
      return message.kind === kind && 'id' in message && message.id !== 0
        ? messages.idOf({ ...message, id: 0 })
        : id;
    });
    return channels.idOf([...new Set(after)].sort((left, right) => left - right));
  };

  /** The state after a move of one host: its messages are on their way, its gateway's acts are on record. */
  const settle = (
    words: readonly number[],
    index: number,
    step: HostSteps['moves'][number],
  ): number[] => {
    const next = [...words];
    next[index] = step.host;
    for (const kind of step.move.ended) {
      next[3 + index] = outdated(next[3 + index]!, kind);
      next[4 - index] = outdated(next[4 - index]!, answerTo[kind]);
    }
    next[3 + index] = withMessages(next[3 + index]!, step.sends);
    return next;
  };

  const finish = (
    next: number[],
    visit: Visit,
    label: () => string,
    found: string | null,
  ): void => {
    const verdict = judge(actingAt(next[0]!), actingAt(next[1]!), ledgers.valueOf(next[2]!));
    if (verdict.ledger !== ledgers.valueOf(next[2]!)) next[2] = ledgers.idOf(verdict.ledger);
    visit(next, label, found ?? verdict.problem);
  };

  const hostSuccessors = (words: readonly number[], index: number, visit: Visit): void => {
    const host = words[index]!;
    const who = gatewayIds[index]!;
    for (const step of movesOf(index, host))
      finish(settle(words, index, step), visit, () => `${who}  ${step.move.label}`, null);

    const inbox = 4 - index;
    for (const message of channels.valueOf(words[inbox]!)) {
      const step = heardOf(index, host, message);
      const label = (): string => `${who}  ${step.move.label}`;
      const left = channels.idOf(
        channels.valueOf(words[inbox]!).filter((other) => other !== message),
      );
      const base = [...words];
      base[inbox] = left;
      finish(settle(base, index, step), visit, label, null);
      if (bounds.duplicates) finish(settle(words, index, step), visit, label, null);
    }

    const otherLocked = hosts.valueOf(words[1 - index]!).locked;
    for (const { host: after, ledger, sends, move } of registerMovesOf(
      index,
      host,
      words[2]!,
      otherLocked,
    )) {
      const next = settle(words, index, { host: after, sends, move });
      next[2] = ledger;
      if (ledger !== words[2]) {
        next[0] = prunedOf(next[0]!, ledger);
        next[1] = prunedOf(next[1]!, ledger);
      }
      finish(next, visit, () => `R  ${move.label}`, move.problem);
    }
  };

  const worldSuccessors = (words: readonly number[], visit: Visit): void => {
    const wait = (ticks: readonly [number, number], label: () => string): void => {
      const next = [...words];
      next[0] = laterOf(0, words[0]!, ticks[0]);
      next[1] = laterOf(1, words[1]!, ticks[1]);
      finish(next, visit, label, null);
    };
    for (const ticks of bounds.rates)
      wait(ticks, () => `…  time passes: A's clock +${String(ticks[0])}, B's +${String(ticks[1])}`);
    if (bounds.clocksStop) {
      wait([0, 4], () => '…  A sleeps, and its clock with it; B’s clock +4');
      wait([4, 0], () => '…  B sleeps, and its clock with it; A’s clock +4');
    }
    const ledger = ledgers.valueOf(words[2]!);
    if (ledger.record !== null && ledger.diskLosses < bounds.diskLosses) {
      const next = [...words];
      next[2] = ledgers.idOf(emptied(ledger));
      next[0] = prunedOf(next[0]!, next[2]);
      next[1] = prunedOf(next[1]!, next[2]);
      finish(next, visit, () => 'R  the register loses its disk', null);
    }
  };

  return {
    initial() {
      const [a, b] = start.hosts.map((host, index) => asFound(rules[index]!, host)) as [Host, Host];
      return [hosts.idOf(a), hosts.idOf(b), ledgers.idOf(start.ledger), noMessages, noMessages];
    },
    successors(words, visit) {
      hostSuccessors(words, 0, visit);
      hostSuccessors(words, 1, visit);
      worldSuccessors(words, visit);
    },
    parts: (words) => ({
      hosts: [hosts.valueOf(words[0]!), hosts.valueOf(words[1]!)],
      ledger: ledgers.valueOf(words[2]!),
      messages: [3, 4].map((word) =>
        channels.valueOf(words[word]!).map((message) => messages.valueOf(message)),
      ) as unknown as Parts['messages'],
    }),
    partCounts: () => `${String(hosts.size)} hosts, ${String(ledgers.size)} registers`,
  };
}
