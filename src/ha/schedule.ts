/** When which check is due. Pure: time is a value here, the driver only sleeps until `nextWakeAtMs`. */
import { isDoubtful, lacksNewTurn, troubleOf } from './election.ts';
import { isUp } from './evidence.ts';
import type { MemberState, Now, PairCommand, PairState, ProbeDepth, Step } from './model.ts';
import { holderOf, withMember } from './step.ts';

/** A token that was refused is not offered again sooner than this: gateways count bad logins. */
const blindEveryMs = 30_000;

const depths: readonly ProbeDepth[] = ['rpc', 'turn'];

/** Starts every check, and the register read, that is due. */
export function startWhatIsDue(state: PairState, now: Now): Step {
  let next = state;
  const commands: PairCommand[] = [];
  if (
    next.phase.kind === 'learning' &&
    next.phase.readAtMs !== null &&
    next.phase.readAtMs <= now.bootMs
  ) {
    next = { ...next, phase: { ...next.phase, readAtMs: null } };
    commands.push({ kind: 'read-register' });
  }
  for (const { config } of state.members) {
    for (const depth of depths) {
      const member = next.members.find((candidate) => candidate.config.id === config.id);
      if (member === undefined) continue;
      const dueAtMs = checkDueAtMs(next, member, depth, now);
      if (dueAtMs === null || dueAtMs > now.bootMs) continue;
      const serial = next.nextSerial;
      const track = {
        ...member[depth],
        inFlight: { serial, startedAtMs: now.bootMs },
        urgent: false,
      };
      next = { ...withMember(next, { ...member, [depth]: track }), nextSerial: serial + 1 };
      const { timeoutMs, turnTimeoutMs } = state.config.check;
      commands.push({
        kind: 'check',
        gatewayId: config.id,
        depth,
        serial,
        timeoutMs: depth === 'rpc' ? timeoutMs : turnTimeoutMs,
      });
    }
  }
  return { state: next, commands };
}

/** The boot time at which the pair wants its next `tick`; null while it only waits for answers. */
export function nextWakeAtMs(state: PairState, now: Now): number | null {
  const times = state.members.flatMap((member) =>
    depths.map((depth) => checkDueAtMs(state, member, depth, now)),
  );
  const readAtMs = state.phase.kind === 'learning' ? state.phase.readAtMs : null;
  const known = [...times, readAtMs].filter((time) => time !== null);
  return known.length === 0 ? null : Math.min(...known);
}

function checkDueAtMs(
  state: PairState,
  member: MemberState,
  depth: ProbeDepth,
  now: Now,
): number | null {
  const track = member[depth];
  if (track.inFlight !== null || (depth === 'turn' && (!isUp(member) || member.blind !== null)))
    return null;
  return track.urgent
    ? track.dueFromMs
    : track.dueFromMs +
        (depth === 'rpc' ? rpcPauseMs(state, member, now) : turnPauseMs(state, member, now));
}

function rpcPauseMs(state: PairState, member: MemberState, now: Now): number {
  const { check } = state.config;
  if (member.blind !== null) return blindEveryMs;
  const holder = holderOf(state);
  // A doubt about the active member is also the moment to know how the other one is.
  const hurry =
    isDoubtful(state, member, now) || (holder !== undefined && isDoubtful(state, holder, now));
  return hurry ? check.confirmEveryMs : check.everyMs;
}

function turnPauseMs(state: PairState, member: MemberState, now: Now): number {
  const { check } = state.config;
  const holder = holderOf(state);
  if (
    holder !== undefined &&
    holder !== member &&
    lacksNewTurn(member, troubleOf(state, holder, now))
  )
    return 0;
  return member.turn.misses > 0 && member.turn.misses < check.misses
    ? check.confirmEveryMs
    : check.turnEveryMs;
}
