/** Small helpers that pure steps are made of. */
import type { FailoverEvent } from '../../shared/index.ts';
import { nobody, revoked } from '../election/model.ts';
import type { ElectionState } from '../election/model.ts';
import { isNewer } from '../election/record.ts';
import type { Now, RegisterRecord } from '../model.ts';
import type { MemberState, PairCommand, PairState, Step } from './model.ts';

/** How many events a pair keeps. */
const timelineLength = 200;

/** Puts an event on the timeline and has it announced. */
export function announce(
  step: Step,
  now: Now,
  kind: FailoverEvent['kind'],
  gatewayId: string | null,
  reason: string,
): Step {
  const event: FailoverEvent = {
    atMs: now.wallMs,
    kind,
    gatewayId,
    epoch: epochOf(step.state),
    reason,
  };
  return {
    state: { ...step.state, timeline: [...step.state.timeline, event].slice(-timelineLength) },
    commands: [...step.commands, { kind: 'announce', event }],
  };
}

/** Runs one pure step after another. */
export function andThen(step: Step, next: (state: PairState) => Step): Step {
  const { state, commands } = next(step.state);
  return { state, commands: [...step.commands, ...commands] };
}

/** The same state, with something to do. */
export function doing(state: PairState, ...commands: readonly PairCommand[]): Step {
  return { state, commands };
}

/** The highest epoch that is known here; 0 before the register was read. */
export function epochOf(state: PairState): number {
  return Math.max(
    0,
    ...state.nodes.map((node) => (node.alone ? node.maxEpoch : (node.known?.record?.epoch ?? 0))),
  );
}

/** The member with this id, if the pair has one. */
export function memberOf(state: PairState, gatewayId: string): MemberState | undefined {
  return state.members.find((member) => member.config.id === gatewayId);
}

/** The member that the other one is. */
export function otherOf(state: PairState, member: MemberState): MemberState {
  const [primary, standby] = state.members;
  return member.config.id === primary.config.id ? standby : primary;
}

/** The election of a local member. */
export function nodeOf(state: PairState, gatewayId: string): ElectionState | undefined {
  return state.nodes.find((node) => node.config.self === gatewayId);
}

/**
 * The gateway that is active, or was last, as the register says; null before it was read, or when it names nobody here.
 * A role that was given back is nobody's, but its address is still the last one's.
 */
export function holderOf(state: PairState): MemberState | null {
  const alone = state.nodes.find((node) => node.alone);
  if (alone !== undefined) return memberOf(state, alone.config.self) ?? null;
  let newest: RegisterRecord | null = null;
  for (const { known } of state.nodes) {
    const record = known?.record ?? null;
    if (record !== null && (newest === null || isNewer(record, newest))) newest = record;
  }
  if (newest === null) return null;
  const { holder, addr } = newest;
  const isFree = holder === nobody || holder === revoked;
  return (
    state.members.find(({ config }) =>
      isFree ? (config.addr ?? config.url) === addr : config.id === holder,
    ) ?? null
  );
}

/** Replaces the member of the same id. */
export function withMember(state: PairState, member: MemberState): PairState {
  const [primary, standby] = state.members;
  return {
    ...state,
    members: member.config.id === primary.config.id ? [member, standby] : [primary, member],
  };
}
