/**
 * What passes between the tools that an agent calls and the app: one request, one answer. The caller's token goes before
 * the request (a line of its own, or a header), so that nothing of a caller who is not known is read.
 */
import { z } from 'zod';

import { fail, ok, type Result } from '../../base/index.ts';
import type { DomainId } from '../../shared/index.ts';
import { readAnswerSchema } from '../broker/answer-schema.ts';
import type { CallAnswer, CrossingCall } from '../broker/crossing.ts';
import type { Json } from '../canonical-json.ts';

/** The longest request, in bytes; looked at before anything is parsed. */
export const longestRequest = 64 * 1024;
/** How long a call waits for its answer, in milliseconds: OpenClaw's client gives up after 60 s. */
export const longestWaitMs = 45_000;

/** A call as the agent made it: the form of the answer is not checked yet. */
export interface ToolCall extends Omit<CrossingCall, 'answer'> {
  readonly answer: unknown;
}

export type DoorRequest = { readonly call: ToolCall } | { readonly ticket: string };

const shape = z.union([
  z.strictObject({
    call: z.strictObject({
      action: z.enum(['ask_work', 'tell_work']),
      to: z.string().min(1).max(60),
      text: z.string(),
      purpose: z.string(),
      answer: z.unknown(),
    }),
  }),
  z.strictObject({ ticket: z.string().min(1).max(100) }),
]) satisfies z.ZodType<DoorRequest>;

/** Reads a request; null when it is none. */
export function parseRequest(text: string): DoorRequest | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The call with the form of its answer checked; the failure says what is wrong with the form. */
export function crossingCall({ answer, ...call }: ToolCall): Result<CrossingCall, string> {
  if (answer === null || answer === undefined) return ok({ ...call, answer: null });
  const form = readAnswerSchema(answer);
  return form.ok
    ? ok({ ...call, answer: form.value })
    : fail(`the form of the answer cannot be used: ${form.error.slice(0, 500)}`);
}

/** What an agent gets to read of an answer. */
export type ToolAnswer = { readonly status: CallAnswer['status'] } & Readonly<Record<string, Json>>;

/** The answer to everybody who gets none, whatever the reason. */
export const notAvailable = { status: 'not-available' } as const satisfies ToolAnswer;

/** The answer for the agent, with the domains that had a hand in it, where that is more than choosing among its own words. */
export function toolAnswer(answer: CallAnswer): ToolAnswer {
  if (!('label' in answer)) return answer;
  const { label, ...rest } = answer;
  const writtenBy = domainsOf(label.via);
  return writtenBy.length === 0 ? rest : { ...rest, written_by: writtenBy };
}

function domainsOf(via: readonly string[]): readonly DomainId[] {
  return via.flatMap((one) => (one.startsWith('domain:') ? [one.slice('domain:'.length)] : []));
}

const answerShape = z.record(z.string(), z.json()).and(z.object({ status: z.string() }));

/** Reads an answer of the app; what is none counts as `not-available`. */
export function parseAnswer(text: string | null): Readonly<Record<string, unknown>> {
  if (text === null) return notAvailable;
  try {
    return answerShape.parse(JSON.parse(text));
  } catch {
    return notAvailable;
  }
}
