/**
 * The guards of the election and of the lease cell, each with the change that removes it. Every one must give a
 * counterexample; a text that is not found exactly once is an error, so the list cannot fall behind the code.
 *
 * Not in the list, because no rule is broken without them:
 * - R3, the guardian's own end of its role (`expire`): the gateway ends by itself at the same moment (R2, in the list), and
 *   whatever the guardian does afterwards takes a compare-and-swap or the peer's promise, as from any other role.
 * - Reading before writing again after a swap that was refused: the same swap would be refused again, and again. It is a
 *   guard of progress (`refused-swap.test.ts`).
 * - R8, that only a standby promises: whoever holds an epoch of its own knows a higher one than is asked for, and whoever is
 *   on the way to one has a swap in flight or unsettled. Both are refused by guards of the list.
 * - R8, `settled`: a swap of an *earlier life* that lands after a promise makes nobody active. This life has to write
 *   once more to act on it, and may not before its promise is over; swaps of this life are in flight or unsettled.
 */
import type { SourceChange } from '../../../base/testing/changed-sources.node.ts';
import type { Bounds } from './bounds.ts';
import { targets } from './targets.ts';

export interface Mutant {
  readonly guard: string;
  /** Files are below src/ha. */
  readonly changes: readonly SourceChange[];
  /** A small exploration that shows it. */
  readonly bounds: Bounds;
  /** A change of the world instead of the code. */
  readonly world?: Partial<Pick<Bounds, 'clocksStop' | 'locksHold' | 'conditional'>>;
  /** Takes more than a few seconds to find: not in `npm test`. */
  readonly slow?: boolean;
}

const decide = 'election/decide.ts';
const election = 'election/election.ts';
const answers = 'election/register-answers.ts';
const lease = 'election/lease.ts';
const cell = 'fence/lease-cell.ts';

export const mutants: readonly Mutant[] = [
  {
    guard: 'R1: the lease counts from the sending, not from the answer',
    changes: [
      { file: answers, from: 'extendLease(turn, swap.sentAtMs);', to: 'extendLease(turn, nowMs);' },
    ],
    bounds: targets.margin,
  },
  {
    guard: 'R1: the lease is shortened by what the clock may be slow',
    changes: [
      {
        file: lease,
        from: 'terms.leaseMs * (1 - terms.rateError)',
        to: 'terms.leaseMs * (1 + terms.rateError)',
      },
    ],
    bounds: targets.slowHolder,
  },
  {
    guard: 'R1: the lease is shortened by the margin of check-then-act',
    changes: [
      {
        file: lease,
        from: '(1 - terms.rateError) - terms.marginMs',
        to: '(1 - terms.rateError) + terms.marginMs',
      },
    ],
    bounds: targets.margin,
  },
  {
    guard: 'R1: the boot clock counts time asleep',
    changes: [],
    world: { clocksStop: true },
    bounds: targets.brief,
  },
  {
    guard: 'R2: the gateway looks at the clock before each effect',
    changes: [
      {
        file: cell,
        from: 'return cell.untilMs !== null && nowMs < cell.untilMs;',
        to: 'return cell.untilMs !== null && !Number.isNaN(nowMs);',
      },
    ],
    bounds: targets.brief,
  },
  {
    guard: 'R4: a takeover waits until the holder is certainly out of its lease',
    changes: [
      {
        file: decide,
        from: 'const waits = cause !== null && nowMs < mayTakeAtMs(state);',
        to: 'const waits = false;',
      },
    ],
    bounds: targets.brief,
  },
  {
    guard: 'R4: the wait is lengthened by what the clock may be fast',
    changes: [
      {
        file: lease,
        from: 'terms.leaseMs * (1 + terms.rateError) + terms.marginMs',
        to: 'terms.leaseMs + terms.marginMs',
      },
    ],
    bounds: targets.slowHolder,
  },
  {
    guard: 'R4: the wait begins anew with every change of the register',
    changes: [
      {
        file: answers,
        from: 'state.known = { record, sinceMs: nowMs };',
        to: 'state.known = { record, sinceMs: before?.sinceMs ?? nowMs };',
      },
    ],
    bounds: targets.brief,
  },
  {
    guard: 'R5: the role is given back only when the gateway is fenced',
    changes: [
      {
        file: decide,
        from: 'if (granted !== null) {\n    if (nowMs < leaving',
        to: 'if (granted === undefined) {\n    if (nowMs < leaving',
      },
    ],
    bounds: targets.giveBack,
  },
  {
    guard: 'R5: a fence is confirmed for the newest grant, not for an older one',
    changes: [
      {
        file: election,
        from: 'if (state.granted !== null && event.seq >= state.granted.seq) state.granted = null;',
        to: 'state.granted = null;',
      },
    ],
    bounds: targets.giveBack,
    slow: true,
  },
  {
    guard: 'R5: a grant of an earlier life counts until it has run out',
    changes: [
      {
        file: election,
        from: "    granted: {\n      untilMs: lease.kind === 'timed' ? nowMs + lease.leaseMs : Number.POSITIVE_INFINITY,\n      seq: 0,\n    },",
        to: '    granted: null,',
      },
    ],
    bounds: targets.giveBackAfterCrash,
  },
  {
    guard: 'R6: a node that starts takes the role only by a write of its own',
    changes: [
      {
        file: answers,
        from: '(tellsOurs && ',
        to: "(record?.holder === state.config.self ? { id: 0, sentAtMs: nowMs, expected: record, next: record, cause: 'resumed' as const } : null) ?? (tellsOurs && ",
      },
    ],
    bounds: targets.crash,
  },
  {
    guard: 'R6: what an earlier life may have written is not taken for an own write',
    changes: [{ file: answers, from: '(tellsOurs && ', to: '(' }],
    bounds: targets.twoLives,
  },
  {
    guard: 'R6: the highest epoch is kept on disk',
    changes: [
      {
        file: election,
        from: '    maxEpoch,\n    op: null,',
        to: '    maxEpoch: maxEpoch * 0,\n    op: null,',
      },
    ],
    bounds: targets.diskLossAndCrash,
    slow: true,
  },
  {
    guard: 'R6: an empty register is filled only after the peer told what it knows',
    changes: [
      {
        file: decide,
        from: 'if (counts && former.answered) return true;',
        to: 'if (counts) return true;',
      },
    ],
    bounds: targets.diskLoss,
  },
  {
    guard: 'R6: an answer to an older question is not one to this',
    changes: [
      {
        file: election,
        from: 'if (state.epochQuestion?.id !== id) return;',
        to: 'if (state.epochQuestion === null || id === undefined) return;',
      },
    ],
    bounds: targets.diskLossOfNewPair,
    slow: true,
  },
  {
    guard: 'R6: what the peer says unasked is no answer',
    changes: [
      {
        file: election,
        from: '      state.maxEpoch = Math.max(state.maxEpoch, maxEpoch);\n      if (message.hold',
        to: '      state.maxEpoch = Math.max(state.maxEpoch, maxEpoch);\n      if (state.epochQuestion !== null) state.epochQuestion = { ...state.epochQuestion, answered: true };\n      if (message.hold',
      },
    ],
    bounds: targets.diskLossTold,
    slow: true,
  },
  {
    guard: 'R6: the peer is asked only after the old lease has run out',
    changes: [
      {
        file: decide,
        from: '  if (waits) {\n    // The holder',
        to: "  if (cause === 'first' && !isTold(turn)) return;\n  if (waits) {\n    // The holder",
      },
      {
        file: decide,
        from: 'former.askedAtMs >= mayTakeAtMs(state)',
        to: 'former.askedAtMs <= nowMs',
      },
    ],
    bounds: targets.diskLoss,
  },
  {
    guard: 'R8: only one who promised stands still',
    changes: [
      {
        file: decide,
        from: 'if (cause === null || !mayWrite || nowMs < state.promisedUntilMs) return;',
        to: 'if (cause === null || !mayWrite) return;',
      },
    ],
    bounds: targets.promise,
  },
  {
    guard: 'R8: a promise is for as long as the lease may last, on any clock',
    changes: [
      {
        file: election,
        from: 'state.promisedUntilMs = nowMs + takeoverWaitMs(config.lease);',
        to: 'state.promisedUntilMs = nowMs + 1;',
      },
    ],
    bounds: targets.promise,
  },
  {
    guard: 'R8: nothing is promised while an own swap may still happen',
    changes: [
      {
        file: election,
        from: "    state.settled &&\n    state.op?.kind !== 'swap' &&\n    state.unsure === null &&\n",
        to: '',
      },
    ],
    bounds: targets.promise,
  },
  {
    guard: 'R8: a promise is for one epoch',
    changes: [{ file: election, from: '    epoch === state.maxEpoch &&\n', to: '' }],
    bounds: targets.promiseBack,
  },
  {
    guard: 'R8: a promise counts from when it was asked for',
    changes: [
      {
        file: election,
        from: 'extendLease(turn, sentAtMs);',
        to: 'extendLease(turn, turn.nowMs + 0 * sentAtMs);',
      },
    ],
    bounds: targets.promise,
  },
  {
    guard: 'R8: an answer to an older question is not one to this',
    changes: [
      {
        file: election,
        from: "if (state.extension?.id !== id || state.role !== 'active') return;",
        to: "if (state.extension === null || state.role !== 'active') return;",
      },
    ],
    bounds: targets.promise,
  },
  {
    guard: 'the epoch rises with every new holder',
    changes: [
      {
        file: decide,
        from: 'epoch: state.maxEpoch + 1,',
        to: 'epoch: Math.max(1, state.maxEpoch),',
      },
    ],
    bounds: targets.brief,
  },
  {
    guard: 'a write without an answer is settled by reading before another',
    changes: [
      {
        file: answers,
        from: '        state.unsure !== null && sameRecord(state.unsure.next, swap.next) ? state.unsure : swap;',
        to: '        swap;',
      },
    ],
    bounds: targets.late,
    slow: true,
  },
  {
    guard: 'the gateway: a grant under way when the fence was sent does not bring it back',
    changes: [
      {
        file: cell,
        from: 'if (grant.epoch < cell.epoch || grant.seq < cell.seq) return cell;\n  if (grant.seq === cell.seq && cell.untilMs === null) return cell;',
        to: '',
      },
    ],
    bounds: targets.lateGrant,
  },
  {
    guard: 'a forced takeover waits for the other’s lease',
    changes: [
      {
        file: decide,
        from: 'const waits = cause !== null && nowMs < mayTakeAtMs(state);',
        to: "const waits = cause !== null && cause !== 'forced' && nowMs < mayTakeAtMs(state);",
      },
    ],
    bounds: targets.force,
  },
  {
    guard: 'the lock: it changes hands only when the process that has it is gone or gives it up',
    changes: [],
    world: { locksHold: false },
    bounds: targets.lock,
  },
  {
    guard: 'the register writes only over exactly what was expected',
    changes: [],
    world: { conditional: false },
    bounds: targets.brief,
  },
  {
    guard: 'R6: an empty register is filled only after the old lease has run out',
    changes: [
      { file: decide, from: '(record === null && state.maxEpoch === 0);', to: 'record === null;' },
    ],
    bounds: targets.diskLoss,
  },
  {
    guard: 'R6: what the peer knows of epochs counts as well',
    changes: [
      {
        file: election,
        from: 'answered: true };\n  state.maxEpoch = Math.max(state.maxEpoch, maxEpoch);',
        to: 'answered: true };',
      },
    ],
    bounds: targets.diskLoss,
  },
  {
    guard: 'a role that a person took from its holder is not free at once',
    changes: [
      {
        file: decide,
        from: 'record?.holder === nobody ||\n    record?.holder === config.self ||',
        to: 'record?.holder === nobody ||\n    record?.holder === revoked ||\n    record?.holder === config.self ||',
      },
    ],
    bounds: targets.force,
  },
];
