/**
 * The canonical form of an election state: its clock shows 0, what is long past is equally long past, operation numbers
 * are small, and what only serves the words told to people is left out. Two states with the same form go on in the same
 * way; `model.test.ts` tries to prove that wrong.
 */
import { leaseEndMs, takeoverWaitMs } from '../../election/lease.ts';
import { nobody } from '../../election/model.ts';
import type { ElectionState } from '../../election/model.ts';
import type { RegisterRecord } from '../../model.ts';
import type { Bounds } from './bounds.ts';

export type NodeState = Omit<ElectionState, 'config'>;

/** A time with this name is a moment until or from which something holds. */
const deadline = /(until|due)ms$/i;
/** A time with this name is a moment that something is counted from. */
const origin = /(at|since)ms$/i;

/** As far as damping goes within the bounds: each unplanned change of role doubles the delay. */
const mostDoublings = 3;

/** From when on the past is all the same, by what counts from it. */
export interface Floors {
  readonly deadline: number;
  readonly byName: Readonly<Record<string, number>>;
}

/** As near as the shipped code allows; `bounds.slack` moves them away, for code that counts in another way. */
export function floorsOf({ lease, preempt, slack, config }: Bounds): Floors {
  const { drainMs, fenceMs, peerFreshMs } = config(0);
  const isTimed = lease.kind === 'timed';
  // An effect may land that much after its check, so this much of a lease that is over is still of interest.
  const landingMs = isTimed ? lease.marginMs : 0;
  const dampedMs = (preempt?.delayMs ?? 0) * 2 ** mostDoublings;
  return {
    deadline: 0 - slack,
    byName: {
      'cell.untilMs': 0 - slack - landingMs,
      leaseUntilMs: 0 - slack - landingMs,
      sentAtMs: 0 - slack - (isTimed ? leaseEndMs(lease, 0) + landingMs : 0),
      'epochQuestion.askedAtMs': Number.NEGATIVE_INFINITY, // the form itself ties it to `known.sinceMs`
      'known.sinceMs': 0 - slack - takeoverWaitMs(lease),
      'leaving.sinceMs': 0 - slack - Math.max(drainMs, fenceMs),
      'peerSaid.atMs': 0 - slack - peerFreshMs,
      'unplanned.lastAtMs': 0 - slack - dampedMs,
      selfWellSinceMs: 0 - slack - dampedMs,
    },
  };
}

/** The form of a state whose clock shows `nowMs`. */
export function canonicalNode(
  { config: _, ...state }: ElectionState | (NodeState & { readonly config?: undefined }),
  nowMs: number,
  bounds: Bounds,
  self: string,
): NodeState {
  const floors = floorsOf(bounds);
  const node = shifted(state, nowMs, floors) as NodeState;
  const { known, op, unsure, extension, leaving, peerSaid } = node;
  const sinceMs = known !== null && waitsFor(known.record, self) ? known.sinceMs : 0;
  const isForcing = state.forcingUntilMs !== null && state.forcingUntilMs > nowMs;
  const form: NodeState = {
    ...node,
    ...timersOf(state, nowMs, floors),
    nextOpId: 2,
    known: known && { ...known, sinceMs },
    op: op && { ...op, id: 1, sentAtMs: sentAtOf(state, op, sinceMs, bounds, self) },
    unsure: unsure && {
      ...unsure,
      id: 0,
      sentAtMs: unsure.next.holder === self ? unsure.sentAtMs : 0,
    },
    extension: extension && { ...extension, id: 1 },
    epochQuestion: epochQuestionOf(state, sinceMs, bounds),
    peerSaid: peerSaid !== null && peerSaid.atMs > -bounds.config(0).peerFreshMs ? peerSaid : null,
    // It goes on until it is ended, at any time: `faultMoves`.
    forcingUntilMs: isForcing ? Infinity : null,
  };
  // Without preemption, nothing depends on how well a gateway has been and why the role moved.
  return bounds.preempt !== null
    ? form
    : {
        ...form,
        op: form.op?.kind === 'swap' ? { ...form.op, cause: 'resumed' } : form.op,
        unsure: form.unsure && { ...form.unsure, cause: 'resumed' },
        leaving: leaving && { ...leaving, cause: 'resumed' },
        takenBy: 'resumed',
        selfWellSinceMs: null,
        preemptDueMs: 0,
        unplanned: { count: 0, lastAtMs: 0 },
      };
}

/** Only of another's record does it matter for how long it has stood. */
function waitsFor(record: RegisterRecord | null, self: string): boolean {
  return record?.holder !== self && record?.holder !== nobody;
}

/** Of a question about epochs it only matters whether every lease from before the emptiness was over when it was asked. */
function epochQuestionOf(
  { known, epochQuestion }: NodeState,
  sinceMs: number,
  { lease }: Bounds,
): NodeState['epochQuestion'] {
  if (known === null || epochQuestion === null) return null;
  const waitMs = takeoverWaitMs(lease);
  const isLate = epochQuestion.askedAtMs >= known.sinceMs + waitMs;
  return { ...epochQuestion, id: 1, askedAtMs: sinceMs + (isLate ? waitMs : 0) };
}

/**
 * When an operation was sent matters where it gives a lease. Of a read it only matters whether what is known was learned
 * before it or after, and even that only where answers come late.
 */
function sentAtOf(
  { known, op }: NodeState,
  moved: NonNullable<ElectionState['op']>,
  sinceMs: number,
  bounds: Bounds,
  self: string,
): number {
  if (moved.kind === 'swap') return moved.next.holder === self ? moved.sentAtMs : 0;
  if (bounds.promptReads || known === null || op === null) return 0;
  return sinceMs + Number(known.sinceMs < op.sentAtMs);
}

/** Of two timers that have run out it only matters which did so first. */
function timersOf(
  { readDueMs, renewDueMs }: NodeState,
  nowMs: number,
  floors: Floors,
): Pick<NodeState, 'readDueMs' | 'renewDueMs'> {
  const floor = floors.deadline;
  const isLater = readDueMs > renewDueMs;
  const readInMs = readDueMs - nowMs;
  const renewInMs = renewDueMs - nowMs;
  const bothRan = readInMs <= floor && renewInMs <= floor;
  return {
    renewDueMs: Math.max(renewInMs, floor - 1),
    readDueMs: bothRan && isLater ? floor : Math.max(readInMs, floor - 1),
  };
}

/** The same data, seen when the clock shows `byMs` more; every time in it is found by its name. */
export function shifted(value: unknown, byMs: number, floors: Floors, name = ''): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item) => shifted(item, byMs, floors, name));
  const moved: Record<string, unknown> = {};
  for (const [key, inner] of Object.entries(value)) {
    if (typeof inner !== 'number') moved[key] = shifted(inner, byMs, floors, key);
    else if (deadline.test(key) || origin.test(key))
      moved[key] = Math.max(inner - byMs, floorOf(floors, name, key));
    else moved[key] = inner;
  }
  return moved;
}

export function floorOf({ byName, deadline: others }: Floors, name: string, key: string): number {
  return byName[`${name}.${key}`] ?? byName[key] ?? others;
}
