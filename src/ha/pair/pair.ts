/**
 * The failover of one pair, as one guardian sees it, as a pure function: `(state, event, now) -> (state, commands)`.
 * The elections of the local members decide who is active (`election/`); this adds what feeds and follows them: checks,
 * verdicts, beats, words.
 *
 * Invariants
 * 1. Whatever the checks say, only an election moves a role.
 * 2. What is evidence of nothing changes no counter: checks that could not be made, checks during which our own timers
 *    were late (unless the process is certainly gone), answers that were overtaken by a reset, silence while we were late.
 * 3. Failing turns move nobody unless a turn on the other member, begun after the first failure, works.
 * 4. A holder that this guardian never saw well is given `startGraceMs` to start.
 * 5. A takeover that is due but not made is told once for each reason, and tried again on every new evidence.
 */
import { assertNever } from '../../base/index.ts';
import { createElection } from '../election/election.ts';
import type { ElectionConfig, OperatorRequest } from '../election/model.ts';
import type { MemberConfig, Now, PairConfig } from '../model.ts';
import { absorbCheck, absorbCredentials, absorbReset, unknownMember } from './evidence.ts';
import type { PairEvent, PairState, Step } from './model.ts';
import { absorbBeat, beat, informNodes, runNode } from './nodes.ts';
import { startWhatIsDue } from './schedule.ts';
import { andThen, announce, doing, holderOf, otherOf } from './step.ts';
import { obstacleTo, troubleOf } from './verdict.ts';

/** A guardian that runs this late cannot tell what it did not hear. */
const lateMs = 200;
/** A gateway that is there confirms within milliseconds. */
const mostFenceMs = 500;
/** Without a lease to renew, a lock's register is looked at this often. */
const lockRetryMs = 200;

/** A pair of which nothing is known; a first `tick` sets it going. `maxEpoch`: the highest this host ever kept. */
export function createPair(config: PairConfig, now: Now, maxEpoch = 0): PairState {
  const isLocal = (place: 'primary' | 'standby'): boolean =>
    config.local === 'both' || config.local === place;
  const nodes = (['primary', 'standby'] as const)
    .filter(isLocal)
    .map((place) => createElection(electionConfig(config, place), now.bootMs, maxEpoch));
  return {
    config,
    members: [
      unknownMember(config.primary, isLocal('primary'), now.bootMs),
      unknownMember(config.standby, isLocal('standby'), now.bootMs),
    ],
    nodes,
    startedAtMs: now.bootMs,
    nextSerial: 1,
    beatDueMs: now.bootMs,
    lateAtMs: now.bootMs,
    peerTurnAtMs: null,
    peerWantsTurnAtMs: null,
    refusal: null,
    released: null,
    copied: true,
    timeline: [],
  };
}

/** One step: take in what happened, let the elections decide, start what is due. */
export function reducePair(state: PairState, event: PairEvent, now: Now): Step {
  let step = absorb(state, event, now);
  step = andThen(step, (after) => informNodes(after, now));
  step = andThen(step, (after) => tickNodes(after, now));
  step = andThen(step, (after) => tellRefusal(after, now));
  const isNews = step.state.nodes.some(
    (node, index) =>
      node.role !== state.nodes[index]?.role ||
      node.askingUntilMs !== state.nodes[index].askingUntilMs,
  );
  step = andThen(step, (after) => sendBeats(after, now, isNews));
  return andThen(step, (after) => startWhatIsDue(after, now));
}

function absorb(state: PairState, event: PairEvent, now: Now): Step {
  switch (event.kind) {
    case 'tick':
      return doing(event.lateByMs > lateMs ? { ...state, lateAtMs: now.bootMs } : state);
    case 'checked':
      return absorbCheck(state, event, now);
    case 'reset':
      return andThen(absorbReset(state, event.gatewayId, event.detail, now), (after) =>
        runNode(after, event.gatewayId, { kind: 'gateway-lost' }, now),
      );
    case 'credentials':
      return absorbCredentials(state, event.gatewayId, now);
    case 'heard': {
      const [node] = state.nodes;
      if (node === undefined) return doing(state);
      const { message } = event;
      return runNode(
        absorbBeat(state, message, now),
        node.config.self,
        { kind: 'heard', message },
        now,
      );
    }
    case 'register-read':
      return runNode(state, event.node, { kind: 'read', id: event.id, result: event.result }, now);
    case 'register-swapped':
      return runNode(
        state,
        event.node,
        { kind: 'swapped', id: event.id, result: event.result },
        now,
      );
    case 'gateway-fenced':
      return runNode(state, event.node, { kind: 'gateway-fenced', seq: event.seq }, now);
    case 'drained':
      return runNode(state, event.node, { kind: 'drained' }, now);
    case 'operator':
      return ask(state, event.request, now);
    case 'note':
      return announce(
        doing(state),
        now,
        event.event.kind,
        event.event.gatewayId,
        event.event.reason,
      );
    default:
      return assertNever(event);
  }
}

/** A person's wish goes to the node that can fulfil it; every wish gets exactly one answer. */
function ask(state: PairState, request: OperatorRequest, now: Now): Step {
  const active = state.nodes.find((node) => node.role === 'active');
  const inactive = state.nodes.find((node) => node.role !== 'active');
  // With both on this machine, taking by force is handing over, and killing what does not let go.
  const forcedHere = request === 'force' && active !== undefined && state.nodes.length === 2;
  const node =
    request === 'hand-over' || forcedHere
      ? (active ?? state.nodes[0])
      : request === 'hold' || request === 'unhold'
        ? state.nodes[0]
        : (inactive ?? state.nodes[0]);
  if (node === undefined) return doing(state);
  const step = runNode(
    state,
    node.config.self,
    { kind: 'operator', request: forcedHere ? 'hand-over' : request },
    now,
  );
  const answered = step.commands.some((command) => command.kind === 'answer');
  return answered
    ? step
    : { ...step, commands: [...step.commands, { kind: 'answer', request, refusal: null }] };
}

function tickNodes(state: PairState, now: Now): Step {
  let step = doing(state);
  for (const { config } of state.nodes)
    step = andThen(step, (after) => runNode(after, config.self, { kind: 'tick' }, now));
  return step;
}

/** Invariant 5. */
function tellRefusal(state: PairState, now: Now): Step {
  const holder = holderOf(state);
  const trouble = holder === null ? null : troubleOf(state, holder, now);
  if (holder === null || trouble === null) return doing(withRefusal(state, null));
  const candidate = otherOf(state, holder);
  if (!trouble.certain || !candidate.local) return doing(state);
  const obstacle = obstacleTo(state, candidate, now);
  if (obstacle === null || obstacle.code === 'checking' || obstacle.code === state.refusal)
    return doing(state);
  return announce(
    doing(withRefusal(state, obstacle.code)),
    now,
    'refused-takeover',
    candidate.config.id,
    obstacle.words,
  );
}

function withRefusal(state: PairState, refusal: string | null): PairState {
  return state.refusal === refusal ? state : { ...state, refusal };
}

/** Beats go at a steady pace, and at once when the role changed: the other host should not wait to hear of it. */
function sendBeats(state: PairState, now: Now, atOnce: boolean): Step {
  const [node] = state.nodes;
  if (state.config.local === 'both' || node === undefined) return doing(state);
  if (!atOnce && now.bootMs < state.beatDueMs) return doing(state);
  return doing(
    { ...state, beatDueMs: now.bootMs + state.config.lease.renewEveryMs },
    { kind: 'send', message: beat(state, node, now) },
  );
}

function electionConfig(config: PairConfig, place: 'primary' | 'standby'): ElectionConfig {
  const self: MemberConfig = config[place];
  const peer: MemberConfig = place === 'primary' ? config.standby : config.primary;
  const { lease, check, preempt } = config;
  const timed = config.register.kind !== 'lock';
  return {
    self: self.id,
    peer: peer.id,
    addr: self.addr ?? self.url,
    primary: config.primary.id,
    lease: timed ? { kind: 'timed', ...lease } : { kind: 'held' },
    preempt:
      preempt === null
        ? null
        : { preferred: config[preempt.preferred].id, delayMs: preempt.delayMs },
    drainMs: 10_000,
    fenceMs: Math.min(check.timeoutMs, mostFenceMs),
    yieldMs: 10_000,
    peerFreshMs: 3 * lease.renewEveryMs + check.timeoutMs,
    retryMs: timed ? Math.ceil(lease.renewEveryMs / 2) : lockRetryMs,
  };
}
