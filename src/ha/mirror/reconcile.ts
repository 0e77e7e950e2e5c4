/**
 * Brings one conversation of two gateways to the same rows.
 *
 * Invariants
 * 1. Nothing is deleted that the other side does not have, but for a conversation that was in step when it was deleted.
 * 2. A row is sent only over the exact set of rows that the receiver was seen to hold; whatever else happened meanwhile makes
 *    the receiver refuse, and both are compared anew.
 * 3. Both are called in step only by what they say of themselves, never by what was sent.
 */
import type { Result } from '../../base/index.ts';
import { canonical, sameMark } from './digest.ts';
import type { Appended, Batch, Mark, Row, SessionSettings, SessionState } from './model.ts';
import { filesOf } from './media.ts';
import type { Journal, JournalFailure } from './ports.ts';

/** How it ended. `later`: not now (a run is open, or it kept changing); `refused`: this side does not speak for the pair. */
export type Reconciled =
  | { readonly kind: 'in-step' }
  | { readonly kind: 'later'; readonly words: string }
  | { readonly kind: 'refused'; readonly reason: 'old-epoch' | 'acting' }
  | { readonly kind: 'conflict'; readonly id: string }
  /** `gone`: that side does not answer at all; otherwise it could not do this one thing. */
  | {
      readonly kind: 'failed';
      readonly side: 'active' | 'copy';
      readonly words: string;
      readonly gone: boolean;
    };

export interface ReconcileOptions {
  readonly active: Journal;
  readonly copy: Journal;
  /** The epoch in which `active` is active. */
  readonly epoch: number;
  /** The id of a row that was last seen to have two contents; null: none. It is not looked for again. */
  readonly conflict: string | null;
  /** So many rows have arrived. */
  readonly onProgress: (rows: number) => void;
}

/** So many rows are asked for at once. */
const mostIds = 500;
/** So often both are compared anew before it is left for later. */
const mostRounds = 5;

/** Brings the conversation `key` in step. `inStep`: what the active side remembers of the last time. */
export async function reconcile(
  key: string,
  inStep: Mark | null,
  options: ReconcileOptions,
): Promise<Reconciled> {
  const talk = createTalk(options);
  try {
    const held = inStep === null ? null : await follow(key, inStep, talk, options);
    for (let round = 0; round < mostRounds; round += 1) {
      const done = await compare(key, round === 0 ? held : null, options, talk);
      if (done !== null) return done;
    }
    return { kind: 'later', words: 'it kept changing' };
  } catch (error) {
    if (error instanceof Ended) return error.outcome;
    throw error;
  }
}

/** How a conversation ends from deep inside; never leaves this module. */
class Ended extends Error {
  readonly outcome: Reconciled;
  constructor(outcome: Reconciled) {
    super();
    this.outcome = outcome;
  }
}

/** Both journals with their failures and refusals turned into the end of the conversation. */
interface Talk {
  active<T>(answer: Promise<Result<T, JournalFailure>>): Promise<T>;
  copy<T>(answer: Promise<Result<T, JournalFailure>>): Promise<T>;
  /** The receiver's new state; null: it holds something else than was thought. */
  append(side: 'active' | 'copy', batch: Omit<Batch, 'epoch'>): Promise<SessionState | null>;
  /** Tells both, or one, that both hold this. */
  note(side: 'active' | 'copy', key: string, mark: Mark | null): Promise<void>;
  /** What a person chose was given to the copy just so; it may have kept something else. */
  wasGiven(settings: SessionSettings): boolean;
}

function createTalk({ active, copy, epoch }: ReconcileOptions): Talk {
  const sides = { active, copy };
  const take = async <T>(
    side: 'active' | 'copy',
    answer: Promise<Result<T, JournalFailure>>,
  ): Promise<T> => {
    const settled = await answer;
    if (!settled.ok) throw new Ended({ kind: 'failed', side, ...settled.error });
    return settled.value;
  };
  const end = (appended: Exclude<Appended, { kind: 'appended' | 'gap' }>): never => {
    if (appended.kind === 'conflict') throw new Ended(appended);
    if (appended.reason === 'busy') throw new Ended({ kind: 'later', words: 'a run is open' });
    throw new Ended({ kind: 'refused', reason: appended.reason });
  };
  /** Files go before the rows that name them. One that its own side has lost is lost for both. */
  const carryFiles = async (names: readonly string[], to: 'active' | 'copy'): Promise<void> => {
    if (names.length === 0) return;
    const from = to === 'active' ? 'copy' : 'active';
    for (const name of await take(to, sides[to].missingFiles(names))) {
      let offset = 0;
      for (;;) {
        const part = await take(from, sides[from].readFile(name, offset));
        if (part === null) break;
        if (!(await take(to, sides[to].writeFile(name, offset, part, epoch)))) throw superseded();
        offset += bytesIn(part.data);
        if (offset >= part.size) break;
      }
    }
  };
  let given: string | null = null;
  return {
    active: (answer) => take('active', answer),
    copy: (answer) => take('copy', answer),
    append: async (side, batch) => {
      await carryFiles(filesOf(batch.rows), side);
      const appended = await take(side, sides[side].append({ ...batch, epoch }));
      if (appended.kind === 'gap') return null;
      if (appended.kind !== 'appended') return end(appended);
      if (side === 'copy') given = canonical(batch.settings);
      return appended.state;
    },
    note: async (side, key, mark) => {
      if (!(await take(side, sides[side].note(key, mark, epoch)))) throw superseded();
    },
    wasGiven: (settings) => given === canonical(settings),
  };
}

/** Somebody else speaks for the pair by now. */
function superseded(): Ended {
  return new Ended({ kind: 'refused', reason: 'old-epoch' });
}

/**
 * The usual case, in as few questions as it takes: something was said after what both had. Whatever else it is, is left to
 * the comparison.
 * @returns what both have had in common
 */
async function follow(
  key: string,
  inStep: Mark,
  talk: Talk,
  options: ReconcileOptions,
): Promise<Mark> {
  let held = inStep;
  for (;;) {
    const tail = await talk.active(options.active.tail(key, held.sessionId, held.rows));
    if (tail === null || tail.before !== held.digest || tail.rows.length === 0) return held;
    const { settings, rows } = tail;
    const batch = {
      key,
      sessionId: held.sessionId,
      settings,
      rows,
      on: held,
      how: 'more',
    } as const;
    const state = await talk.append('copy', batch);
    if (state === null) return held;
    held = state.mark;
    options.onProgress(rows.length);
    // The question that the active side may be waiting with is among it.
    await talk.note('active', key, held);
  }
}

/** How many bytes a text of base64 holds. */
function bytesIn(data: string): number {
  const filled = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return (data.length / 4) * 3 - filled;
}

/** One look at both and one attempt; null: they have to be compared again. */
async function compare(
  key: string,
  inStep: Mark | null,
  options: ReconcileOptions,
  talk: Talk,
): Promise<Reconciled | null> {
  const [original, held] = await Promise.all([
    talk.active(options.active.look(key)),
    talk.copy(options.copy.look(key)),
  ]);
  if (original === null && held === null) return noted(key, null, talk);
  if (original === null) return withoutOriginal(key, held as SessionState, inStep, options, talk);
  if (held !== null && isInStep(original, held, talk)) return noted(key, original.mark, talk);
  if (held === null) {
    await send(original, null, 'more', options, talk);
    return null;
  }
  if (sameMark(original.mark, held.mark) && original.leaf !== held.leaf) {
    // The same rows in another order: what the active side shows becomes a row as well, so that both show it.
    await talk.append('active', { ...batchOf(original, []), on: original.mark, how: 'branch' });
    return null;
  }
  const wasInStep = inStep !== null && sameMark(held.mark, inStep);
  if (wasInStep && original.mark.sessionId !== inStep.sessionId) {
    // It has nothing that the active side did not have: what is not there any more was left out on purpose.
    await send(original, held, 'more', options, talk);
    return null;
  }
  if (wasInStep) {
    const rest = await talk.active(options.active.tail(key, inStep.sessionId, inStep.rows));
    if (rest === null) return null;
    // Rows only come at the end, unless they were rewritten in place.
    if (rest.before !== inStep.digest) {
      await send(original, held, 'anew', options, talk);
      return null;
    }
  }
  await union(original, held, options, talk);
  return null;
}

/** The active side has no such conversation: it was deleted there, or it never got it. */
async function withoutOriginal(
  key: string,
  held: SessionState,
  inStep: Mark | null,
  options: ReconcileOptions,
  talk: Talk,
): Promise<Reconciled | null> {
  if (inStep !== null && sameMark(held.mark, inStep)) {
    const removed = await talk.copy(options.copy.remove(key, inStep, options.epoch));
    if (!removed) return { kind: 'later', words: 'it could not be deleted yet' };
    return noted(key, null, talk);
  }
  const ids = await talk.copy(options.copy.ids(key, held.mark.sessionId));
  if (ids === null) return null;
  await carry(
    held,
    ids,
    'copy',
    (rows, on) => talk.append('active', { ...batchOf(held, rows), on, how: 'branch' }),
    null,
    options,
    talk,
  );
  return null;
}

/**
 * Gives each side what only the other one has. What only the copy has goes to the active side as a branch; that needs it at
 * rest, so the copy gets what can be had first. Under another session id the copy would lose sight of its own rows: last then.
 */
async function union(
  original: SessionState,
  held: SessionState,
  options: ReconcileOptions,
  talk: Talk,
): Promise<void> {
  const { key, mark } = original;
  const [all, there] = await Promise.all([
    talk.active(options.active.ids(key, mark.sessionId)),
    talk.copy(options.copy.ids(key, held.mark.sessionId)),
  ]);
  if (all === null || there === null) return;
  const own = without(there, all);
  if (mark.sessionId === held.mark.sessionId) {
    const missing = without(all, there);
    // The same ids and another sum: one id with two contents somewhere. The receiver of all of them says which.
    const isDoubtful = missing.length === 0 && own.length === 0 && mark.digest !== held.mark.digest;
    if (isDoubtful && options.conflict !== null)
      throw new Ended({ kind: 'conflict', id: options.conflict });
    await carry(
      original,
      isDoubtful ? all : missing,
      'active',
      (rows, on) => talk.append('copy', { ...batchOf(original, rows), on, how: 'more' }),
      held.mark,
      options,
      talk,
    );
  }
  if (own.length > 0)
    await carry(
      held,
      own,
      'copy',
      (rows, on) => talk.append('active', { ...batchOf(original, rows), on, how: 'branch' }),
      mark,
      options,
      talk,
    );
  else if (mark.sessionId !== held.mark.sessionId)
    await send(original, held, 'more', options, talk);
}

/** Sends all rows: to a copy that has none, begins anew, or has them under another session id. */
async function send(
  original: SessionState,
  held: SessionState | null,
  how: 'more' | 'anew',
  options: ReconcileOptions,
  talk: Talk,
): Promise<void> {
  const { key, mark } = original;
  let on: Mark | null = held?.mark ?? null;
  let first = how;
  let sent = 0;
  for (;;) {
    const tail = await talk.active(options.active.tail(key, mark.sessionId, sent));
    if (tail === null || (tail.rows.length === 0 && sent > 0)) return;
    const { rows } = tail;
    const state = await talk.append('copy', { ...batchOf(original, rows), on, how: first });
    if (state === null) return;
    sent += rows.length;
    on = state.mark;
    first = 'more';
    options.onProgress(rows.length);
    await talk.note('active', key, state.mark);
    if (rows.length === 0) return;
  }
}

/** Carries the rows with these ids in as many batches as they need; at least one, for the settings. */
async function carry(
  source: SessionState,
  ids: readonly string[],
  side: 'active' | 'copy',
  append: (rows: readonly Row[], on: Mark | null) => Promise<SessionState | null>,
  on: Mark | null,
  options: ReconcileOptions,
  talk: Talk,
): Promise<void> {
  let at = 0;
  let held = on;
  do {
    const asked = ids.slice(at, at + mostIds);
    const rows =
      asked.length === 0
        ? []
        : await talk[side](options[side].rows(source.key, source.mark.sessionId, asked));
    const last = rows.at(-1)?.id;
    if (asked.length > 0 && last === undefined) return; // gone meanwhile
    const state = await append(rows, held);
    if (state === null) return;
    held = state.mark;
    if (last !== undefined) at += Math.max(1, asked.indexOf(last) + 1); // both are in the journal's order
    options.onProgress(rows.length);
  } while (at < ids.length);
}

async function noted(key: string, mark: Mark | null, talk: Talk): Promise<Reconciled> {
  await Promise.all([talk.note('active', key, mark), talk.note('copy', key, mark)]);
  return { kind: 'in-step' };
}

function without(ids: readonly string[], others: readonly string[]): readonly string[] {
  const known = new Set(others);
  return ids.filter((id) => !known.has(id));
}

function batchOf(
  state: SessionState,
  rows: readonly Row[],
): Pick<Batch, 'key' | 'sessionId' | 'settings' | 'rows'> {
  return { key: state.key, sessionId: state.mark.sessionId, settings: state.settings, rows };
}

/** What the copy's gateway does not keep as it was given is not given again and again. */
function isInStep(original: SessionState, held: SessionState, talk: Talk): boolean {
  return (
    sameMark(original.mark, held.mark) &&
    original.leaf === held.leaf &&
    (canonical(original.settings) === canonical(held.settings) || talk.wasGiven(original.settings))
  );
}
