/**
 * The failover of one pair as a pure function: `(state, event, now) -> (state, commands)`. All clocks, disks, sockets
 * and randomness are outside.
 *
 * Invariants
 * 1. Nobody is moved before the register was read, nor while a swap is in flight or its result is not known.
 * 2. Every write is a compare-and-swap from exactly the record last read. The epoch rises by one with every change of
 *    the holder, and the record known here never goes back.
 * 3. The role is only given to a member that answered a fast check begun after the trouble began, and whose newest deep
 *    check was good, is fresh, and was made over the connection it has now.
 * 4. What is evidence of nothing changes no counter: checks that could not be made, checks during which our own timers
 *    were late, answers that were overtaken by a reset.
 * 5. Failing turns move nobody unless a turn on the other member, begun after the first failure, works.
 * 6. A member that comes back is a standby; the role is not taken back from a holder that is well.
 * 7. A takeover that is due but not made is told once for each reason, and tried again on every new evidence.
 * 8. A holder that this guardian never saw well is given `startGraceMs` to start.
 */
import { assertNever } from '../base/index.ts';
import { obstacleTo, troubleOf } from './election.ts';
import type { Trouble } from './election.ts';
import { absorbCheck, absorbCredentials, absorbReset, unknownMember } from './evidence.ts';
import type {
  MemberState,
  Now,
  PairConfig,
  PairEvent,
  PairState,
  RegisterRead,
  RegisterRecord,
  RegisterSwap,
  Step,
  Takeover,
} from './model.ts';
import { reasons } from './reasons.ts';
import { startWhatIsDue } from './schedule.ts';
import { announce, holderOf, memberOf, otherOf } from './step.ts';

/** How long to wait before a register that cannot be used is read again. */
const readAgainAfterMs = 5_000;

/** A pair of which nothing is known; a first `tick` sets it going. */
export function createPair(config: PairConfig, now: Now): PairState {
  return {
    config,
    phase: { kind: 'learning', readAtMs: now.bootMs, after: null, problem: null },
    record: null,
    members: [unknownMember(config.primary, now.bootMs), unknownMember(config.standby, now.bootMs)],
    startedAtMs: now.bootMs,
    nextSerial: 1,
    refusal: null,
    timeline: [],
  };
}

/** One step: take in what happened, decide, start what is due. */
export function reducePair(state: PairState, event: PairEvent, now: Now): Step {
  const absorbed = absorb(state, event, now);
  const decided = decide(absorbed.state, now);
  const started = startWhatIsDue(decided.state, now);
  return {
    state: started.state,
    commands: [...absorbed.commands, ...decided.commands, ...started.commands],
  };
}

function absorb(state: PairState, event: PairEvent, now: Now): Step {
  switch (event.kind) {
    case 'tick':
      return { state, commands: [] };
    case 'checked':
      return absorbCheck(state, event, now);
    case 'reset':
      return absorbReset(state, event.gatewayId, event.detail, now);
    case 'credentials':
      return absorbCredentials(state, event.gatewayId, now);
    case 'register-read':
      return absorbRead(state, event.result, now);
    case 'register-swapped':
      return absorbSwap(state, event.result, now);
    default:
      return assertNever(event);
  }
}

function absorbRead(state: PairState, result: RegisterRead, now: Now): Step {
  const { phase, record: known } = state;
  if (phase.kind !== 'learning') return { state, commands: [] };
  switch (result.kind) {
    case 'unreadable':
      return holdStill(state, reasons.registerUnreadable(result.detail), now);
    case 'empty':
      return known === null
        ? claimFirstEpoch(state)
        : holdStill(state, reasons.registerVanished(known.epoch), now);
    case 'found': {
      const { record } = result;
      if (known !== null && goesBack(record, known))
        return holdStill(state, reasons.registerWentBack(record.epoch, known.epoch), now);
      const adopted: Step = {
        state: { ...state, record, phase: { kind: 'watching' } },
        commands: [],
      };
      // A swap whose result was not known turns out to have happened (invariant 1).
      if (phase.after !== null && sameRecord(record, phase.after.next))
        return announceChange(adopted, phase.after, now);
      const active = memberOf(state, record.holder)?.config.name ?? record.holder;
      if (known === null)
        return announce(
          adopted,
          now,
          'attached',
          record.holder,
          reasons.protectionStarted(active, record.epoch),
        );
      return known.holder === record.holder
        ? adopted
        : announce(
            { ...adopted, state: { ...adopted.state, refusal: null } },
            now,
            'takeover',
            record.holder,
            reasons.movedElsewhere(active, record.epoch),
          );
    }
    default:
      return assertNever(result);
  }
}

function absorbSwap(state: PairState, result: RegisterSwap, now: Now): Step {
  const { phase } = state;
  if (phase.kind !== 'taking') return { state, commands: [] };
  const { takeover } = phase;
  const candidate = memberOf(state, takeover.next.holder)?.config.name ?? takeover.next.holder;
  const reread = (after: Takeover | null): Step => ({
    state: { ...state, phase: { kind: 'learning', readAtMs: now.bootMs, after, problem: null } },
    commands: [],
  });
  switch (result.kind) {
    case 'swapped':
      return announceChange(
        { state: { ...state, record: takeover.next, phase: { kind: 'watching' } }, commands: [] },
        takeover,
        now,
      );
    case 'conflict':
      return announce(
        reread(null),
        now,
        'error',
        takeover.next.holder,
        reasons.lostRace(candidate),
      );
    case 'unknown':
      return announce(
        reread(takeover),
        now,
        'error',
        takeover.next.holder,
        reasons.swapUnknown(candidate, result.detail),
      );
    default:
      return assertNever(result);
  }
}

function decide(state: PairState, now: Now): Step {
  if (state.phase.kind === 'learning' || state.phase.kind === 'taking' || state.record === null)
    return { state, commands: [] };
  const holder = holderOf(state);
  if (holder === undefined) return replaceStranger(state, state.record, now);
  const trouble = troubleOf(state, holder, now);
  if (trouble === null)
    return { state: { ...state, phase: { kind: 'watching' }, refusal: null }, commands: [] };
  const suspecting: PairState = {
    ...state,
    phase: { kind: 'suspecting', sinceMs: trouble.sinceMs },
  };
  return trouble.certain
    ? replace(suspecting, state.record, holder, trouble, now)
    : { state: suspecting, commands: [] };
}

/** Gives the role to the other member, or tells why not. */
function replace(
  state: PairState,
  record: RegisterRecord,
  holder: MemberState,
  trouble: Trouble,
  now: Now,
): Step {
  const candidate = otherOf(state, holder);
  const obstacle = obstacleTo(state, candidate, trouble, now);
  if (obstacle === null) {
    const reason = reasons.tookOver(
      candidate.config.name,
      holder.config.name,
      trouble.misses,
      trouble.depth,
      trouble.detail,
    );
    return take(state, record, candidate, reason);
  }
  if (obstacle.code === 'checking' || obstacle.code === state.refusal)
    return { state, commands: [] };
  return announce(
    { state: { ...state, refusal: obstacle.code }, commands: [] },
    now,
    'refused-takeover',
    candidate.config.id,
    obstacle.words,
  );
}

/** The register names a gateway that is not in this pair: the first member that is proved well gets the role. */
function replaceStranger(state: PairState, record: RegisterRecord, now: Now): Step {
  const candidate = state.members.find((member) => obstacleTo(state, member, null, now) === null);
  return candidate === undefined
    ? { state, commands: [] }
    : take(state, record, candidate, reasons.holderGone(record.holder, candidate.config.name));
}

/** The only place that moves a role (invariants 1 and 2). */
function take(
  state: PairState,
  expected: RegisterRecord,
  candidate: MemberState,
  reason: string,
): Step {
  const next: RegisterRecord = {
    epoch: expected.epoch + 1,
    holder: candidate.config.id,
    ctr: expected.ctr + 1,
    addr: candidate.config.url,
  };
  return swap(state, { expected, next, reason });
}

/** An empty register is a new pair: its primary is active from epoch 1. */
function claimFirstEpoch(state: PairState): Step {
  const { id, name, url } = state.config.primary;
  const next: RegisterRecord = { epoch: 1, holder: id, ctr: 1, addr: url };
  return swap(state, { expected: null, next, reason: reasons.protectionStarted(name, 1) });
}

function swap(state: PairState, takeover: Takeover): Step {
  const { expected, next } = takeover;
  return {
    state: { ...state, phase: { kind: 'taking', takeover } },
    commands: [{ kind: 'swap-register', expected, next }],
  };
}

function announceChange(step: Step, takeover: Takeover, now: Now): Step {
  const kind = takeover.expected === null ? 'attached' : 'takeover';
  return announce(
    { ...step, state: { ...step.state, refusal: null } },
    now,
    kind,
    takeover.next.holder,
    takeover.reason,
  );
}

/** The register cannot be used: stay where we are, say so once, look again later. */
function holdStill(state: PairState, problem: string, now: Now): Step {
  if (state.phase.kind !== 'learning') return { state, commands: [] };
  const step: Step = {
    state: {
      ...state,
      phase: { ...state.phase, readAtMs: now.bootMs + readAgainAfterMs, problem },
    },
    commands: [],
  };
  return state.phase.problem === problem ? step : announce(step, now, 'error', null, problem);
}

function goesBack(record: RegisterRecord, known: RegisterRecord): boolean {
  return (
    record.epoch < known.epoch || (record.epoch === known.epoch && record.holder !== known.holder)
  );
}

/** True if both say the same. */
export function sameRecord(left: RegisterRecord, right: RegisterRecord): boolean {
  return (
    left.epoch === right.epoch &&
    left.holder === right.holder &&
    left.ctr === right.ctr &&
    left.addr === right.addr
  );
}
