/** A gateway that is only its conversations, in memory, with its journal: fast, and with faults to order. */
import { createHash } from 'node:crypto';

import { fail } from '../../../base/index.ts';
import type { Clock } from '../../../base/index.ts';
import { manualClock } from '../../../base/testing/manual-clock.ts';
import { aroundJournal } from '../around-journal.ts';
import { openJournal } from '../journal.ts';
import type { LocalJournal } from '../journal.ts';
import { partBytes } from '../media.ts';
import type { FileStore } from '../media.ts';
import type { Row, SessionSettings } from '../model.ts';
import type { Journal } from '../ports.ts';
import type { RowStore } from '../row-store.ts';

interface Conversation {
  sessionId: string;
  generation: string;
  settings: SessionSettings;
  rows: readonly Row[];
  busy: boolean;
}

export interface MemoryGateway {
  readonly journal: Journal;
  /** The journal without faults; another one after a restart. */
  readonly local: LocalJournal;
  readonly conversations: Map<string, Conversation>;
  acting: boolean;
  /** The highest epoch that it was told. */
  epoch: number;
  /** What goes wrong with the next call: it does not arrive, or its answer gets lost. */
  fault: () => 'lost-call' | 'lost-answer' | null;
  /** It is killed and starts again: all that was not written down is lost. */
  restart(): void;
  begin(key: string, sessionId?: string): Conversation;
  /** Somebody says something, in the branch that is shown. */
  say(key: string, ...ids: readonly string[]): void;
  put(key: string, row: Row): void;
  /** The branch that is shown, oldest first. */
  shown(key: string): readonly string[];
  ids(key: string): readonly string[];
  /** Files beside the transcripts, by name. */
  readonly files: Map<string, Uint8Array>;
  /** How often it read rows of a transcript, and how many. */
  readonly reads: { pages: number; rows: number; breaths: number };
  readonly store: RowStore;
  /** Conversations with a row that cannot be read. */
  readonly stuck: Set<string>;
  /** Writes fail instead of their row of this number, counted from 0; null: they do not. */
  breakWriteAt: number | null;
  /** Where a write fails, nothing is written after it either. */
  isKilledByBreak: boolean;
  /** What happens while the store gets ready to write. */
  beforeWrite: () => void;
}

const pageRows = 4;
/** As a gateway has it. */
export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** An empty gateway. */
export function memoryGateway(clock: Clock = manualClock()): MemoryGateway {
  const conversations = new Map<string, Conversation>();
  const listeners = new Set<(key: string) => void>();
  const reads = { pages: 0, rows: 0, breaths: 0 };
  const stuck = new Set<string>();
  let isBroken = false;
  const files = new Map<string, Uint8Array>();
  let serial = 0;
  const changed = (key: string): void => {
    for (const listener of listeners) listener(key);
  };
  const begin = (key: string, sessionId = `id of ${key}`): Conversation => {
    serial += 1;
    const fresh = { sessionId, generation: `g${serial}`, settings: {}, rows: [], busy: false };
    conversations.set(key, fresh);
    changed(key);
    return fresh;
  };
  const put = (key: string, row: Row): void => {
    const target = conversations.get(key) ?? begin(key);
    target.rows = [...target.rows, row];
    changed(key);
  };

  const store: RowStore = {
    list: () =>
      [...conversations].map(([key, { sessionId, settings }]) => ({ key, sessionId, settings })),
    find: (key) => store.list().find((session) => session.key === key) ?? null,
    size: ({ key }) => {
      const found = conversations.get(key);
      return `${found?.generation} ${found?.rows.length}`;
    },
    read: async ({ key, sessionId }, at) => {
      const found = conversations.get(key);
      if (found?.sessionId !== sessionId) return { kind: 'missing' };
      const [generation = found.generation, from = '0'] = at?.split(' ') ?? [];
      if (generation !== found.generation) return { kind: 'rewritten' };
      const end = Number(from) + pageRows;
      const rows = found.rows.slice(Number(from), end);
      reads.pages += 1;
      if (stuck.has(key))
        return { kind: 'page', at: at ?? `${generation} 0`, rows: [], more: true };
      reads.rows += rows.length;
      return {
        kind: 'page',
        at: `${generation} ${Number(from) + rows.length}`,
        rows,
        more: end < found.rows.length,
      };
    },
    write: async ({ key }, rows, may) => {
      if (isBroken && gateway.isKilledByBreak) throw new Error('killed');
      gateway.beforeWrite();
      if (!may()) return false;
      for (const [nth, row] of rows.entries()) {
        if (nth === gateway.breakWriteAt) {
          isBroken = true;
          throw new Error('the disk says no');
        }
        put(key, row);
      }
      return true;
    },
    put: async ({ key, sessionId, settings }) => {
      const found = conversations.get(key);
      const target = found?.sessionId === sessionId ? found : begin(key, sessionId);
      target.settings = settings;
      changed(key);
    },
    remove: async (key) => {
      conversations.delete(key);
      changed(key);
    },
    onChange: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };

  let memory: string | null = null;
  let starts = 0;
  const open = (): LocalJournal => {
    const start = (starts += 1);
    return openJournal({
      pair: 'home',
      store,
      files: memoryFiles(files),
      acting: () => gateway.acting,
      epoch: () => gateway.epoch,
      isBusy: (key) => conversations.get(key)?.busy === true,
      memory: {
        read: () => memory,
        write: (text) => {
          if (start === starts) memory = text;
        },
        keep: (text) => {
          if (start === starts) memory = text;
        },
      },
      sha256,
      breathe: async () => {
        reads.breaths += 1;
      },
      newId: () => `made-${serial++}-${Math.random()}`,
      clock,
    });
  };
  let local = open();
  const gateway: MemoryGateway = {
    journal: aroundJournal(
      () => local,
      async (ask) => {
        const fault = gateway.fault();
        if (fault === 'lost-call') return fail({ words: 'lost', gone: true });
        const answer = await ask();
        return fault === null ? answer : fail({ words: 'lost', gone: true });
      },
    ),
    get local() {
      return local;
    },
    conversations,
    files,
    reads,
    store,
    stuck,
    breakWriteAt: null,
    isKilledByBreak: false,
    beforeWrite: () => undefined,
    restart: () => {
      starts += 1; // what was not written down by now never will be
      local.close();
      local = open();
    },
    acting: false,
    epoch: 0,
    fault: () => null,
    begin,
    put,
    say: (key, ...ids) => {
      for (const id of ids) put(key, messageRow(id, leafOf(conversations.get(key)?.rows ?? [])));
    },
    shown: (key) => {
      const rows = conversations.get(key)?.rows ?? [];
      const parents = new Map(rows.map((row) => [row.id, row.parentId]));
      const path: string[] = [];
      for (let at = leafOf(rows); at !== null; at = parents.get(at) ?? null) path.unshift(at);
      return path;
    },
    ids: (key) => (conversations.get(key)?.rows ?? []).map(({ id }) => id),
  };
  return gateway;
}

function memoryFiles(files: Map<string, Uint8Array>): FileStore {
  const parts = new Map<string, Uint8Array>();
  return {
    missing: async (names) => names.filter((name) => !files.has(name)),
    read: async (name, offset) => {
      const file = files.get(name);
      if (file === undefined) return null;
      const data = Buffer.from(file.subarray(offset, offset + partBytes)).toString('base64');
      return { data, size: file.length };
    },
    write: async (name, offset, { data, size }) => {
      if (files.has(name)) return;
      const before = parts.get(name)?.subarray(0, offset) ?? new Uint8Array();
      const now = Buffer.concat([before, Buffer.from(data, 'base64')]);
      parts.set(name, now);
      if (now.length === size) files.set(name, now);
    },
  };
}

function leafOf(rows: readonly Row[]): string | null {
  const last = rows.at(-1);
  return last?.type === 'leaf' ? (last['targetId'] as string | null) : (last?.id ?? null);
}

/** A row that says which branch is shown. */
export function leafRow(id: string, targetId: string | null): Row {
  return { type: 'leaf', id, parentId: targetId, timestamp: '2026-01-01T00:00:00.000Z', targetId };
}

/** A row as a person or a model writes it. */
export function messageRow(id: string, parentId: string | null, text = id): Row {
  return {
    type: 'message',
    id,
    parentId,
    timestamp: '2026-01-01T00:00:00.000Z',
    message: { role: 'user', content: text },
  };
}
