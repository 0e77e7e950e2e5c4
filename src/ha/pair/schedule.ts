/** When which check is due. Pure: time is a value here, the driver only sleeps until `nextWakeAtMs`. */
import { nextElectionWakeMs } from '../election/election.ts';
import type { Now, ProbeDepth } from '../model.ts';
import { isUp } from './evidence.ts';
import type { MemberState, PairCommand, PairState, Step } from './model.ts';
import { holderOf, withMember } from './step.ts';
import { isDoubtful, owesTurn, peerSilentAtMs, troubleOf } from './verdict.ts';

/** A standby whose turns fail is asked for one this often while it is needed. */
const neededTurnEveryMs = 5_000;
/** A token that was refused is not offered again sooner than this: gateways count bad logins. */
const blindEveryMs = 30_000;

/** A gateway on the other host is asked this much less often while all is well: its own guardian does, and says so. */
const remoteEvery = 5;

const depths: readonly ProbeDepth[] = ['fast', 'turn'];

/** Starts every check that is due. */
export function startWhatIsDue(state: PairState, now: Now): Step {
  let next = state;
  const commands: PairCommand[] = [];
  for (const index of [0, 1] as const) {
    for (const depth of depths) {
      const member = next.members[index];
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
        gatewayId: member.config.id,
        depth,
        serial,
        timeoutMs: depth === 'fast' ? timeoutMs : turnTimeoutMs,
      });
    }
  }
  return { state: next, commands };
}

/** The boot time at which the pair wants its next `tick`; null while it only waits for answers. */
export function nextWakeAtMs(state: PairState, now: Now): number | null {
  let earliest = Number.POSITIVE_INFINITY;
  const consider = (time: number | null): void => {
    if (time !== null && time < earliest) earliest = time;
  };
  for (const member of state.members)
    for (const depth of depths) consider(checkDueAtMs(state, member, depth, now));
  for (const node of state.nodes) consider(nextElectionWakeMs(node, now.bootMs));
  if (state.config.local !== 'both') {
    consider(state.beatDueMs);
    const self = state.members.find(({ local }) => local);
    const silentAtMs = self === undefined ? null : peerSilentAtMs(state, self);
    if (silentAtMs !== null && silentAtMs > now.bootMs) consider(silentAtMs);
  }
  return Number.isFinite(earliest) ? earliest : null;
}

function checkDueAtMs(
  state: PairState,
  member: MemberState,
  depth: ProbeDepth,
  now: Now,
): number | null {
  const track = member[depth];
  if (track.inFlight !== null) return null;
  // Nobody logs in on the other host: its own guardian asks it for turns.
  if (depth === 'turn' && (!member.local || !isUp(member) || member.blind !== null)) return null;
  return track.urgent
    ? track.dueFromMs
    : track.dueFromMs +
        (depth === 'fast' ? fastPauseMs(state, member, now) : turnPauseMs(state, member, now));
}

function fastPauseMs(state: PairState, member: MemberState, now: Now): number {
  const { check } = state.config;
  if (member.blind !== null) return blindEveryMs;
  const holder = holderOf(state);
  // A doubt about the active member is also the moment to know how the other one is.
  const hurry =
    isDoubtful(state, member, now) || (holder !== null && isDoubtful(state, holder, now));
  if (hurry) return check.confirmEveryMs;
  return member.local ? check.everyMs : check.everyMs * remoteEvery;
}

function turnPauseMs(state: PairState, member: MemberState, now: Now): number {
  const { check } = state.config;
  if (owesTurn(state, member, now)) return 0;
  const holder = holderOf(state);
  const isNeeded =
    holder !== null && holder !== member && troubleOf(state, holder, now)?.certain === true;
  if (isNeeded && member.turn.misses > 0) return Math.min(check.turnEveryMs, neededTurnEveryMs);
  return member.turn.misses > 0 && member.turn.misses < check.misses
    ? check.confirmEveryMs
    : check.turnEveryMs;
}
