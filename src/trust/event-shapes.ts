import { z } from 'zod';

import type { AdmittedEvent } from './model.ts';

/** No text of an event is kept beyond this many characters; what a person reads never needs more. */
const longestText = 200_000;
const longestWord = 512;
const mostParts = 500;

const key = z.string().min(1).max(longestWord);
const count = z.int().nonnegative();
const milliseconds = z.number().nonnegative();
const optionalText = z.string().transform(bounded).nullish();

// Loose on purpose: gateways add fields. Only what is named here goes on, so nothing else can have an effect.
const chat = z.object({
  sessionKey: key,
  runId: key,
  seq: count,
  state: z.enum(['status', 'delta', 'final', 'error', 'aborted']),
  message: z.unknown().optional(),
  deltaText: optionalText,
  replace: z.boolean().nullish(),
  stopReason: z.string().max(longestWord).nullish(),
  errorMessage: optionalText,
});

const sessionMessage = z.object({
  sessionKey: key,
  messageId: key,
  message: z.object({
    role: z.string().max(longestWord),
    content: z.unknown().optional(),
    timestamp: milliseconds.nullish(),
    idempotencyKey: key.nullish(),
    __openclaw: z.object({ runId: key.nullish() }).nullish(),
  }),
});

const sessionsChanged = z.object({
  sessionKey: key.nullish(),
  reason: z.string().max(longestWord).nullish(),
});

const agentTool = z.object({
  sessionKey: key,
  runId: key,
  data: z.object({
    phase: z.enum(['start', 'update', 'result']),
    name: z.string().min(1).max(longestWord),
    toolCallId: key,
    isError: z.boolean().nullish(),
  }),
});

const shutdown = z.object({
  reason: z.string().transform(bounded).nullish(),
  restartExpectedMs: milliseconds.nullish(),
});

/** Reads the payload of a `chat` event; null when it has another shape. */
export function readChat(payload: unknown): AdmittedEvent | null {
  const parsed = chat.safeParse(payload);
  if (!parsed.success) return null;
  const { sessionKey, runId, seq, state, message, deltaText, replace, stopReason, errorMessage } =
    parsed.data;
  return {
    kind: 'chat',
    sessionKey,
    runId,
    seq,
    state,
    text: message === undefined ? null : messageText(message),
    delta: deltaText ?? null,
    replace: replace ?? false,
    stopReason: stopReason ?? null,
    error: errorMessage ?? null,
  };
}

/** Reads the payload of a `session.message` event: a row of the gateway's transcript. */
export function readSessionMessage(payload: unknown): AdmittedEvent | null {
  const parsed = sessionMessage.safeParse(payload);
  if (!parsed.success) return null;
  const { sessionKey, messageId, message } = parsed.data;
  const role = transcriptRole(message.role);
  if (role === null) return null;
  return {
    kind: 'session-message',
    sessionKey,
    messageId,
    role,
    text: contentText(message.content),
    atMs: message.timestamp ?? null,
    runId: message.__openclaw?.runId ?? null,
    idempotencyKey: message.idempotencyKey ?? null,
  };
}

/** Reads the payload of a `sessions.changed` event. */
export function readSessionsChanged(payload: unknown): AdmittedEvent | null {
  const parsed = sessionsChanged.safeParse(payload);
  return parsed.success
    ? {
        kind: 'sessions-changed',
        sessionKey: parsed.data.sessionKey ?? null,
        reason: parsed.data.reason ?? '',
      }
    : null;
}

/** Reads the payload of a tool call's progress. Its arguments and results are not passed on. */
export function readAgentTool(payload: unknown): AdmittedEvent | null {
  const parsed = agentTool.safeParse(payload);
  if (!parsed.success) return null;
  const { sessionKey, runId, data } = parsed.data;
  return {
    kind: 'agent-tool',
    sessionKey,
    runId,
    toolCallId: data.toolCallId,
    name: data.name.replace(/[\p{Cc}\p{Cf}]/gu, ''),
    phase: data.phase,
    failed: data.isError ?? false,
  };
}

/** Reads the payload of a `shutdown` event. */
export function readShutdown(payload: unknown): AdmittedEvent | null {
  const parsed = shutdown.safeParse(payload);
  return parsed.success
    ? {
        kind: 'shutdown',
        reason: parsed.data.reason ?? '',
        restartExpectedMs: parsed.data.restartExpectedMs ?? null,
      }
    : null;
}

/** The text of a message's content as gateways write it: a string, or a list of parts of which the text parts count. */
export function contentText(content: unknown): string {
  if (typeof content === 'string') return bounded(content);
  if (!Array.isArray(content)) return '';
  const parts: readonly unknown[] = content.slice(0, mostParts);
  return bounded(
    parts
      .map((part) =>
        isRecord(part) && part['type'] === 'text' && typeof part['text'] === 'string'
          ? part['text']
          : null,
      )
      .filter((text) => text !== null)
      .join('\n'),
  );
}

/** Who speaks in a row of a transcript; null for rows that are not shown. */
export function transcriptRole(role: string): 'user' | 'assistant' | 'tool' | null {
  if (role === 'user' || role === 'assistant') return role;
  return role === 'tool' || role === 'toolResult' ? 'tool' : null;
}

function messageText(message: unknown): string | null {
  return isRecord(message) ? contentText(message['content']) : null;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function bounded(text: string): string {
  return text.length <= longestText ? text : `${text.slice(0, longestText)}…`;
}
