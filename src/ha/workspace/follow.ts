/**
 * Keeps two workspaces in step for as long as one gateway is active: a round, then again whenever either side changed.
 *
 * Invariants
 * 1. What the state calls in step was looked at after the last change that was heard of.
 * 2. After `stop` no round begins, and an answer that comes later changes nothing.
 */
import { createBackoff, delay } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { AuthProfile } from './model.ts';
import { isConflictCopy } from './names.ts';
import type { Round, RoundFailure, RoundResult, Sides } from './round.ts';
import { failure } from './round.ts';

/** How the copy stands. `away`: one of the two cannot be read or written; `refused`: another guardian speaks for the pair. */
export interface FollowState {
  readonly kind: 'comparing' | 'in-step' | 'catching-up' | 'away' | 'refused';
  readonly carried: number;
  readonly total: number;
  /** Since when it is not in step, on the boot clock; null while it is. */
  readonly behindSinceMs: number | null;
  readonly detail: string;
  readonly conflicts: readonly string[];
  readonly left: RoundResult['left'];
  readonly lacking: readonly AuthProfile[];
}

export interface FollowOptions extends Omit<Sides, 'stopped'> {
  readonly round: Round;
  /** The next round comes after this, also if nothing changed; null: only after a change. */
  readonly againMs: number | null;
  /** So long nothing else has to change before a round. */
  readonly settleMs: number;
  /** A round makes sense also while the copy does not answer. */
  readonly alone: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
}

/** How long a question for changes may stay open. */
const waitMs = 10_000;
/** What could not be carried is tried again after this. */
const afterTroubleMs = 5_000;

/** Begins with a first round. */
export function followWorkspace(options: FollowOptions): {
  state(): FollowState;
  stop(): void;
} {
  const { active, copy, clock } = options;
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  const sides: Sides = { ...options, stopped: isStopped };
  const backoff = createBackoff(
    { firstMs: 200, maxMs: 5_000, factor: 2, resetAfterUptimeMs: 5_000 },
    options.random,
  );
  let state: FollowState = {
    kind: 'comparing',
    carried: 0,
    total: 0,
    behindSinceMs: clock.bootMs(),
    detail: '',
    conflicts: [],
    left: [],
    lacking: [],
  };
  const tell = (next: Partial<FollowState> & Pick<FollowState, 'kind'>): void => {
    if (isStopped()) return; // invariant 2
    const behindSinceMs = next.kind === 'in-step' ? null : (state.behindSinceMs ?? clock.bootMs());
    state = { ...state, detail: '', ...next, behindSinceMs };
    options.onChange();
  };

  const take = (result: RoundResult): void => {
    const { carried, total, trouble, left, lacking } = result;
    const conflicts = [...new Set(result.files.filter(isConflictCopy))].sort();
    const kind = carried === total && trouble === '' ? 'in-step' : 'catching-up';
    tell({ kind, carried, total, detail: trouble, conflicts, left, lacking });
  };

  /** Rounds until something fails. */
  const rounds = async (): Promise<RoundFailure> => {
    const heard = { active: 0, copy: 0 };
    const first = await Promise.all([active.changes(0, 0), copy.changes(0, 0)]);
    if (isStopped()) return { kind: 'gone', words: '' }; // invariant 2
    const questions = new Map<'active' | 'copy', Promise<RoundFailure | null>>();
    for (const [index, side] of (['active', 'copy'] as const).entries()) {
      const answer = first[index];
      if (answer?.ok === true) heard[side] = answer.value;
      else if (answer !== undefined) {
        const gone = failure(side, answer.error);
        if (side === 'active' || !options.alone) return gone;
        const result = await options.round(sides, () => undefined);
        return result.kind === 'refused' ? result : gone;
      }
    }
    const ask = async (side: 'active' | 'copy'): Promise<RoundFailure | null> => {
      const answer = await sides[side].changes(heard[side], waitMs);
      questions.delete(side);
      if (!answer.ok) return failure(side, answer.error);
      if (answer.value === heard[side]) return null;
      heard[side] = answer.value;
      wanted = true;
      changedAtMs = clock.bootMs();
      return null;
    };
    const open = (side: 'active' | 'copy'): Promise<RoundFailure | null> => {
      const question = questions.get(side) ?? ask(side);
      questions.set(side, question);
      return question;
    };
    let wanted = true;
    let doneAtMs = clock.bootMs();
    let changedAtMs = Number.NEGATIVE_INFINITY;
    for (;;) {
      const restMs = changedAtMs + options.settleMs - clock.bootMs();
      if (wanted && restMs <= 0) {
        wanted = false;
        const result = await options.round(sides, (progress) => {
          tell({ kind: state.kind === 'comparing' ? 'comparing' : 'catching-up', ...progress });
        });
        if (result.kind !== 'done') return result;
        take(result);
        doneAtMs = clock.bootMs();
      }
      const againMs = state.kind === 'in-step' ? options.againMs : afterTroubleMs;
      const wakeMs = wanted
        ? restMs
        : againMs === null
          ? null
          : Math.max(0, doneAtMs + againMs - clock.bootMs());
      const woken = new AbortController();
      const answer = await Promise.race([
        open('active'),
        open('copy'),
        ...(wakeMs === null ? [] : [delay(clock, wakeMs, woken.signal).then(() => null)]),
      ]);
      woken.abort(); // its timer is not needed any more
      if (isStopped()) return { kind: 'gone', words: '' }; // invariant 2
      if (answer !== null) return answer;
      if (againMs !== null && clock.bootMs() - doneAtMs >= againMs) wanted = true;
      if (wanted && state.kind === 'in-step') tell({ kind: 'catching-up' }); // invariant 1
    }
  };

  const run = async (): Promise<void> => {
    while (!isStopped()) {
      const sinceMs = clock.bootMs();
      const { kind, words } = await rounds();
      if (isStopped()) return;
      backoff.wasUpForMs(clock.bootMs() - sinceMs);
      tell({ kind: kind === 'refused' ? 'refused' : 'away', detail: words });
      await delay(clock, backoff.nextDelayMs(), stop.signal);
    }
  };
  void run();

  return { state: () => state, stop: () => stop.abort() };
}
