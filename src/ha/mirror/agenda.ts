/** What a mirror has to look at, and what of it not yet: whatever did not work is tried again after twice the time. */
import type { Clock } from '../../base/index.ts';

export interface Agenda {
  /** Something happened in this conversation: it is due now. `rows`: so many are to be carried, as far as is known. */
  add(key: string, rows: number): void;
  has(key: string): boolean;
  /** It is being looked at; what is added from now on stays on the agenda. */
  begin(key: string): void;
  /** So many of its rows have arrived. */
  arrived(key: string, rows: number): void;
  done(key: string): void;
  /** It is due again in `firstMs`, and in twice as long each time after that, up to a minute. */
  postpone(key: string, firstMs: number): void;
  due(): readonly string[];
  /** Milliseconds until something is due; null: nothing is left. */
  dueInMs(): number | null;
  clear(): void;
  size(): number;
  rows(): number;
}

interface Entry {
  rows: number;
  dueMs: number;
  restMs: number;
  /** Something happened in it since it was begun. */
  isNew: boolean;
}

const longestRestMs = 60_000;

/** Nothing is on it yet. */
export function createAgenda(clock: Clock): Agenda {
  const entries = new Map<string, Entry>();
  return {
    add: (key, rows) => {
      const before = entries.get(key);
      entries.set(key, {
        rows: Math.max(rows, before?.rows ?? 0),
        dueMs: 0,
        restMs: 0,
        isNew: true,
      });
    },
    has: (key) => entries.has(key),
    begin: (key) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.isNew = false;
    },
    arrived: (key, rows) => {
      const entry = entries.get(key);
      if (entry !== undefined) entry.rows = Math.max(0, entry.rows - rows);
    },
    done: (key) => {
      if (entries.get(key)?.isNew === false) entries.delete(key);
    },
    postpone: (key, firstMs) => {
      const entry = entries.get(key);
      if (entry === undefined || entry.isNew) return;
      entry.restMs = entry.restMs === 0 ? firstMs : Math.min(longestRestMs, 2 * entry.restMs);
      entry.dueMs = clock.bootMs() + entry.restMs;
    },
    due: () => [...entries].filter(([, { dueMs }]) => dueMs <= clock.bootMs()).map(([key]) => key),
    dueInMs: () =>
      entries.size === 0
        ? null
        : Math.max(
            0,
            Math.min(...[...entries.values()].map(({ dueMs }) => dueMs)) - clock.bootMs(),
          ),
    clear: () => {
      entries.clear();
    },
    size: () => entries.size,
    rows: () => [...entries.values()].reduce((sum, { rows }) => sum + rows, 0),
  };
}
