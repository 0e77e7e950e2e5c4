import type { SessionSummary } from '../shared/index.ts';
import { contentText, transcriptRole } from '../trust/index.ts';
import type { DurableMessage } from './transcript.ts';

/**
 * Reads what gateways answer into our own shapes. Everything here is data from outside: a field that is missing or of
 * another type is left out, a row that makes no sense is dropped, and long texts are cut.
 */
const titleLimit = 200;
const nameLimit = 60;

/** How many rows are asked for, and the most that are read of an answer, however long it is. */
export const historyLimit = 200;
export const sessionLimit = 60;

/**
 * How far back a `chat.history` answer, asked for `historyLimit` rows, reaches: the wall time of its oldest row; null where it
 * is whole, undefined where that is not known.
 */
export function reachOf(history: unknown): number | null | undefined {
  const answer = record(history);
  const rows = answer?.['messages'];
  if (!Array.isArray(rows)) return undefined;
  const more = answer?.['hasMore'] ?? rows.length >= historyLimit;
  if (more === false) return null;
  return number(record(rows[0])?.['timestamp']) ?? undefined;
}

/** The newest rows of a `chat.history` answer and the run that is answering. */
export function readHistory(value: unknown): {
  readonly messages: readonly DurableMessage[];
  readonly inFlight: { readonly runId: string; readonly text: string } | null;
} {
  const answer = record(value);
  const rows = answer?.['messages'];
  const run = record(answer?.['inFlightRun']);
  const runId = string(run?.['runId']);
  return {
    messages: Array.isArray(rows)
      ? rows
          .slice(-historyLimit)
          .map(readMessage)
          .filter((message) => message !== null)
      : [],
    inFlight: runId === null ? null : { runId, text: string(run?.['text']) ?? '' },
  };
}

/** The rows of a `sessions.list` answer, newest first. */
export function readSessions(value: unknown): readonly SessionSummary[] {
  const rows = record(value)?.['sessions'];
  if (!Array.isArray(rows)) return [];
  return rows
    .slice(0, sessionLimit)
    .map(readSession)
    .filter((session) => session !== null)
    .sort((a, b) => b.updatedAtMs - a.updatedAtMs);
}

/** A session key as a person may read it: `agent:main:main` → "main". */
export function sessionName(key: string): string {
  return key.split(':').at(-1) ?? key;
}

/** Our idempotency key, out of the one that a gateway's row of a message of ours carries (`<key>:user`); null for other rows. */
export function ownKey(rowKey: string | null): string | null {
  return rowKey?.endsWith(':user') === true ? rowKey.slice(0, -':user'.length) : null;
}

/**
 * The tools that ran for our message `key` when its turn was cut: called after its row in a `chat.history` answer, and
 * without a result. Their names are data from outside, cut to a length that fits on a line.
 */
export function openTools(history: unknown, key: string): readonly string[] {
  const rows = record(history)?.['messages'];
  if (!Array.isArray(rows)) return [];
  const begin = rows.findIndex((row) => record(row)?.['idempotencyKey'] === `${key}:user`);
  if (begin === -1) return [];
  const open = new Map<string, string>();
  for (const value of rows.slice(begin)) {
    const row = record(value);
    const content = row?.['content'];
    if (row?.['role'] === 'toolResult') open.delete(string(row['toolCallId']) ?? '');
    if (row?.['role'] !== 'assistant' || !Array.isArray(content)) continue;
    for (const part of content.map(record)) {
      const id = string(part?.['id']);
      if (part?.['type'] === 'toolCall' && id !== null)
        open.set(id, (string(part['name']) ?? 'tool').slice(0, nameLimit));
    }
  }
  return [...open.values()];
}

function readMessage(value: unknown): DurableMessage | null {
  const row = record(value);
  const meta = record(row?.['__openclaw']);
  const id = string(meta?.['id']);
  const role = transcriptRole(string(row?.['role']) ?? '');
  const text = contentText(row?.['content']);
  if (id === null || role === null || text === '') return null;
  const atMs = number(row?.['timestamp']) ?? number(meta?.['recordTimestampMs']) ?? 0;
  return {
    id,
    role,
    text,
    atMs,
    runId: string(meta?.['runId']),
    idempotencyKey: ownKey(string(row?.['idempotencyKey'])),
    because: null,
  };
}

function readSession(value: unknown): SessionSummary | null {
  const row = record(value);
  const key = string(row?.['key']);
  if (row === null || key === null) return null;
  const title =
    string(row['label']) ??
    string(row['displayName']) ??
    string(row['derivedTitle']) ??
    sessionName(key);
  return {
    key,
    title: title.slice(0, titleLimit),
    updatedAtMs: number(row['updatedAt']) ?? 0,
    running: row['hasActiveRun'] === true,
  };
}

function record(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null;
}

function string(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value : null;
}

function number(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}
