/**
 * What is remembered of the transcripts of one gateway, so that none is read twice: the ids of their rows, and their sum.
 *
 * Invariants
 * 1. It is computed from the rows that are there, and thrown away as soon as the store says that rows were rewritten.
 * 2. A transcript is read by one at a time, or its rows would be counted twice.
 * 3. Between two pages the gateway does other work: reading is synchronous inside.
 */
import { addDigests, canonical, emptyDigest } from './digest.ts';
import type { Sha256 } from './digest.ts';
import type { Mark, Row } from './model.ts';
import type { Tail } from './ports.ts';
import type { RowPage, RowStore, StoredSession } from './row-store.ts';

export interface IndexPorts {
  readonly store: RowStore;
  readonly sha256: Sha256;
  /** Lets the gateway do other work. */
  readonly breathe: () => Promise<void>;
}

/** What is remembered of one transcript; grows with it. */
export interface Index {
  readonly sessionId: string;
  /** Ids in the order of the store, each with its place in it. */
  readonly rows: ReadonlyMap<string, number>;
  /** Of the rows, by place. */
  readonly hashes: readonly string[];
  readonly digest: string;
  /** The branch that is shown ends here. */
  readonly leaf: string | null;
  /** The same, as if the rows that are left out were not there. */
  readonly carriedLeaf: string | null;
  /** So many rows are too large to be carried, and not among them. */
  readonly leftOut: number;
}

export interface Indexes {
  /** What a transcript holds now; null: there is none. */
  read(session: StoredSession): Promise<Index | null>;
  /** The same, without a look at the rows if its size is what it was; a look brings a transcript back from an archive. */
  readIfChanged(session: StoredSession): Promise<Index | null>;
  /** What was read last of a conversation. */
  known(key: string): Index | null;
  forget(key: string): void;
  /** The rows at these places, in order: as many of the first ones as fit into a message, at least one; null: gone. */
  rowsAt(session: StoredSession, places: readonly number[]): Promise<readonly Row[] | null>;
  /** The rows after the first `after`, and the digest of those; null: gone. */
  tail(session: StoredSession, after: number): Promise<Tail | null>;
}

interface Place {
  readonly rows: number;
  readonly digest: string;
  readonly at: string | null;
}

interface GrowingIndex extends Index {
  readonly rows: Map<string, number>;
  readonly hashes: string[];
  digest: string;
  leaf: string | null;
  carriedLeaf: string | null;
  leftOut: number;
  /** Of the transcript, before it was read last by `readIfChanged`. */
  size: string;
  /** Places in the store: after so many rows, with the digest of those. The last one is the end. */
  readonly places: Place[];
}

const beginning: Place = { rows: 0, digest: emptyDigest, at: null };

/** So many rows, and about so many characters of them, go into one message. */
const batchRows = 25;
const batchLength = 256 * 1024;
const placeEveryRows = 100;
/** In bytes. A message to a gateway may have 25 MiB. */
const largestRow = 16 * 1024 * 1024;

/** Nothing is read before it is asked for. */
export function createIndexes(ports: IndexPorts): Indexes {
  const { store } = ports;
  const indexes = new Map<string, GrowingIndex>();
  const readings = new Map<string, Promise<unknown>>();

  const pageAfter = async (session: StoredSession, at: string | null): Promise<RowPage> => {
    const page = await store.read(session, at);
    if (page.kind === 'page' && page.more && page.at === at)
      throw new Error('a row of this conversation is too large to be read');
    return page;
  };
  const readOn = async (session: StoredSession): Promise<GrowingIndex | null> => {
    const known = indexes.get(session.key);
    let index = known?.sessionId === session.sessionId ? known : newIndex(session.sessionId);
    for (;;) {
      const page: RowPage = await pageAfter(session, index.places.at(-1)?.at ?? null);
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
      await ports.breathe(); // invariant 3
    }
  };
  const read = (session: StoredSession): Promise<GrowingIndex | null> => {
    const before = readings.get(session.key) ?? Promise.resolve();
    const mine = before.then(() => readOn(session)); // invariant 2
    const settled = mine
      .catch(() => undefined)
      .finally(() => {
        if (readings.get(session.key) === settled) readings.delete(session.key);
      });
    readings.set(session.key, settled);
    return mine;
  };

  const rowsAt = async (
    session: StoredSession,
    wanted: readonly number[],
  ): Promise<readonly Row[] | null> => {
    const index = indexes.get(session.key);
    if (index?.sessionId !== session.sessionId) return null;
    const rows: Row[] = [];
    let length = 0;
    let at: string | null = null;
    let reached = -1; // so many rows lie before `at`
    for (let page: RowPage | null = null; rows.length < Math.min(wanted.length, batchRows);) {
      const next = wanted[rows.length] ?? 0;
      const place = index.places.findLast((each) => each.rows <= next) ?? beginning;
      if (page === null || place.rows > reached) ({ at, rows: reached } = place);
      page = await pageAfter(session, at);
      if (page.kind !== 'page') return null;
      for (const row of page.rows) {
        const nth = index.rows.get(row.id);
        if (nth === undefined || nth < reached) continue; // too large, or it came later
        if (nth > reached) return null; // rewritten meanwhile
        reached += 1;
        if (nth !== wanted[rows.length]) continue;
        length += JSON.stringify(row).length;
        if (rows.length > 0 && length > batchLength) return rows;
        rows.push(row);
        if (rows.length === batchRows) return rows;
      }
      if (!page.more) return rows;
      ({ at } = page);
      await ports.breathe(); // invariant 3
    }
    return rows;
  };

  return {
    read,
    readIfChanged: async (session) => {
      const known = indexes.get(session.key);
      const size = store.size(session);
      if (known?.sessionId === session.sessionId && known.size === size) return known;
      const index = await read(session);
      if (index !== null) index.size = size;
      return index;
    },
    known: (key) => indexes.get(key) ?? null,
    forget: (key) => {
      indexes.delete(key);
    },
    rowsAt,
    tail: async (session, after) => {
      const index = await read(session);
      if (index === null) return null;
      const count = Math.min(batchRows, Math.max(0, index.rows.size - after));
      const before = digestOf(index, after);
      const rows = await rowsAt(
        session,
        Array.from({ length: count }, (_row, at) => after + at),
      );
      return rows === null ? null : { before, settings: session.settings, rows };
    },
  };
}

/** The mark of what was read; null stands for a transcript without rows. */
export function markOf(sessionId: string, index: Index | null): Mark {
  return { sessionId, rows: index?.rows.size ?? 0, digest: index?.digest ?? emptyDigest };
}

function newIndex(sessionId: string): GrowingIndex {
  return {
    sessionId,
    rows: new Map(),
    hashes: [],
    digest: emptyDigest,
    leaf: null,
    carriedLeaf: null,
    leftOut: 0,
    size: '',
    places: [],
  };
}

function extend(
  index: GrowingIndex,
  page: Extract<RowPage, { kind: 'page' }>,
  sha256: Sha256,
): void {
  for (const row of page.rows) {
    const text = canonical(row);
    index.leaf = leafOf(row);
    if (index.rows.has(row.id)) continue;
    if (isTooLarge(text)) {
      index.leftOut += 1;
      continue;
    }
    index.carriedLeaf = index.leaf;
    const hash = sha256(text);
    index.rows.set(row.id, index.rows.size);
    index.hashes.push(hash);
    index.digest = addDigests(index.digest, hash);
  }
  const { places, rows, digest } = index;
  // One place in a hundred rows is enough to find any row again.
  if (rows.size - (places.at(-2)?.rows ?? 0) < placeEveryRows) places.pop();
  places.push({ rows: rows.size, digest, at: page.at });
}

/** The digest of the first `count` rows; of all if there are fewer. */
function digestOf(index: GrowingIndex, count: number): string {
  const place = index.places.findLast(({ rows }) => rows <= count) ?? beginning;
  return index.hashes.slice(place.rows, count).reduce(addDigests, place.digest);
}

function isTooLarge(text: string): boolean {
  if (text.length > largestRow) return true;
  // A character has three bytes at most.
  return text.length * 3 > largestRow && new TextEncoder().encode(text).length > largestRow;
}

/** The end of the branch that is shown once this row is the last one. */
function leafOf(row: Row): string | null {
  const { targetId } = row;
  if (row.type !== 'leaf') return row.id;
  return typeof targetId === 'string' ? targetId : null;
}
