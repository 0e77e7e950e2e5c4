/** What checks and broken connections tell about the members. Pure; the pair's invariant 2 is kept here. */
import { assertNever } from '../../base/index.ts';
import type { MemberCheck } from '../../shared/index.ts';
import type { CheckOutcome, MemberConfig, Now } from '../model.ts';
import { reasons } from '../reasons.ts';
import type { CheckTrack, MemberState, PairEvent, PairState, Step } from './model.ts';
import { announce, doing, holderOf, memberOf, withMember } from './step.ts';

type CheckedEvent = Extract<PairEvent, { kind: 'checked' }>;

/** A member of which nothing is known; its first check is due at once. */
export function unknownMember(config: MemberConfig, local: boolean, bootMs: number): MemberState {
  const track: CheckTrack = {
    inFlight: null,
    misses: 0,
    missingSinceMs: null,
    finished: null,
    dueFromMs: bootMs,
    urgent: true,
  };
  return {
    config,
    local,
    fast: track,
    turn: track,
    resetAtMs: null,
    gone: false,
    blind: null,
    seenWell: false,
    reported: false,
    shown: [],
  };
}

/** True while the member answers fast checks on the connection it has. */
export function isUp(member: MemberState): boolean {
  return member.fast.finished?.ok === true && member.resetAtMs === null;
}

/** Takes in the answer of a check. */
export function absorbCheck(state: PairState, event: CheckedEvent, now: Now): Step {
  const member = memberOf(state, event.gatewayId);
  const inFlight = member?.[event.depth].inFlight;
  if (member === undefined || inFlight?.serial !== event.serial) return doing(state);

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
    case 'miss': {
      // A process that is gone is gone, however late we learn it.
      if (outcome.gone !== true && event.lateByMs > lateToleranceMs(state, event)) {
        const again: CheckTrack = {
          ...rested,
          dueFromMs: now.bootMs + state.config.check.confirmEveryMs,
          urgent: true,
        };
        return doing({
          ...withMember(state, { ...member, [event.depth]: again }),
          lateAtMs: now.bootMs,
        });
      }
      const track = counted(rested, false, inFlight.startedAtMs, now);
      const missed: MemberState = {
        ...member,
        blind: null,
        gone: event.depth === 'fast' ? outcome.gone === true : member.gone,
        [event.depth]: track,
        shown: withShown(member, [missShown(event, outcome, track.misses, now)]),
      };
      return report(state, missed, reasons.missedCheck(member.config.name, outcome.detail), now);
    }
    case 'ok':
      return absorbOk(
        state,
        member,
        event,
        outcome,
        counted(rested, true, inFlight.startedAtMs, now),
        now,
      );
    default:
      return assertNever(outcome);
  }
}

/** Takes in that a member's connection broke: a suspicion at once, and the end of what was proved over that connection. */
export function absorbReset(state: PairState, gatewayId: string, detail: string, now: Now): Step {
  const member = memberOf(state, gatewayId);
  if (member === undefined) return doing(state);
  const suspect: MemberState = {
    ...member,
    resetAtMs: now.bootMs,
    fast: { ...member.fast, dueFromMs: now.bootMs, urgent: true },
    turn: { ...member.turn, inFlight: null, finished: null, misses: 0, missingSinceMs: null },
  };
  return report(state, suspect, reasons.connectionBroke(member.config.name, detail), now);
}

/** Takes in that a member's token is there now. */
export function absorbCredentials(state: PairState, gatewayId: string, now: Now): Step {
  const member = memberOf(state, gatewayId);
  if (member === undefined) return doing(state);
  const fast: CheckTrack = { ...member.fast, dueFromMs: now.bootMs, urgent: true };
  return doing(withMember(state, { ...member, fast }));
}

function absorbBlind(state: PairState, member: MemberState, detail: string, now: Now): Step {
  const step = doing(withMember(state, { ...member, blind: detail }));
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

function absorbOk(
  state: PairState,
  member: MemberState,
  event: CheckedEvent,
  outcome: Extract<CheckOutcome, { kind: 'ok' }>,
  track: CheckTrack,
  now: Now,
): Step {
  const { id, name } = member.config;
  const isHolder = holderOf(state)?.config.id === id;
  const cameUp = event.depth === 'fast' && !isUp(member);
  const well: MemberState = {
    ...member,
    seenWell: true,
    blind: null,
    gone: event.depth === 'fast' ? false : member.gone,
    resetAtMs: event.depth === 'fast' ? null : member.resetAtMs,
    [event.depth]: track,
    shown: withShown(
      member,
      outcome.passed.map(({ depth, latencyMs, detail }) => ({
        gatewayId: id,
        ok: true,
        depth,
        latencyMs,
        atMs: now.wallMs,
        misses: 0,
        detail,
      })),
    ),
    // A gateway that came up is warmed, and proved, by a whole turn at once.
    ...(cameUp ? { turn: { ...member.turn, dueFromMs: now.bootMs, urgent: true } } : {}),
  };
  const recovered =
    well.reported && well.resetAtMs === null && well.fast.misses === 0 && well.turn.misses === 0;
  let step = doing(withMember(state, recovered ? { ...well, reported: false } : well));
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
    ? announce(step, now, 'warmed', id, reasons.warmed(name, outcome.latencyMs))
    : step;
}

/** Tells of a member's trouble, once until it is over, and only if it ever was well: a gateway that is still starting is no news. */
function report(state: PairState, member: MemberState, reason: string, now: Now): Step {
  if (member.reported || !member.seenWell) return doing(withMember(state, member));
  return announce(
    doing(withMember(state, { ...member, reported: true })),
    now,
    'missed',
    member.config.id,
    reason,
  );
}

function counted(track: CheckTrack, ok: boolean, startedAtMs: number, now: Now): CheckTrack {
  return {
    ...track,
    misses: ok ? 0 : track.misses + 1,
    missingSinceMs: ok ? null : (track.missingSinceMs ?? now.bootMs),
    finished: { startedAtMs, endedAtMs: now.bootMs, ok },
  };
}

function missShown(
  event: CheckedEvent,
  outcome: Extract<CheckOutcome, { kind: 'miss' }>,
  misses: number,
  now: Now,
): MemberCheck {
  return {
    gatewayId: event.gatewayId,
    ok: false,
    depth: outcome.failedAt,
    latencyMs: null,
    atMs: now.wallMs,
    misses,
    detail: outcome.detail,
  };
}

function withShown(member: MemberState, checks: readonly MemberCheck[]): readonly MemberCheck[] {
  const fresh = new Set(checks.map(({ depth }) => depth));
  return [...member.shown.filter(({ depth }) => !fresh.has(depth)), ...checks];
}

/** A check whose own timers were late by a good part of its time limit says more about us than about the member. */
function lateToleranceMs(state: PairState, event: CheckedEvent): number {
  const { timeoutMs, turnTimeoutMs } = state.config.check;
  return Math.max(40, (event.depth === 'fast' ? timeoutMs : turnTimeoutMs) / 8);
}
