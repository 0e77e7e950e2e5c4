/** Small helpers that pure steps are made of. */
import type { FailoverEvent } from '../shared/index.ts';
import type { MemberState, Now, PairState, Step } from './model.ts';

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
    epoch: step.state.record?.epoch ?? 0,
    reason,
  };
  return {
    state: { ...step.state, timeline: [...step.state.timeline, event].slice(-timelineLength) },
    commands: [...step.commands, { kind: 'announce', event }],
  };
}

/** The member with this id, if the pair has one. */
export function memberOf(state: PairState, gatewayId: string): MemberState | undefined {
  return state.members.find((member) => member.config.id === gatewayId);
}

/** The active member: undefined before the register was read, or when it names a gateway that is not in this pair. */
export function holderOf(state: PairState): MemberState | undefined {
  return state.record === null ? undefined : memberOf(state, state.record.holder);
}

/** The member that is not `member`. */
export function otherOf(state: PairState, member: MemberState): MemberState {
  const [primary, standby] = state.members;
  return member.config.id === primary.config.id ? standby : primary;
}

/** Replaces the member of the same id. */
export function withMember(state: PairState, member: MemberState): PairState {
  const [primary, standby] = state.members;
  return {
    ...state,
    members: member.config.id === primary.config.id ? [member, standby] : [primary, member],
  };
}
