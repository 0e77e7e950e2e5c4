/**
 * One session's conversation as shown: durable messages of the gateway's transcript, the answer that is streaming, and
 * messages of ours that the gateway has not recorded yet. Pure: `(transcript, input) → transcript`.
 *
 * Invariants
 * 1. An id names one message for as long as it is shown: ours is its idempotency key, an assistant's is its run and its
 *    place in it (`run#0`, `run#1`), so a streaming answer and the row it becomes are one message, not two.
 * 2. A durable text is never replaced by a streamed one, however late the stream comes.
 * 3. Text is data: nothing here looks into it.
 * 4. What is shown and what is known of it are bounded: the oldest go, many in one step, when there are too many.
 */
import type { Because, TranscriptMessage } from '../shared/index.ts';

export interface Transcript {
  readonly messages: readonly TranscriptMessage[];
  /** The run that is answering now. */
  readonly runId: string | null;
  /** How many durable answers each run has so far; only runs of this connection. */
  readonly segments: ReadonlyMap<string, number>;
  /** Ids of the gateway's rows that are in: a row may come both with the history and as an event. */
  readonly recorded: ReadonlySet<string>;
  /** Messages that another gateway had: kept on the screen though the active one does not know them. */
  readonly carried: ReadonlySet<string>;
}

/** A message as the gateway's transcript has it. */
export interface DurableMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'tool';
  readonly text: string;
  readonly atMs: number;
  readonly runId: string | null;
  /** Our key, where the message is one of ours. */
  readonly idempotencyKey: string | null;
  /** Why it was routed here, where this app sent it. */
  readonly because: Because | null;
}

export type TranscriptInput =
  | {
      readonly kind: 'history';
      readonly messages: readonly DurableMessage[];
      readonly inFlight: { readonly runId: string; readonly text: string } | null;
      readonly atMs: number;
    }
  | { readonly kind: 'recorded'; readonly message: DurableMessage }
  | {
      readonly kind: 'streamed';
      readonly runId: string;
      readonly text: string;
      readonly atMs: number;
    }
  | { readonly kind: 'started'; readonly runId: string }
  | {
      readonly kind: 'ended';
      readonly runId: string;
      readonly outcome: 'done' | 'error' | 'stopped';
      readonly text: string;
      readonly atMs: number;
    }
  | {
      readonly kind: 'sent';
      readonly id: string;
      readonly text: string;
      readonly because: Because;
      readonly atMs: number;
    }
  | { readonly kind: 'withdrawn'; readonly id: string }
  | { readonly kind: 'moved' };

const mostMessages = 1_500;
const keptMessages = 1_000;

/** A conversation of which nothing is known yet. */
export const emptyTranscript: Transcript = {
  messages: [],
  runId: null,
  segments: new Map(),
  recorded: new Set(),
  carried: new Set(),
};

/** Applies one input; returns the same value when nothing changed. */
export function reduceTranscript(transcript: Transcript, input: TranscriptInput): Transcript {
  switch (input.kind) {
    case 'history':
      return fromHistory(transcript, input);
    case 'recorded':
      return record(transcript, input.message);
    case 'started':
      return transcript.runId === input.runId ? transcript : { ...transcript, runId: input.runId };
    case 'streamed':
      return stream({ ...transcript, runId: input.runId }, input.runId, input.text, input.atMs);
    case 'ended':
      return end(transcript, input);
    case 'sent':
      return upsert(transcript, {
        id: input.id,
        role: 'user',
        text: input.text,
        atMs: input.atMs,
        status: 'done',
        runId: input.id,
        because: input.because,
      });
    case 'withdrawn':
      return {
        ...transcript,
        messages: transcript.messages.filter((message) => message.id !== input.id),
      };
    case 'moved':
      return {
        ...transcript,
        messages: transcript.messages.map((message) =>
          message.status === 'streaming' ? { ...message, status: 'interrupted' } : message,
        ),
        runId: null,
        segments: new Map(),
        recorded: new Set(),
        carried: new Set(transcript.messages.map((message) => message.id)),
      };
  }
}

/** The gateway's history is the truth; what only we know (sent but unrecorded, carried over) is kept beside it, by time. */
function fromHistory(
  transcript: Transcript,
  input: Extract<TranscriptInput, { kind: 'history' }>,
): Transcript {
  const { rows, segments, recorded } = rowsOf(input.messages);
  const ours = (message: TranscriptMessage): boolean =>
    message.because !== null || transcript.carried.has(message.id);
  const kept = transcript.messages.filter((message) => !rows.has(message.id) && ours(message));
  const next = bounded({
    messages: [...rows.values(), ...kept].sort((a, b) => a.atMs - b.atMs),
    runId: input.inFlight?.runId ?? null,
    segments,
    recorded,
    carried: transcript.carried,
  });
  return input.inFlight === null || input.inFlight.text === ''
    ? next
    : stream(next, input.inFlight.runId, input.inFlight.text, input.atMs);
}

/** A history as it is shown: its messages by the id that each is shown under. */
export function rowsOf(messages: readonly DurableMessage[]): {
  readonly rows: ReadonlyMap<string, TranscriptMessage>;
  readonly segments: ReadonlyMap<string, number>;
  readonly recorded: ReadonlySet<string>;
} {
  const recorded = new Set<string>();
  const segments = new Map<string, number>();
  const rows = new Map<string, TranscriptMessage>();
  for (const message of messages) {
    if (recorded.has(message.id)) continue;
    recorded.add(message.id);
    const row = shown(message, takePlace(segments, message));
    rows.set(row.id, row);
  }
  return { rows, segments, recorded };
}

function record(transcript: Transcript, message: DurableMessage): Transcript {
  if (transcript.recorded.has(message.id)) return transcript;
  const recorded = new Set(transcript.recorded).add(message.id);
  const segments = new Map(transcript.segments);
  const row = shown(message, takePlace(segments, message));
  return bounded(upsert({ ...transcript, segments, recorded }, row));
}

/** The id a durable message is shown under; an answer takes the next place of its run in `segments`. */
function takePlace(segments: Map<string, number>, message: DurableMessage): string {
  if (message.role !== 'assistant' || message.runId === null)
    return message.idempotencyKey ?? message.id;
  const place = segments.get(message.runId) ?? 0;
  segments.set(message.runId, place + 1);
  return segmentId(message.runId, place);
}

function shown(message: DurableMessage, id: string): TranscriptMessage {
  return {
    id,
    role: message.role,
    text: message.text,
    atMs: message.atMs,
    status: 'done',
    runId: message.runId ?? message.idempotencyKey,
    because: message.because,
  };
}

function stream(transcript: Transcript, runId: string, whole: string, atMs: number): Transcript {
  const place = transcript.segments.get(runId) ?? 0;
  const text = beyondRows(transcript, runId, place, whole);
  if (text === '') return transcript; // invariant 2: the stream lags behind the rows
  const id = segmentId(runId, place);
  const current = transcript.messages.find((message) => message.id === id);
  // Said once more by another gateway, it goes on where it was cut as soon as it is that far.
  const isBehind = transcript.carried.has(id) && current?.text.startsWith(text) === true;
  return upsert(transcript, {
    id,
    role: 'assistant',
    text: isBehind ? current.text : text,
    // One that was cut goes on when another gateway answers.
    atMs: current?.status === 'streaming' ? current.atMs : atMs,
    status: 'streaming',
    runId,
    because: null,
  });
}

/**
 * What a streamed text adds to the answers of its run that are rows already. A gateway streams the run's latest answer,
 * or all of them in a row (seen when a second message joined a run), and either may lag behind the rows.
 */
function beyondRows(transcript: Transcript, runId: string, rows: number, whole: string): string {
  let rest = whole;
  for (let place = 0; place < rows; place += 1) {
    const id = segmentId(runId, place);
    const row = transcript.messages.find((message) => message.id === id)?.text ?? '';
    if (row.startsWith(rest)) return '';
    if (row !== '' && rest.startsWith(row)) rest = rest.slice(row.length).trimStart();
  }
  return rest;
}

function end(
  transcript: Transcript,
  input: Extract<TranscriptInput, { kind: 'ended' }>,
): Transcript {
  const streamed =
    input.outcome === 'done' && input.text !== ''
      ? stream(transcript, input.runId, input.text, input.atMs)
      : transcript;
  const status = input.outcome;
  const over: Transcript = {
    ...streamed,
    messages: streamed.messages.map((message) =>
      message.runId === input.runId && message.status === 'streaming'
        ? { ...message, status }
        : message,
    ),
    runId: streamed.runId === input.runId ? null : streamed.runId,
  };
  if (input.outcome !== 'error') return over;
  return upsert(over, {
    id: `${input.runId}!`,
    role: 'assistant',
    text: input.text,
    atMs: input.atMs,
    status: 'error',
    runId: input.runId,
    because: null,
  });
}

function segmentId(runId: string, place: number): string {
  return `${runId}#${place}`;
}

function upsert(transcript: Transcript, message: TranscriptMessage): Transcript {
  const index = transcript.messages.findIndex((shownMessage) => shownMessage.id === message.id);
  const current = transcript.messages[index];
  if (current === undefined)
    return bounded({ ...transcript, messages: [...transcript.messages, message] });
  const merged = { ...message, because: message.because ?? current.because };
  if (sameMessage(current, merged)) return transcript;
  return { ...transcript, messages: transcript.messages.with(index, merged) };
}

/** Invariant 4. Rows may come without a message of their own to show, so their ids are counted for themselves. */
function bounded(transcript: Transcript): Transcript {
  const { recorded } = transcript;
  const fewer: Transcript =
    recorded.size > mostMessages
      ? { ...transcript, recorded: new Set([...recorded].slice(-keptMessages)) }
      : transcript;
  if (transcript.messages.length <= mostMessages) return fewer;
  const messages = transcript.messages.slice(-keptMessages);
  const ids = new Set(messages.map((message) => message.id));
  const runs = new Set(messages.map((message) => message.runId));
  return {
    ...fewer,
    messages,
    segments: new Map([...transcript.segments].filter(([runId]) => runs.has(runId))),
    carried: new Set([...transcript.carried].filter((id) => ids.has(id))),
  };
}

function sameMessage(a: TranscriptMessage, b: TranscriptMessage): boolean {
  return (
    a.text === b.text &&
    a.status === b.status &&
    a.atMs === b.atMs &&
    a.role === b.role &&
    a.because === b.because
  );
}

/**
 * The messages of `next` that are new or other than in `previous`; or `reset`, where one of those went away or changed its
 * place: then all must be sent anew.
 */
export function transcriptChange(
  previous: Transcript,
  next: Transcript,
): { readonly upsert: readonly TranscriptMessage[]; readonly reset: boolean } {
  const reset = previous.messages.some((message, index) => next.messages[index]?.id !== message.id);
  const changed = next.messages.filter((message, index) => message !== previous.messages[index]);
  return { reset, upsert: reset ? [] : changed };
}
