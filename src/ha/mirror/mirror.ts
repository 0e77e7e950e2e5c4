/**
 * Keeps a second gateway's conversations the same as the active one's, for as long as the first is active.
 *
 * Invariants
 * 1. What the view calls in step was compared after the last change that was heard of, on either side.
 * 2. A failure, and a start of either gateway, is followed by a comparison of everything: what happened meanwhile is not known.
 * 3. After `stop` nothing is asked of either side any more; an answer that comes later changes nothing.
 * 4. A conversation that cannot be brought in step does not keep the others from it.
 */
import { createBackoff, delay, fail } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import { createAgenda } from './agenda.ts';
import { aroundJournal } from './around-journal.ts';
import { canonical, sameMark } from './digest.ts';
import { momentMs } from './model.ts';
import type { Mark, SessionState } from './model.ts';
import type { Journal } from './ports.ts';
import { reconcile } from './reconcile.ts';
import type { Reconciled } from './reconcile.ts';
import { woken } from '../woken.ts';

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
  /** Looks again at the conversations that were talked in last, whatever is believed of them. */
  lookAgain(): void;
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

type Side = 'active' | 'copy';

interface Failure {
  readonly side: Side;
  readonly words: string;
}

/** An open run keeps a conversation from being joined; it is tried again after this, and then less and less often. */
const laterMs = 500;
/** The same for what failed for a reason of its own. */
const afterTroubleMs = 10_000;
/** How long a question for changes may stay open. */
const waitMs = 10_000;
/** Everything is compared so often, for what nobody tells of. */
const compareEveryMs = 600_000;
/** So many conversations are looked at again on request. */
const mostRecent = 20;

/** Begins to compare and to carry. */
export function startMirror(options: MirrorOptions): Mirror {
  const { clock, onChange } = options;
  const stop = new AbortController();
  const isStopped = (): boolean => stop.signal.aborted;
  const whileRunning = (journal: Journal): Journal =>
    aroundJournal(
      () => journal,
      async (ask) => (isStopped() ? fail({ words: 'the mirror has ended', gone: true }) : ask()), // invariant 3
    );
  const journals = { active: whileRunning(options.active), copy: whileRunning(options.copy) };
  const { active, copy } = journals;
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
  const agenda = createAgenda(clock);
  /** Keys with the id of the row that has two contents. */
  const conflicts = new Map<string, string>();
  /** Conversations with rows that cannot be carried. */
  const partial = new Set<string>();
  const inStep = new Map<string, Mark>();
  /** What was talked in last, the newest at the end. */
  const recent = new Set<string>();
  const waiting = new Set<() => void>();
  const wake = (): void => {
    for (const look of [...waiting]) look();
  };
  const remembering: Journal = {
    ...active,
    note: async (key, value, epoch) => {
      const noted = await active.note(key, value, epoch);
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
    state = {
      kind,
      conversations: agenda.size(),
      rows: agenda.rows(),
      held: [...inStep.values()].reduce((sum, mark) => sum + mark.rows, 0),
      behindSinceMs: kind === 'in-step' ? null : (state.behindSinceMs ?? clock.bootMs()),
      complete: conflicts.size === 0 && (kind === 'in-step' || isComplete(state)),
      detail,
      conflicts: [...conflicts.keys()],
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
    agenda.clear();
    conflicts.clear();
    partial.clear();
    for (const each of original.value.sessions) {
      const found = copies.get(each.key);
      copies.delete(each.key);
      if (each.leftOut > 0) partial.add(each.key);
      const isSame =
        found !== undefined && sameMark(found.mark, each.mark) && found.leaf === each.leaf;
      const known = inStep.get(each.key);
      const isNoted = known !== undefined && sameMark(known, each.mark);
      if (!isSame || !isNoted || canonical(found.settings) !== canonical(each.settings))
        agenda.add(each.key, lacking(each, found));
    }
    for (const key of [...copies.keys(), ...original.value.unread, ...held.value.unread])
      agenda.add(key, 0);
    return null;
  };

  const bring = async (key: string): Promise<Reconciled> =>
    reconcile(key, inStep.get(key) ?? null, {
      active: remembering,
      copy,
      epoch: options.epoch,
      conflict: conflicts.get(key) ?? null,
      onProgress: (rows) => {
        agenda.arrived(key, rows);
        tell('catching-up');
      },
    });

  /** Brings everything that waits in step, as far as it goes now. */
  const bringAll = async (): Promise<Failure | 'refused' | null> => {
    let trouble = '';
    for (const key of agenda.due()) {
      agenda.begin(key);
      const done = await bring(key);
      if (isStopped()) return null;
      switch (done.kind) {
        case 'in-step':
          agenda.done(key);
          conflicts.delete(key);
          break;
        case 'conflict':
          agenda.done(key);
          conflicts.set(key, done.id);
          break;
        case 'later':
          agenda.postpone(key, laterMs); // invariant 4
          break;
        case 'refused':
          tell('refused', done.reason);
          return 'refused';
        case 'failed':
          if (done.gone) return done;
          agenda.postpone(key, afterTroubleMs); // invariant 4
          trouble = words(done);
          break;
      }
    }
    if (agenda.size() === 0) tell('in-step', partialWords(partial));
    else tell('catching-up', trouble === '' ? state.detail : trouble);
    return null;
  };

  /** The copy changed by itself, if it does not hold what was last in step. */
  const lookAtCopy = async (keys: readonly string[]): Promise<Failure | null> => {
    for (const key of keys) {
      if (agenda.has(key)) continue;
      const held = await copy.look(key);
      if (!held.ok && held.error.gone) return { side: 'copy', words: held.error.words };
      const there = held.ok ? (held.value?.mark ?? null) : null;
      const known = inStep.get(key) ?? null;
      const isSame = there === null || known === null ? there === known : sameMark(there, known);
      if (!held.ok || !isSame) agenda.add(key, 0);
    }
    return null;
  };

  /** Compares and follows until something fails. */
  const follow = async (): Promise<Failure | 'refused' | null> => {
    const heard: { side: Side; answer: Awaited<ReturnType<Journal['changes']>> }[] = [];
    const ask = async (side: Side, since: string | null, forMs: number): Promise<void> => {
      heard.push({ side, answer: await journals[side].changes(since, forMs) });
      wake();
    };
    await ask('copy', null, 0);
    if (heard[0]?.answer.ok === true) await ask('active', null, 0);
    let comparedAtMs = Number.NEGATIVE_INFINITY;
    while (!isStopped()) {
      for (const { side, answer } of heard.splice(0)) {
        if (!answer.ok) return { side, words: answer.error.words };
        const { at, keys } = answer.value;
        void ask(side, at, waitMs);
        if (keys === null) {
          comparedAtMs = Number.NEGATIVE_INFINITY; // invariant 2
        } else if (side === 'copy') {
          const failed = await lookAtCopy(keys);
          if (failed !== null) return failed;
        } else {
          for (const key of keys) {
            agenda.add(key, 1);
            noteRecent(recent, key);
          }
        }
      }
      if (clock.bootMs() - comparedAtMs >= compareEveryMs) {
        comparedAtMs = clock.bootMs();
        const failed = await compareAll();
        if (failed !== null) return failed;
      } else if (agenda.due().length > 0) tell('catching-up', state.detail); // invariant 1
      const failure = await bringAll();
      if (failure !== null) return failure;
      const isDue = (): boolean => agenda.dueInMs() === 0;
      await woken(
        waiting,
        clock,
        Math.min(agenda.dueInMs() ?? waitMs, waitMs),
        () => isStopped() || heard.length > 0 || isDue(),
      );
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
    lookAgain: () => {
      if (state.kind !== 'in-step' && state.kind !== 'catching-up') return;
      for (const key of recent) agenda.add(key, 0);
      if (agenda.size() > 0) tell('catching-up', state.detail);
      wake();
    },
    stop: () => {
      stop.abort();
      wake();
    },
  };
}

function noteRecent(recent: Set<string>, key: string): void {
  recent.delete(key);
  recent.add(key);
  for (const oldest of recent) {
    if (recent.size <= mostRecent) return;
    recent.delete(oldest);
  }
}

function partialWords(keys: ReadonlySet<string>): string {
  return keys.size === 0
    ? ''
    : `rows that are too large to be carried were left out in ${[...keys].join(', ')}`;
}

function words({ side, words: said }: Failure): string {
  return `${side === 'active' ? 'original' : 'copy'}: ${said}`;
}

function lacking(original: SessionState, held: SessionState | undefined): number {
  const there = held?.mark.sessionId === original.mark.sessionId ? held.mark.rows : 0;
  return Math.max(0, original.mark.rows - there);
}
