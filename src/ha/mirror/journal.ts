/**
 * The journal of one gateway: what it holds, row by row, and how more comes in. Lives in the gateway's process.
 *
 * Invariants
 * 1. Marks are computed from the rows that are there (`transcript-index.ts`).
 * 2. A gateway that may act takes nothing but branches, and no gateway takes anything of an epoch below the highest that it
 *    knows, which is on its disk before it takes something. Both are asked again in the turn in which rows are written.
 * 3. Nothing is appended to a conversation with an open run: it would break the run.
 * 4. Appends come one after the other.
 * 5. A branch does not become the one that is shown, not even by an end of the process in the middle of it.
 */
import { errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Result } from '../../base/index.ts';
import { canonical, rowDigest, sameMark } from './digest.ts';
import type { Sha256 } from './digest.ts';
import { memoryText, readMemory } from './journal-memory.ts';
import type { FileStore } from './media.ts';
import type { Appended, Batch, Mark, Row, SessionState } from './model.ts';
import type { Journal, JournalFailure } from './ports.ts';
import type { RowStore, StoredSession } from './row-store.ts';
import { createIndexes, markOf } from './transcript-index.ts';
import type { Index } from './transcript-index.ts';
import { woken } from '../woken.ts';

export interface JournalPorts {
  readonly pair: string;
  readonly store: RowStore;
  readonly files: FileStore;
  /** The gateway may act now. */
  readonly acting: () => boolean;
  /** The highest epoch that the gateway was told. */
  readonly epoch: () => number;
  readonly isBusy: (key: string) => boolean;
  /** Where a text is remembered. `write` may lose it; `keep` throws unless it is on the disk. */
  readonly memory: { read(): string | null; write(text: string): void; keep(text: string): void };
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

const rememberMs = 500;
/** A mirror asks for changes all the time; one that has not for so long is gone. */
const goneMs = 15_000;
/** Of so many conversations it is known when they changed; who asks for more hears that any may have. */
const mostChanged = 2_000;

/** Opens the journal of a store. */
export function openJournal(ports: JournalPorts): LocalJournal {
  const { store, clock } = ports;
  const indexes = createIndexes(ports);
  const memory = readMemory(ports.memory.read(), ports.pair);
  let cancelWrite: (() => void) | null = null;
  let isClosed = false;
  /** Places of another journal, or of this one before its gateway started anew, are not its own. */
  const ownId = ports.newId();
  let serial = 0;
  let forgotten = 0;
  const changedAt = new Map<string, number>();
  const waiting = new Set<() => void>();
  let followedAtMs = Number.NEGATIVE_INFINITY;

  const wake = (): void => {
    for (const each of [...waiting]) each();
  };
  const changed = (key: string): void => {
    serial += 1;
    changedAt.delete(key); // the newest ones last
    changedAt.set(key, serial);
    for (const [oldest, at] of changedAt) {
      if (changedAt.size <= mostChanged) break;
      changedAt.delete(oldest);
      forgotten = at;
    }
    wake();
  };
  const stopListening = store.onChange(changed);

  const write = (): void => {
    cancelWrite = null;
    ports.memory.write(memoryText(memory, ports.pair));
  };
  const writeSoon = (): void => {
    cancelWrite ??= clock.after(rememberMs, write);
  };
  const isOver = (epoch: number): boolean => epoch < Math.max(memory.epoch, ports.epoch());
  const hear = (epoch: number): void => {
    if (epoch <= memory.epoch) return;
    ports.memory.keep(memoryText({ ...memory, epoch }, ports.pair)); // invariant 2
    memory.epoch = epoch;
  };
  const answered = async <T>(run: () => Promise<T>): Promise<Result<T, JournalFailure>> => {
    try {
      return isClosed ? fail({ words: 'this journal is closed', gone: true }) : ok(await run());
    } catch (error) {
      return fail({ words: errorText(error), gone: false });
    }
  };

  const stateOf = (session: StoredSession, index: Index | null): SessionState => ({
    key: session.key,
    mark: markOf(session.sessionId, index),
    settings: session.settings,
    leaf: index?.carriedLeaf ?? null,
    busy: ports.isBusy(session.key),
    leftOut: index?.leftOut ?? 0,
  });
  const look = async (key: string): Promise<SessionState | null> => {
    const session = store.find(key);
    return session === null ? null : stateOf(session, await indexes.read(session));
  };
  const current = (key: string, sessionId: string): StoredSession | null => {
    const session = store.find(key);
    return session?.sessionId === sessionId ? session : null;
  };
  const leafRow = (targetId: string | null): Row => ({
    type: 'leaf',
    id: ports.newId(),
    parentId: targetId,
    timestamp: new Date(clock.wallMs()).toISOString(),
    targetId,
  });

  /** Gives back what was shown before a branch that was not written to its end. */
  const mendBranch = async (key: string): Promise<void> => {
    const branch = memory.branches.get(key);
    if (branch === undefined) return;
    const session = current(key, branch.sessionId);
    const shown = session === null ? null : ((await indexes.read(session))?.leaf ?? null);
    if (session !== null && shown !== null && branch.rows.includes(shown)) {
      const may = (): boolean => !ports.isBusy(key);
      if (!(await store.write(session, [leafRow(branch.leaf)], may, false))) return;
    }
    memory.branches.delete(key);
    writeSoon();
  };
  const writeBranch = async (
    session: StoredSession,
    rows: readonly Row[],
    leaf: string | null,
    may: () => boolean,
  ): Promise<boolean> => {
    const { key, sessionId } = session;
    memory.branches.set(key, { sessionId, leaf, rows: rows.map(({ id }) => id) });
    ports.memory.keep(memoryText(memory, ports.pair)); // invariant 5
    const all = [...rows, leafRow(leaf)];
    const isWritten = await store.write(session, all, may, false).catch(async (error: unknown) => {
      await mendBranch(key).catch(() => undefined); // the next append tries again
      throw error;
    });
    memory.branches.delete(key);
    writeSoon();
    return isWritten;
  };

  const objection = (batch: Batch): Extract<Appended, { kind: 'refused' }> | null => {
    if (isOver(batch.epoch)) return { kind: 'refused', reason: 'old-epoch' };
    if (ports.acting() && batch.how !== 'branch') return { kind: 'refused', reason: 'acting' };
    if (ports.isBusy(batch.key)) return { kind: 'refused', reason: 'busy' }; // invariant 3
    return null;
  };
  const append = async (batch: Batch): Promise<Appended> => {
    const { key, how } = batch;
    const first = objection(batch);
    if (first !== null) return first;
    hear(batch.epoch);
    await mendBranch(key);
    const found = store.find(key);
    const size = found === null ? '' : store.size(found);
    const before = await look(key);
    if (!fits(before?.mark ?? null, batch.on)) return { kind: 'gap', state: before };

    const isBranch = how === 'branch' && before !== null;
    const session: StoredSession = isBranch
      ? { key, sessionId: before.mark.sessionId, settings: before.settings }
      : { key, sessionId: batch.sessionId, settings: batch.settings };
    const isSame = session.sessionId === before?.mark.sessionId;
    const held = how === 'anew' || !isSame ? null : indexes.known(key);
    const hashOf = (id: string): string | undefined => held?.hashes[held.rows.get(id) ?? -1];
    const other = batch.rows.find(
      (row) => hashOf(row.id) !== undefined && hashOf(row.id) !== rowDigest(row, ports.sha256),
    );
    if (other !== undefined) return { kind: 'conflict', id: other.id };
    const fresh = batch.rows.filter(({ id }) => hashOf(id) === undefined);
    const late = objection(batch); // reading took its time
    if (late !== null) return late;
    if (how === 'anew') {
      await store.remove(key);
      indexes.forget(key);
    }
    const later = objection(batch);
    if (later !== null) return later;
    const isChosen = isSame && canonical(before.settings) === canonical(session.settings);
    if (!isBranch && (how === 'anew' || !isChosen)) await store.put(session);
    /** What is shown may have become something else while the store got ready. */
    const isStill = (): boolean => {
      const now = current(key, session.sessionId);
      return now !== null && store.size(now) === size;
    };
    const may = (): boolean => objection(batch) === null && (!isBranch || isStill()); // invariant 2
    const isWritten =
      (fresh.length === 0 && !(isBranch && batch.rows.length === 0)) ||
      (isBranch
        ? await writeBranch(session, fresh, held?.leaf ?? null, may)
        : await store.write(session, fresh, may, true));
    if (!isWritten) return objection(batch) ?? { kind: 'gap', state: await look(key) };
    return { kind: 'appended', state: stateOf(session, await indexes.read(session)) };
  };

  const remove = async (key: string, known: Mark, epoch: number): Promise<boolean> => {
    const may = (): boolean => !ports.acting() && !ports.isBusy(key) && !isOver(epoch);
    if (store.find(key) === null) return true;
    if (!may()) return false;
    hear(epoch);
    const state = await look(key);
    if (state === null) return true;
    if (!sameMark(state.mark, known) || !may()) return false; // reading took its time
    await store.remove(key);
    indexes.forget(key);
    return true;
  };

  // A branch that the last end of the process interrupted is mended before anything else is written.
  let appending: Promise<unknown> = [...memory.branches.keys()].reduce<Promise<unknown>>(
    (before, key) => before.then(() => answered(() => mendBranch(key))),
    Promise.resolve(),
  );
  const inTurn = <T>(run: () => Promise<T>): Promise<Result<T, JournalFailure>> => {
    const mine = appending.then(() => answered(run)); // invariant 4
    appending = mine;
    return mine;
  };

  return {
    survey: () =>
      answered(async () => {
        const sessions: SessionState[] = [];
        const unread: string[] = [];
        for (const session of store.list()) {
          try {
            sessions.push(stateOf(session, await indexes.readIfChanged(session)));
          } catch {
            unread.push(session.key); // whoever looks at it alone hears why
          }
          await ports.breathe();
        }
        return { sessions, unread, inStep: Object.fromEntries(memory.inStep) };
      }),
    look: (key) => answered(() => look(key)),
    ids: (key, sessionId) =>
      answered(async () => {
        const session = current(key, sessionId);
        return session === null ? null : [...((await indexes.read(session))?.rows.keys() ?? [])];
      }),
    rows: (key, sessionId, ids) =>
      answered(async () => {
        const session = current(key, sessionId);
        const index = session === null ? null : await indexes.read(session);
        if (session === null || index === null) return [];
        const places = ids.flatMap((id) => index.rows.get(id) ?? []);
        places.sort((left, right) => left - right);
        return (await indexes.rowsAt(session, places)) ?? [];
      }),
    tail: (key, sessionId, after) =>
      answered(async () => {
        const session = current(key, sessionId);
        return session === null ? null : indexes.tail(session, after);
      }),
    append: (batch) => inTurn(() => append(batch)),
    missingFiles: (names) => answered(() => ports.files.missing(names)),
    readFile: (name, offset) => answered(() => ports.files.read(name, offset)),
    writeFile: (name, offset, part, epoch) =>
      answered(async () => {
        if (isOver(epoch)) return false;
        hear(epoch);
        await ports.files.write(name, offset, part);
        return true;
      }),
    remove: (key, known, epoch) => inTurn(() => remove(key, known, epoch)),
    note: (key, value, epoch) =>
      answered(async () => {
        if (isOver(epoch)) return false;
        hear(epoch);
        if (value === null) memory.inStep.delete(key);
        else memory.inStep.set(key, value);
        writeSoon();
        wake();
        return true;
      }),
    changes: (since, waitMs) =>
      answered(async () => {
        // Only who waits for the changes of a gateway that acts copies from it.
        const isFollower = waitMs > 0 && ports.acting();
        if (isFollower) followedAtMs = clock.bootMs();
        const [id, from] = since?.split(' ') ?? [];
        const place = (): string => `${ownId} ${serial}`;
        const isKnown = id === ownId && Number(from) >= forgotten;
        if (!isKnown) return { at: place(), keys: null };
        const keys = (): readonly string[] =>
          [...changedAt].filter(([, at]) => at > Number(from)).map(([key]) => key);
        if (waitMs > 0) await woken(waiting, clock, waitMs, () => isClosed || keys().length > 0);
        if (isFollower) followedAtMs = clock.bootMs();
        return { at: place(), keys: keys() };
      }),
    copied: async (key, waitMs) => {
      const session = store.find(key);
      if (session === null || clock.bootMs() - followedAtMs > goneMs) return false;
      const wanted = (await indexes.read(session))?.rows.size ?? 0;
      const isCopied = (): boolean => {
        const [known, index] = [memory.inStep.get(key), indexes.known(key)];
        if (known?.sessionId !== session.sessionId || index === null) return false;
        // What was known before rows were cut says nothing of those that are there now.
        if (known.rows === index.rows.size) return known.digest === index.digest;
        return known.rows >= wanted && known.rows < index.rows.size;
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

function fits(held: Mark | null, on: Mark | null): boolean {
  return held === null || on === null ? held === on : sameMark(held, on);
}
