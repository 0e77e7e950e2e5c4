/**
 * The journal of one gateway: what it holds, row by row, and how more comes in. Lives in the gateway's process.
 *
 * Invariants
 * 1. Marks are computed from the rows that are there; what is remembered of a transcript is its ids and their sum up to a
 *    place, and is thrown away as soon as the store says that rows were rewritten.
 * 2. A gateway that may act takes nothing but branches, and no gateway takes anything of an epoch below the highest that it
 *    knows. Both are asked again in the turn in which rows are written.
 * 3. Nothing is appended to a conversation with an open run: it would break the run.
 * 4. Appends come one after the other.
 */
import { errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { addDigests, emptyDigest, rowDigest, sameMark } from './digest.ts';
import type { Sha256 } from './digest.ts';
import { memoryText, readMemory } from './journal-memory.ts';
import type { FileStore } from './media.ts';
import type { Appended, Batch, Mark, Row, SessionState } from './model.ts';
import type { Journal, JournalFailure, Tail } from './ports.ts';
import type { RowPage, RowStore, StoredSession } from './row-store.ts';
import { woken } from './woken.ts';

export interface JournalPorts {
  readonly store: RowStore;
  readonly files: FileStore;
  /** The gateway may act now. */
  readonly acting: () => boolean;
  /** The highest epoch that the gateway was told. */
  readonly epoch: () => number;
  readonly isBusy: (key: string) => boolean;
  /** Where it is remembered what was in step, as text; a memory that is lost costs time and nothing else. */
  readonly memory: { read(): string | null; write(text: string): void };
  readonly sha256: Sha256;
  readonly newId: () => string;
  /** Lets the gateway do other work: reading is synchronous inside. */
  readonly breathe: () => Promise<void>;
  readonly clock: Clock;
}

/** A journal that can be waited on from inside its gateway. */
export interface LocalJournal extends Journal {
  /** Resolves true once the other side holds all rows that are here now; false after `waitMs`, or at once if nobody copies. */
  copied(key: string, waitMs: number): Promise<boolean>;
  /** Writes down what is to be remembered; from now on every method fails. */
  close(): void;
}

interface Place {
  readonly rows: number;
  readonly digest: string;
  readonly at: string | null;
}

/** What is remembered of a transcript; grows with it. */
interface Index {
  readonly sessionId: string;
  /** Ids with the rows' hashes, in the order of the store. */
  readonly rows: Map<string, string>;
  digest: string;
  /** The branch that is shown ends here. */
  leaf: string | null;
  /** Places in the store: after so many rows, with the digest of those. The last one is the end. */
  readonly places: Place[];
}

const none: ReadonlyMap<string, string> = new Map();
const beginning: Place = { rows: 0, digest: emptyDigest, at: null };

const mostRows = 25;
const mostBytes = 256 * 1024;
const placeEveryRows = 100;
const rememberMs = 500;
/** A mirror asks for changes all the time; one that has not for so long is gone. */
const goneMs = 15_000;

/** Opens the journal of a store. */
export function openJournal(ports: JournalPorts): LocalJournal {
  const { store, clock } = ports;
  const indexes = new Map<string, Index>();
  const inStep = readMemory(ports.memory.read());
  let highestEpoch = 0;
  let cancelWrite: (() => void) | null = null;
  let isClosed = false;
  let appending: Promise<unknown> = Promise.resolve();
  let reading: Promise<unknown> = Promise.resolve();
  let serial = 0;
  const changedAt = new Map<string, number>();
  const waiting = new Set<() => void>();
  let askedAtMs = Number.NEGATIVE_INFINITY;

  const wake = (): void => {
    for (const each of [...waiting]) each();
  };
  const changed = (key: string | null): void => {
    serial += 1;
    for (const each of key === null ? store.list().map((session) => session.key) : [key])
      changedAt.set(each, serial);
    wake();
  };
  const stopListening = store.onChange(changed);

  const remember = (key: string, value: Mark | null): void => {
    if (value === null) inStep.delete(key);
    else inStep.set(key, value);
    wake();
    cancelWrite ??= clock.after(rememberMs, write);
  };
  const write = (): void => {
    cancelWrite = null;
    ports.memory.write(memoryText(inStep));
  };
  const answered = async <T>(run: () => Promise<T>): Promise<Result<T, JournalFailure>> => {
    try {
      return isClosed ? fail({ words: 'this journal is closed', gone: true }) : ok(await run());
    } catch (error) {
      return fail({ words: errorText(error), gone: false });
    }
  };

  const readOn = async (session: StoredSession): Promise<Index | null> => {
    const known = indexes.get(session.key);
    let index = known?.sessionId === session.sessionId ? known : newIndex(session.sessionId);
    for (;;) {
      const page: RowPage = await store.read(session, index.places.at(-1)?.at ?? null);
      if (page.kind === 'missing') {
        indexes.delete(session.key);
        return null;
      }
      if (page.kind === 'rewritten') {
        index = newIndex(session.sessionId); // invariant 1
        continue;
      }
      extend(index, page, ports.sha256);
      indexes.set(session.key, index);
      if (!page.more) return index;
      await ports.breathe();
    }
  };
  /** What the transcript holds now; null: there is none. One at a time, or rows would be counted twice. */
  const indexOf = (session: StoredSession): Promise<Index | null> => {
    const mine = reading.then(() => readOn(session));
    reading = mine.catch(() => undefined);
    return mine;
  };
  const stateOf = async (session: StoredSession): Promise<SessionState> => {
    const index = await indexOf(session);
    return {
      key: session.key,
      mark: {
        sessionId: session.sessionId,
        rows: index?.rows.size ?? 0,
        digest: index?.digest ?? emptyDigest,
      },
      settings: session.settings,
      busy: ports.isBusy(session.key),
    };
  };
  const look = async (key: string): Promise<SessionState | null> => {
    const session = store.find(key);
    return session === null ? null : stateOf(session);
  };
  const current = (key: string, sessionId: string): StoredSession | null => {
    const session = store.find(key);
    return session?.sessionId === sessionId ? session : null;
  };

  /** The first rows after `after` that are wanted, until a message is full. */
  const collect = async (
    session: StoredSession,
    after: number,
    isWanted: (row: Row) => boolean,
    most: number,
  ): Promise<Tail | null> => {
    const index = await indexOf(session);
    const from = index?.places.findLast(({ rows }) => rows <= after) ?? beginning;
    let { at, digest: before } = from;
    let skip = after - from.rows;
    const rows: Row[] = [];
    let bytes = 0;
    for (;;) {
      const page = await store.read(session, at);
      if (page.kind !== 'page') return null;
      for (const row of page.rows) {
        if (skip > 0) {
          skip -= 1;
          before = addDigests(before, rowDigest(row, ports.sha256));
        } else if (isWanted(row)) {
          bytes += JSON.stringify(row).length;
          if (rows.length > 0 && bytes > mostBytes)
            return { before, settings: session.settings, rows };
          rows.push(row);
          if (rows.length === Math.min(mostRows, most))
            return { before, settings: session.settings, rows };
        }
      }
      if (!page.more) return { before, settings: session.settings, rows };
      ({ at } = page);
    }
  };

  const objection = (batch: Batch): Extract<Appended, { kind: 'refused' }> | null => {
    if (batch.epoch < Math.max(highestEpoch, ports.epoch()))
      return { kind: 'refused', reason: 'old-epoch' };
    if (ports.acting() && batch.how !== 'branch') return { kind: 'refused', reason: 'acting' };
    if (ports.isBusy(batch.key)) return { kind: 'refused', reason: 'busy' }; // invariant 3
    return null;
  };
  const append = async (batch: Batch): Promise<Appended> => {
    const first = objection(batch);
    if (first !== null) return first;
    highestEpoch = batch.epoch;
    const before = await look(batch.key);
    if (!fits(before?.mark ?? null, batch.on)) return { kind: 'gap', state: before };

    const { key, how } = batch;
    const isBranch = how === 'branch' && before !== null;
    const session: StoredSession = isBranch
      ? { key, sessionId: before.mark.sessionId, settings: before.settings }
      : { key, sessionId: batch.sessionId, settings: batch.settings };
    const { leaf, rows } = indexes.get(key) ?? newIndex('');
    const held = how === 'anew' || session.sessionId !== before?.mark.sessionId ? none : rows;
    const other = batch.rows.find(
      (row) => held.has(row.id) && held.get(row.id) !== rowDigest(row, ports.sha256),
    );
    if (other !== undefined) return { kind: 'conflict', id: other.id };
    const fresh = batch.rows.filter(({ id }) => !held.has(id));
    const late = objection(batch); // reading took its time
    if (late !== null) return late;
    if (how === 'anew') {
      await store.remove(key);
      indexes.delete(key);
    }
    const later = objection(batch);
    if (later !== null) return later;
    if (!isBranch) await store.put(session);
    const written = isBranch && fresh.length > 0 ? [...fresh, leafRow(ports, leaf)] : fresh;
    const may = (): boolean => objection(batch) === null; // invariant 2
    if (written.length > 0 && !(await store.write(session, written, may)))
      return objection(batch) ?? { kind: 'gap', state: await look(key) };
    return { kind: 'appended', state: await stateOf(session) };
  };

  const remove = async (key: string, known: Mark, epoch: number): Promise<boolean> => {
    const may = (): boolean =>
      !ports.acting() && !ports.isBusy(key) && epoch >= Math.max(highestEpoch, ports.epoch());
    const session = store.find(key);
    if (session === null) return true;
    if (!may() || !sameMark((await stateOf(session)).mark, known)) return false;
    if (!may()) return false; // reading took its time
    await store.remove(key);
    indexes.delete(key);
    return true;
  };

  return {
    survey: () =>
      answered(async () => {
        const sessions: SessionState[] = [];
        for (const session of store.list()) {
          sessions.push(await stateOf(session));
          await ports.breathe();
        }
        return { sessions, inStep: Object.fromEntries(inStep) };
      }),
    look: (key) => answered(() => look(key)),
    ids: (key, sessionId) =>
      answered(async () => {
        const session = current(key, sessionId);
        return session === null ? null : [...((await indexOf(session))?.rows.keys() ?? [])];
      }),
    rows: (key, sessionId, ids) =>
      answered(async () => {
        const session = current(key, sessionId);
        const wanted = new Set(ids);
        return session === null
          ? []
          : ((await collect(session, 0, (row) => wanted.has(row.id), wanted.size))?.rows ?? []);
      }),
    tail: (key, sessionId, after) =>
      answered(async () => {
        const session = current(key, sessionId);
        return session === null ? null : collect(session, after, () => true, mostRows);
      }),
    append: (batch) => {
      const mine = appending.then(() => answered(() => append(batch))); // invariant 4
      appending = mine;
      return mine;
    },
    missingFiles: (names) => answered(() => ports.files.missing(names)),
    readFile: (name, offset) => answered(() => ports.files.read(name, offset)),
    writeFile: (name, offset, part) =>
      answered(async () => {
        await ports.files.write(name, offset, part);
        return null;
      }),
    remove: (key, known, epoch) => {
      const mine = appending.then(() => answered(() => remove(key, known, epoch)));
      appending = mine;
      return mine;
    },
    note: (key, value) =>
      answered(async () => {
        remember(key, value);
        return null;
      }),
    changes: (since, waitMs) =>
      answered(async () => {
        // Only who waits for changes follows them.
        if (waitMs > 0) askedAtMs = clock.bootMs();
        // A number from before our start tells nothing of what was since.
        if (since > serial) changed(null);
        const from = since > serial ? 0 : since;
        const keys = (): readonly string[] =>
          [...changedAt].filter(([, at]) => at > from).map(([key]) => key);
        if (waitMs > 0) await woken(waiting, clock, waitMs, () => keys().length > 0);
        if (waitMs > 0) askedAtMs = clock.bootMs();
        return { at: serial, keys: keys() };
      }),
    copied: async (key, waitMs) => {
      const session = store.find(key);
      if (session === null || clock.bootMs() - askedAtMs > goneMs) return false;
      const wanted = (await indexOf(session))?.rows.size ?? 0;
      const isCopied = (): boolean => {
        const known = inStep.get(key);
        return known?.sessionId === session.sessionId && known.rows >= wanted;
      };
      changed(key); // the hint may not have come yet
      await woken(waiting, clock, waitMs, isCopied);
      return isCopied();
    },
    close: () => {
      if (isClosed) return;
      isClosed = true;
      stopListening();
      cancelWrite?.();
      if (cancelWrite !== null) write(); // whoever opens it anew reads it
      wake();
    },
  };
}

function newIndex(sessionId: string): Index {
  return { sessionId, rows: new Map(), digest: emptyDigest, leaf: null, places: [] };
}

function extend(index: Index, page: Extract<RowPage, { kind: 'page' }>, sha256: Sha256): void {
  for (const row of page.rows) {
    const hash = rowDigest(row, sha256);
    index.rows.set(row.id, hash);
    index.digest = addDigests(index.digest, hash);
    index.leaf = leafOf(row);
  }
  const { places, rows, digest } = index;
  // One place in a hundred rows is enough to find any row again.
  if (rows.size - (places.at(-2)?.rows ?? 0) < placeEveryRows) places.pop();
  places.push({ rows: rows.size, digest, at: page.at });
}

/** The end of the branch that is shown once this row is the last one. */
function leafOf(row: Row): string | null {
  const { targetId } = row;
  if (row.type !== 'leaf') return row.id;
  return typeof targetId === 'string' ? targetId : null;
}

function leafRow({ newId, clock }: JournalPorts, targetId: string | null): Row {
  return {
    type: 'leaf',
    id: newId(),
    parentId: targetId,
    timestamp: new Date(clock.wallMs()).toISOString(),
    targetId,
  };
}

function fits(held: Mark | null, on: Mark | null): boolean {
  return held === null || on === null ? held === on : sameMark(held, on);
}
