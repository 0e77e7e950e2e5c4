/**
 * Keeps a second gateway's conversations the same as the active one's, for as long as the first is active.
 *
 * Invariants
 * 1. What the view calls in step was compared after the last change that was heard of.
 * 2. A failure is followed by a comparison of everything: what happened meanwhile is not known.
 * 3. After `stop` nothing is asked of either side any more; an answer that comes later changes nothing.
 * 4. A conversation that cannot be brought in step does not keep the others from it.
 */
import { createBackoff, delay } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { Mark, SessionState } from './model.ts';
import type { Journal } from './ports.ts';
import { canonical, sameMark } from './digest.ts';
import { reconcile } from './reconcile.ts';
import type { Reconciled } from './reconcile.ts';

/** How the copy stands. `away`: one of the two does not answer; `refused`: this side does not speak for the pair. */
export interface MirrorState {
  readonly kind: 'comparing' | 'in-step' | 'catching-up' | 'away' | 'refused';
  /** Conversations that are not in step, and rows that are still to be carried as far as is known. */
  readonly conversations: number;
  readonly rows: number;
  /** Rows that both are known to have. */
  readonly held: number;
  /** Since when it is not in step, on the boot clock; null while it is. */
  readonly behindSinceMs: number | null;
  /** When both were last heard, the copy had everything but for what was said in the last moment. */
  readonly complete: boolean;
  /** What is wrong, in words; empty: nothing. */
  readonly detail: string;
  /** Conversations that hold one row id with two contents: a person has to look. */
  readonly conflicts: readonly string[];
}

export interface Mirror {
  state(): MirrorState;
  stop(): void;
}

export interface MirrorOptions {
  readonly active: Journal;
  readonly copy: Journal;
  readonly epoch: number;
  readonly clock: Clock;
  readonly random: Random;
  readonly onChange: () => void;
}

/** An open run keeps a conversation from being joined; so often it is tried again. */
const laterMs = 500;
/** What failed for a reason of its own is tried again after this. */
const afterTroubleMs = 10_000;
/** What is behind for no longer than this is on its way. */
const momentMs = 1_000;
/** How long a question for changes may stay open. */
const waitMs = 10_000;

/** Begins to compare and to carry. */
export function startMirror(options: MirrorOptions): Mirror {
  const { active, copy, clock, onChange } = options;
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  const backoff = createBackoff(
    { firstMs: 200, maxMs: 5_000, factor: 2, resetAfterUptimeMs: 5_000 },
    options.random,
  );
  let state: MirrorState = {
    kind: 'comparing',
    conversations: 0,
    rows: 0,
    held: 0,
    behindSinceMs: clock.bootMs(),
    complete: false,
    detail: '',
    conflicts: [],
  };
  /** What is to be compared, with the rows that it lacks as far as is known. */
  const pending = new Map<string, number>();
  /** What is not to be tried again before this boot time. */
  const rest = new Map<string, number>();
  const conflicts = new Set<string>();
  const inStep = new Map<string, Mark>();
  const remembering: Journal = {
    ...active,
    note: async (key, value) => {
      const noted = await active.note(key, value);
      if (noted.ok && value !== null) inStep.set(key, value);
      else inStep.delete(key);
      return noted;
    },
  };

  /** Away since long is no news: what counts is how far behind it was when it was last heard. */
  const isComplete = ({ kind, complete, behindSinceMs }: MirrorState): boolean =>
    complete &&
    (kind !== 'catching-up' ||
      behindSinceMs === null ||
      clock.bootMs() - behindSinceMs <= momentMs);

  const tell = (kind: MirrorState['kind'], detail = ''): void => {
    if (isStopped()) return; // invariant 3
    const rows = [...pending.values()].reduce((sum, each) => sum + each, 0);
    state = {
      kind,
      conversations: pending.size,
      rows,
      held: [...inStep.values()].reduce((sum, mark) => sum + mark.rows, 0),
      behindSinceMs: kind === 'in-step' ? null : (state.behindSinceMs ?? clock.bootMs()),
      complete: conflicts.size === 0 && (kind === 'in-step' || isComplete(state)),
      detail,
      conflicts: [...conflicts],
    };
    onChange();
  };

  /** Finds what differs; the failure of either side, or null. */
  const compareAll = async (): Promise<Failure | null> => {
    const held = await copy.survey();
    if (!held.ok) return { side: 'copy', words: held.error.words };
    const original = await active.survey(); // last: it costs the gateway that people wait for
    if (!original.ok) return { side: 'active', words: original.error.words };
    inStep.clear();
    for (const [key, value] of Object.entries(original.value.inStep)) inStep.set(key, value);
    const copies = new Map(held.value.sessions.map((each) => [each.key, each]));
    pending.clear();
    rest.clear();
    conflicts.clear();
    for (const each of original.value.sessions) {
      const found = copies.get(each.key);
      copies.delete(each.key);
      const isSame = found !== undefined && sameMark(found.mark, each.mark);
      const known = inStep.get(each.key);
      const isNoted = known !== undefined && sameMark(known, each.mark);
      if (!isSame || !isNoted || canonical(found.settings) !== canonical(each.settings))
        pending.set(each.key, lacking(each, found));
    }
    for (const key of copies.keys()) pending.set(key, 0);
    return null;
  };

  const bring = async (key: string): Promise<Reconciled> =>
    reconcile(key, inStep.get(key) ?? null, {
      active: remembering,
      copy,
      epoch: options.epoch,
      onProgress: (rows) => {
        if (pending.has(key)) pending.set(key, Math.max(0, (pending.get(key) ?? 0) - rows));
        tell('catching-up');
      },
    });

  /** Brings everything that waits in step, as far as it goes now. */
  const bringAll = async (): Promise<Failure | 'refused' | null> => {
    let trouble = '';
    for (const key of [...pending.keys()]) {
      if (clock.bootMs() < (rest.get(key) ?? 0)) continue;
      const done = await bring(key);
      if (isStopped()) return null;
      switch (done.kind) {
        case 'in-step':
          pending.delete(key);
          conflicts.delete(key);
          break;
        case 'conflict':
          pending.delete(key);
          conflicts.add(key);
          break;
        case 'later':
          rest.set(key, clock.bootMs() + laterMs); // invariant 4
          break;
        case 'refused':
          tell('refused', done.reason);
          return 'refused';
        case 'failed':
          if (done.gone) return done;
          rest.set(key, clock.bootMs() + afterTroubleMs); // invariant 4
          trouble = words(done);
          break;
      }
    }
    if (pending.size === 0) tell('in-step');
    else tell('catching-up', trouble === '' ? state.detail : trouble);
    return null;
  };

  /** Compares and follows until something fails. */
  const follow = async (): Promise<Failure | 'refused' | null> => {
    const from = await active.changes(0, 0);
    if (!from.ok) return { side: 'active', words: from.error.words };
    let { at } = from.value;
    const failed = await compareAll();
    if (failed !== null) return failed;
    let question: ReturnType<Journal['changes']> | null = null;
    while (!isStopped()) {
      const failure = await bringAll();
      if (failure !== null) return failure;
      question ??= active.changes(at, waitMs);
      const heard = await Promise.race([
        question,
        ...(pending.size === 0 ? [] : [delay(clock, laterMs, stop.signal).then(() => null)]),
      ]);
      if (heard === null) continue;
      question = null;
      if (!heard.ok) return { side: 'active', words: heard.error.words };
      ({ at } = heard.value);
      for (const key of heard.value.keys) {
        if (!pending.has(key)) pending.set(key, 1);
        rest.delete(key);
      }
      if (heard.value.keys.length > 0) tell('catching-up'); // invariant 1
    }
    return null;
  };

  const run = async (): Promise<void> => {
    while (!isStopped()) {
      const sinceMs = clock.bootMs();
      const failure = await follow();
      if (isStopped()) return;
      backoff.wasUpForMs(clock.bootMs() - sinceMs);
      if (failure !== null && failure !== 'refused') tell('away', words(failure));
      await delay(clock, backoff.nextDelayMs(), stop.signal);
    }
  };
  void run();

  return {
    state: () => ({ ...state, complete: isComplete(state) }),
    stop: () => {
      stop.abort();
    },
  };
}

interface Failure {
  readonly side: 'active' | 'copy';
  readonly words: string;
}

function words({ side, words: said }: Failure): string {
  return `${side === 'active' ? 'original' : 'copy'}: ${said}`;
}

function lacking(original: SessionState, held: SessionState | undefined): number {
  const there = held?.mark.sessionId === original.mark.sessionId ? held.mark.rows : 0;
  return Math.max(0, original.mark.rows - there);
}
