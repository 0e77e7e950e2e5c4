/** What checks and broken connections tell about the members. Pure; the reducer's invariant 4 is kept here. */
import { assertNever } from '../base/index.ts';
import type { MemberCheck } from '../shared/index.ts';
import type {
  CheckOutcome,
  CheckTrack,
  MemberConfig,
  MemberState,
  Now,
  PairEvent,
  PairState,
  Step,
} from './model.ts';
import { reasons } from './reasons.ts';
import { announce, holderOf, memberOf, withMember } from './step.ts';

type CheckedEvent = Extract<PairEvent, { kind: 'checked' }>;

/** A member of which nothing is known; its first check is due at once. */
export function unknownMember(config: MemberConfig, bootMs: number): MemberState {
  const track: CheckTrack = {
    inFlight: null,
    misses: 0,
    missingSinceMs: null,
    finished: null,
    dueFromMs: bootMs,
    urgent: true,
    shown: null,
  };
  return {
    config,
    rpc: track,
    turn: track,
    resetAtMs: null,
    blind: null,
    seenWell: false,
    reported: false,
  };
}

/** True while the member answers fast checks on the connection it has. */
export function isUp(member: MemberState): boolean {
  return member.rpc.finished?.ok === true && member.resetAtMs === null;
}

/** Takes in the answer of a check. */
export function absorbCheck(state: PairState, event: CheckedEvent, now: Now): Step {
  const member = memberOf(state, event.gatewayId);
  const inFlight = member?.[event.depth].inFlight;
  if (member === undefined || inFlight?.serial !== event.serial) return { state, commands: [] };

  const { outcome } = event;
  const rested: CheckTrack = {
    ...member[event.depth],
    inFlight: null,
    dueFromMs: now.bootMs,
    urgent: false,
  };
  switch (outcome.kind) {
    case 'blind':
      return absorbBlind(state, { ...member, [event.depth]: rested }, outcome.detail, now);
    case 'miss':
      if (event.lateByMs > lateToleranceMs(state, event)) {
        const again: CheckTrack = {
          ...rested,
          dueFromMs: now.bootMs + state.config.check.confirmEveryMs,
          urgent: true,
        };
        return { state: withMember(state, { ...member, [event.depth]: again }), commands: [] };
      }
      return absorbMiss(
        state,
        member,
        event,
        counted(rested, event, inFlight.startedAtMs, now),
        outcome.detail,
        now,
      );
    case 'ok':
      return absorbOk(
        state,
        member,
        event,
        counted(rested, event, inFlight.startedAtMs, now),
        outcome.latencyMs,
        now,
      );
    default:
      return assertNever(outcome);
  }
}

/** Takes in that a member's connection broke: a suspicion at once, and the end of what was proved over that connection. */
export function absorbReset(state: PairState, gatewayId: string, detail: string, now: Now): Step {
  const member = memberOf(state, gatewayId);
  if (member === undefined) return { state, commands: [] };
  const suspect: MemberState = {
    ...member,
    resetAtMs: now.bootMs,
    rpc: { ...member.rpc, dueFromMs: now.bootMs, urgent: true },
    turn: { ...member.turn, inFlight: null, finished: null, misses: 0, missingSinceMs: null },
  };
  return report(state, suspect, reasons.connectionBroke(member.config.name, detail), now);
}

/** Takes in that a member's token is there now. */
export function absorbCredentials(state: PairState, gatewayId: string, now: Now): Step {
  const member = memberOf(state, gatewayId);
  if (member === undefined) return { state, commands: [] };
  const rpc: CheckTrack = { ...member.rpc, dueFromMs: now.bootMs, urgent: true };
  return { state: withMember(state, { ...member, rpc }), commands: [] };
}

function absorbBlind(state: PairState, member: MemberState, detail: string, now: Now): Step {
  const step: Step = { state: withMember(state, { ...member, blind: detail }), commands: [] };
  // At the start the app's tokens are still on their way; `cover` says meanwhile what cannot be checked.
  const mayBeStarting =
    !member.seenWell && now.bootMs < state.startedAtMs + state.config.check.startGraceMs;
  return member.blind === null && !mayBeStarting
    ? announce(
        step,
        now,
        'error',
        member.config.id,
        reasons.cannotCheck(member.config.name, detail),
      )
    : step;
}

function absorbMiss(
  state: PairState,
  member: MemberState,
  event: CheckedEvent,
  track: CheckTrack,
  detail: string,
  now: Now,
): Step {
  const missed: MemberState = { ...member, blind: null, [event.depth]: track };
  return report(state, missed, reasons.missedCheck(member.config.name, detail), now);
}

function absorbOk(
  state: PairState,
  member: MemberState,
  event: CheckedEvent,
  track: CheckTrack,
  latencyMs: number,
  now: Now,
): Step {
  const { id, name } = member.config;
  const isHolder = holderOf(state)?.config.id === id;
  const cameUp = event.depth === 'rpc' && !isUp(member);
  const well: MemberState = {
    ...member,
    seenWell: true,
    blind: null,
    resetAtMs: event.depth === 'rpc' ? null : member.resetAtMs,
    [event.depth]: track,
    // A gateway that came up is warmed, and proved, by a whole turn at once.
    ...(cameUp ? { turn: { ...member.turn, dueFromMs: now.bootMs, urgent: true } } : {}),
  };
  const recovered =
    well.reported && well.resetAtMs === null && well.rpc.misses === 0 && well.turn.misses === 0;
  let step: Step = {
    state: withMember(state, recovered ? { ...well, reported: false } : well),
    commands: [],
  };
  if (recovered) {
    const isFormer = !isHolder && id === state.config.primary.id;
    step = announce(
      step,
      now,
      'recovered',
      id,
      isFormer ? reasons.backAsStandby(name) : reasons.answersAgain(name),
    );
  }
  const warmed = event.depth === 'turn' && member.turn.finished?.ok !== true;
  return warmed && !isHolder
    ? announce(step, now, 'warmed', id, reasons.warmed(name, latencyMs))
    : step;
}

/** Tells of a member's trouble, once until it is over, and only if it ever was well: a gateway that is still starting is no news. */
function report(state: PairState, member: MemberState, reason: string, now: Now): Step {
  if (member.reported || !member.seenWell)
    return { state: withMember(state, member), commands: [] };
  return announce(
    { state: withMember(state, { ...member, reported: true }), commands: [] },
    now,
    'missed',
    member.config.id,
    reason,
  );
}

function counted(
  track: CheckTrack,
  event: CheckedEvent,
  startedAtMs: number,
  now: Now,
): CheckTrack {
  const isOk = event.outcome.kind === 'ok';
  const misses = isOk ? 0 : track.misses + 1;
  return {
    ...track,
    misses,
    missingSinceMs: isOk ? null : (track.missingSinceMs ?? now.bootMs),
    finished: { startedAtMs, endedAtMs: now.bootMs, ok: isOk },
    shown: shownCheck(event.gatewayId, event.depth, event.outcome, misses, now),
  };
}

function shownCheck(
  gatewayId: string,
  depth: CheckedEvent['depth'],
  outcome: CheckOutcome,
  misses: number,
  now: Now,
): MemberCheck {
  return {
    gatewayId,
    ok: outcome.kind === 'ok',
    depth: outcome.kind === 'miss' ? outcome.failedAt : depth,
    latencyMs: outcome.kind === 'ok' ? outcome.latencyMs : null,
    atMs: now.wallMs,
    misses,
    detail: outcome.detail,
  };
}

/** A check whose own timers were late by a tenth of its time limit says more about us than about the member. */
function lateToleranceMs(state: PairState, event: CheckedEvent): number {
  const { timeoutMs, turnTimeoutMs } = state.config.check;
  return Math.max(100, (event.depth === 'rpc' ? timeoutMs : turnTimeoutMs) / 10);
}
