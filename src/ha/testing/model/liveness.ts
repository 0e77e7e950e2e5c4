/** That a pair recovers: from any state, once faults stop and everything is done in turn, some gateway acts again. */
import type { PeerMessage } from '../../election/model.ts';
import type { Bounds } from './bounds.ts';
import { deliverable, registerMoves } from './delivery.ts';
import { answerMoves, gatewayMoves, react, startGuardian } from './host.ts';
import type { Host, HostRules } from './host.ts';
import type { Ledger } from './ledger.ts';
import type { Subject } from './subject.ts';
import { later } from './waiting.ts';
import type { Parts } from './world.ts';

/** More rounds than any wait, retry and hand-over together take. */
const mostRounds = 40;

/** The pair after everything was done in turn until a gateway acts; null: none ever does. */
export function recovered(subject: Subject, bounds: Bounds, parts: Parts): Parts | null {
  return played(subject, bounds, parts, ({ hosts }) => acts(subject, hosts));
}

/** As `recovered`, and both guardians have seen the register move: a pair that has worked for a while. */
export function settled(subject: Subject, bounds: Bounds, parts: Parts): Parts | null {
  const isHeld = bounds.lease.kind === 'held';
  return played(
    subject,
    bounds,
    parts,
    ({ hosts }) =>
      acts(subject, hosts) && hosts.every(({ node }) => isHeld || node?.moved === true),
  );
}

function acts(subject: Subject, hosts: readonly Host[]): boolean {
  return hosts.some(({ cell }) => cell !== null && subject.mayAct(cell, 0));
}

function played(
  subject: Subject,
  given: Bounds,
  parts: Parts,
  isEnough: (now: Parts) => boolean,
): Parts | null {
  const bounds: Bounds = { ...given, maxEpoch: Infinity, promptReads: true };
  const rules = [0, 1].map((index): HostRules => ({ subject, bounds, index, lastWrite: Infinity }));
  const hosts: Host[] = [...parts.hosts];
  let ledger: Ledger = parts.ledger;
  const inboxes: PeerMessage[][] = [[...parts.messages[1]], [...parts.messages[0]]];

  const take = (
    index: number,
    move: { readonly host: Host; readonly sends: readonly PeerMessage[] },
  ): void => {
    hosts[index] = move.host;
    inboxes[1 - index]!.push(...move.sends);
  };
  const settleRegister = (index: number): void => {
    for (let turn = 0; turn < 4 && hosts[index]!.ask !== null; turn += 1) {
      const otherLocked = hosts[1 - index]!.locked;
      const [handled] = registerMoves(rules[index]!, hosts[index]!, ledger, otherLocked);
      if (handled !== undefined) {
        ledger = handled.ledger;
        take(index, handled);
      }
      const [answer] = answerMoves(rules[index]!, hosts[index]!);
      const { ask }: Host = hosts[index]!;
      const isAnswered = ask !== null && ask.result !== null;
      if (isAnswered && answer !== undefined) take(index, answer);
    }
  };
  const obey = (index: number): void => {
    for (;;) {
      const [move] = gatewayMoves(rules[index]!, hosts[index]!);
      if (move === undefined) return;
      take(index, move);
    }
  };
  const round = (index: number, rounds: number): void => {
    const rule = rules[index]!;
    let host = hosts[index]!;
    if (host.cell === null) host = { ...host, cell: subject.emptyCell() };
    // What is under way from before the faults ended has arrived by now, or never will.
    hosts[index] = { ...host, strays: [] };
    if (host.node === null) take(index, startGuardian(rule, hosts[index]));
    else hosts[index] = { ...hosts[index], node: { ...host.node, forcingUntilMs: null } };
    // A connection that broke is noticed, if late.
    if (rounds === 0 && !host.locked)
      take(index, react(rule, hosts[index], { kind: 'gateway-lost' }, ''));
    take(index, react(rule, hosts[index], { kind: 'health', self: 'well', peer: 'well' }, ''));
    if (hosts[index].node?.hold.on === true)
      take(index, react(rule, hosts[index], { kind: 'operator', request: 'unhold' }, ''));
    for (const message of inboxes[index]!.splice(0)) {
      const heard = deliverable(hosts[index], message);
      take(index, react(rule, hosts[index], { kind: 'heard', message: heard }, ''));
    }
    obey(index);
    for (const seq of hosts[index].confirmed) {
      const rest = {
        ...hosts[index],
        confirmed: hosts[index].confirmed.filter((other) => other !== seq),
      };
      take(index, react(rule, rest, { kind: 'gateway-fenced', seq }, ''));
    }
    if (hosts[index].node?.role === 'draining')
      take(index, react(rule, hosts[index], { kind: 'drained' }, ''));
    settleRegister(index);
    take(index, react(rule, hosts[index], { kind: 'tick' }, ''));
    settleRegister(index);
    obey(index);
    const { node } = hosts[index];
    const turns = { turnOkAgoMs: null, wantsTurn: false };
    if (node !== null)
      inboxes[1 - index]!.push(subject.beatOf({ ...node, config: bounds.config(index) }, turns));
  };

  for (let rounds = 0; rounds < mostRounds; rounds += 1) {
    const now: Parts = { hosts: [hosts[0]!, hosts[1]!], ledger, messages: [[], []] };
    if (isEnough(now)) return now;
    round(0, rounds);
    round(1, rounds);
    for (const index of [0, 1]) hosts[index] = later(rules[index]!, hosts[index]!, 2);
  }
  return null;
}
