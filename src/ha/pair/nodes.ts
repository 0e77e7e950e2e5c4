/** Runs the elections of the local members, carries messages between two of them, and tells their news in words. */
import { assertNever } from '../../base/index.ts';
import type { FailoverEvent } from '../../shared/index.ts';
import { beatOf, reduceElection } from '../election/election.ts';
import type {
  ElectionCause,
  ElectionCommand,
  ElectionEvent,
  ElectionNews,
  ElectionState,
  PeerMessage,
} from '../election/model.ts';
import type { Now } from '../model.ts';
import { reasons } from '../reasons.ts';
import type { MemberState, PairState, Step } from './model.ts';
import { andThen, announce, doing, memberOf, nodeOf, otherOf } from './step.ts';
import { peerVerdict, selfVerdict, troubleOf } from './verdict.ts';

/** Lets one node take in an event; what it says to a peer on this machine is heard at once. */
export function runNode(state: PairState, self: string, event: ElectionEvent, now: Now): Step {
  const node = nodeOf(state, self);
  if (node === undefined) return doing(state);
  // Nobody needs the change, and the conversation would stay behind: it is asked for again.
  if (event.kind === 'heard' && event.message.kind === 'preempt' && !state.copied)
    return doing(state);
  const { state: next, commands } = reduceElection(node, event, now.bootMs);
  let step = doing(withNode(state, next));
  for (const command of commands) step = andThen(step, (after) => carry(after, self, command, now));
  return step;
}

/** Tells every local node what the checks say now, and what the other local node would say. */
export function informNodes(state: PairState, now: Now): Step {
  let step = doing(state);
  for (const { config } of state.nodes) {
    step = andThen(step, (after) => {
      const member = memberOf(after, config.self);
      const node = nodeOf(after, config.self);
      if (member === undefined || node === undefined) return doing(after);
      const self = selfVerdict(after, member, now);
      const peer = peerVerdict(after, member, now);
      const changed = self !== node.selfHealth || peer !== node.peerHealth;
      return changed
        ? runNode(after, config.self, { kind: 'health', self, peer }, now)
        : doing(after);
    });
  }
  return state.nodes.length === 2 ? andThen(step, (after) => exchangeBeats(after, now)) : step;
}

/** What a local node tells its peer about itself. */
export function beat(
  state: PairState,
  node: ElectionState,
  now: Now,
): Extract<PeerMessage, { kind: 'beat' }> {
  const member = memberOf(state, node.config.self);
  const finished = member?.turn.finished ?? null;
  const wantsTurn = member !== undefined && troubleOf(state, member, now)?.depth === 'turn';
  return beatOf(node, {
    asksForRole: node.role === 'standby' && now.bootMs < node.askingUntilMs,
    turnOkAgoMs: finished?.ok === true ? now.bootMs - finished.startedAtMs : null,
    wantsTurn,
  });
}

/** Takes in what a beat says about turns. */
export function absorbBeat(state: PairState, message: PeerMessage, now: Now): PairState {
  if (message.kind !== 'beat') return state;
  return {
    ...state,
    peerTurnAtMs: message.turnOkAgoMs === null ? null : now.bootMs - message.turnOkAgoMs,
    peerWantsTurnAtMs: message.wantsTurn ? (state.peerWantsTurnAtMs ?? now.bootMs) : null,
  };
}

/** Two nodes in one guardian know each other's state at once; a beat is only needed when it says something new. */
function exchangeBeats(state: PairState, now: Now): Step {
  let step = doing(state);
  for (const { config } of state.nodes) {
    step = andThen(step, (after) => {
      const from = nodeOf(after, config.peer);
      const to = nodeOf(after, config.self);
      if (from === undefined || to === undefined) return doing(after);
      const message = beat(after, from, now);
      const said = to.peerSaid;
      const isNews =
        said === null ||
        said.maxEpoch !== message.maxEpoch ||
        said.role !== message.role ||
        said.canTake !== message.canTake ||
        said.self !== message.self ||
        to.hold.serial < message.hold.serial ||
        now.bootMs >= said.atMs + to.config.peerFreshMs / 2;
      return isNews ? runNode(after, config.self, { kind: 'heard', message }, now) : doing(after);
    });
  }
  return step;
}

function carry(state: PairState, self: string, command: ElectionCommand, now: Now): Step {
  switch (command.kind) {
    case 'announce':
      return tell(state, self, command.what, now);
    case 'send': {
      const peer = nodeOf(state, self)?.config.peer ?? '';
      return nodeOf(state, peer) === undefined
        ? doing(state, command)
        : runNode(state, peer, { kind: 'heard', message: command.message }, now);
    }
    default:
      return doing(state, { ...command, node: self });
  }
}

function withNode(state: PairState, node: ElectionState): PairState {
  return {
    ...state,
    nodes: state.nodes.map((other) => (other.config.self === node.config.self ? node : other)),
  };
}

function tell(state: PairState, self: string, news: ElectionNews, now: Now): Step {
  const node = nodeOf(state, self);
  const member = memberOf(state, self);
  if (node === undefined || member === undefined) return doing(state);
  const { name } = member.config;
  const other = otherOf(state, member);
  const step = doing(state);
  switch (news.code) {
    case 'active': {
      const kind = kindOfTaking(state, member, news.cause, now);
      const reason = activeReason(state, name, other.config.name, news.cause, news.epoch, now);
      return announce(settled(step), now, kind, self, reason);
    }
    case 'released': {
      const isPlanned = news.cause === 'handoff' || news.cause === 'preempt';
      const reason = reasons.released(name, releaseWhy(state, self, news.cause, now));
      const released = { isPlanned, reason };
      return announce(doing({ ...state, released }), now, 'released', self, reason);
    }
    case 'fenced':
      return announce(
        step,
        now,
        'fenced',
        self,
        news.cause === 'superseded' ? reasons.superseded(name) : reasons.leaseEnded(name),
      );
    case 'moved': {
      const moved = memberOf(state, news.holder);
      // A takeover by a node of this guardian is told by that node.
      if (moved === undefined || moved.local) return step;
      const kind = state.released?.isPlanned === true ? 'handoff' : 'takeover';
      const moves = reasons.movedElsewhere(moved.config.name, news.epoch);
      const reason = state.released === null ? moves : `${state.released.reason} ${moves}`;
      return announce(settled(step), now, kind, news.holder, reason);
    }
    case 'register-lost':
      if (!otherHearsRegister(state, self)) return step;
      return announce(step, now, 'register', null, reasons.registerLost(news.detail));
    case 'register-back':
      if (!otherHearsRegister(state, self)) return step;
      return announce(step, now, 'register', null, reasons.registerBack());
    case 'register-went-back':
      if (!otherHearsRegister(state, self)) return step;
      return announce(step, now, 'error', null, reasons.registerWentBack(news.seen, news.known));
    case 'extended':
      return announce(step, now, 'register', self, reasons.keptByPeer(name, other.config.name));
    case 'killed-gateway':
      return announce(step, now, 'killed', self, reasons.killed(name));
    case 'hold':
      // Both nodes of one guardian take it over; one of them tells it.
      return state.nodes[0]?.config.self === self
        ? announce(step, now, news.on ? 'held' : 'unheld', null, reasons.hold(news.on))
        : step;
    case 'refused':
      return andThen(step, (after) =>
        doing(after, {
          kind: 'answer',
          request: news.request,
          refusal: reasons.requestRefused(news.why, name, other.config.name),
        }),
      );
    default:
      return assertNever(news);
  }
}

/** Two nodes of one guardian have one register: the first that misses it tells, and the last that has it back. */
function otherHearsRegister(state: PairState, self: string): boolean {
  return state.nodes.every((node) => node.config.self === self || node.registerOk);
}

function activeReason(
  state: PairState,
  name: string,
  other: string,
  cause: ElectionCause,
  epoch: number,
  now: Now,
): string {
  switch (cause) {
    case 'first':
    case 'resumed':
      return reasons.protectionStarted(name, epoch);
    case 'forced':
      return reasons.forced(name);
    case 'alone':
      return reasons.forcedAlone(name, other);
    default: {
      const former = state.members.find(({ config }) => config.name === other);
      const trouble = former === undefined ? null : troubleOf(state, former, now);
      return trouble === null
        ? reasons.tookReleased(name, other)
        : reasons.tookOver(name, other, trouble.misses, trouble.depth, trouble.detail);
    }
  }
}

function releaseWhy(state: PairState, self: string, cause: ElectionCause, now: Now): string {
  if (cause === 'handoff') return reasons.becauseAsked();
  if (cause === 'preempt') return reasons.becausePreferred();
  const member = memberOf(state, self);
  const trouble = member === undefined ? null : troubleOf(state, member, now);
  return trouble?.detail ?? '';
}

/** A change of role that came about has no open refusal and no open handoff any more. */
function settled(step: Step): Step {
  return { ...step, state: { ...step.state, refusal: null, released: null } };
}

/** What a person is told a change of role was: one that was planned is no alarm. */
function kindOfTaking(
  state: PairState,
  member: MemberState,
  cause: ElectionCause,
  now: Now,
): FailoverEvent['kind'] {
  if (cause === 'first' || cause === 'resumed') return 'attached';
  if (cause === 'forced' || cause === 'alone') return 'forced';
  const former = otherOf(state, member);
  const isWell =
    troubleOf(state, former, now) === null && peerVerdict(state, member, now) !== 'down';
  return cause === 'peer-released' && isWell ? 'handoff' : 'takeover';
}
