/**
 * The guardian's side of our plugin: typed calls over the connection that the checks hold open.
 *
 * Invariants
 * 1. Nothing rejects: what went wrong is a kind of answer.
 * 2. `absent` is said only by a gateway that answered and does not know the method, or forbids it: it will stay so on this
 *    connection. Everything that may pass by itself is `unreachable`.
 * 3. What a gateway answers is checked before it is believed.
 */
import { GatewayClientRequestError } from '@openclaw/gateway-client';
import { z } from 'zod';

import { assertNever, errorText, redact } from '../../base/index.ts';
import type { HeldConnection } from '../health/held-connection.node.ts';
import { isUnknownMethod } from '../health/held-connection.node.ts';
import type { FenceCalls, FenceMethod } from './protocol.ts';

/** How a call of the plugin ended. `refused`: the plugin answered, and said no. */
export type PluginAnswer<T> =
  | { readonly kind: 'answered'; readonly value: T }
  | { readonly kind: 'refused'; readonly detail: string }
  | { readonly kind: 'absent'; readonly detail: string }
  | { readonly kind: 'unreachable'; readonly detail: string };

export type PluginConnection = Pick<HeldConnection, 'request' | 'generation'>;

/** A refusal of the plugin in a gateway of another computer, as the guardian there passed it on. */
export class PluginRefusal extends Error {}

const record = z.object({
  epoch: z.int().positive(),
  holder: z.string().min(1),
  ctr: z.int().positive(),
  addr: z.string(),
});
const answers: { readonly [M in FenceMethod]: z.ZodType<FenceCalls[M][1]> } = {
  'switchyard.status': z.object({
    plugin: z.string(),
    openclaw: z.string(),
    pair: z.string(),
    gateway: z.string(),
    mode: z.enum(['timed', 'held']),
    bootMs: z.number(),
    lease: z.object({ epoch: z.int(), seq: z.int(), untilMs: z.number().nullable() }),
    acting: z.boolean(),
    draining: z.boolean(),
    running: z.int(),
    problem: z.string().nullable(),
  }),
  'switchyard.grant': z.object({ acting: z.boolean(), seq: z.int() }),
  'switchyard.acquire': z.object({
    result: z.enum(['swapped', 'conflict', 'held']),
    record: record.nullable(),
  }),
  'switchyard.fence': z.object({ fenced: z.boolean(), running: z.int() }),
  'switchyard.drain': z.object({ drained: z.boolean(), running: z.int() }),
  'switchyard.probe': z.object({ marked: z.literal(true) }),
  'switchyard.warm': z.object({ warm: z.literal(true) }),
  'switchyard.echo': z.object({
    nonce: z.string(),
    epoch: z.int(),
    acting: z.boolean(),
    loopMs: z.number(),
    writeMs: z.number(),
    readMs: z.number(),
  }),
};

/** Calls one method of the plugin; answers within `timeoutMs` and never rejects. */
export async function callPlugin<M extends FenceMethod>(
  connection: PluginConnection,
  method: M,
  params: FenceCalls[M][0],
  timeoutMs: number,
): Promise<PluginAnswer<FenceCalls[M][1]>> {
  try {
    const answer = await connection.request(method, params, timeoutMs);
    const value = answers[method].safeParse(answer);
    return value.success
      ? { kind: 'answered', value: value.data }
      : { kind: 'refused', detail: 'our plugin in the gateway answers wrongly' };
  } catch (error) {
    return pluginFailure(error);
  }
}

/** What a failed call says, in a kind and words without secrets. */
export function pluginFailure(error: unknown): Exclude<PluginAnswer<never>, { kind: 'answered' }> {
  if (error instanceof PluginRefusal) return { kind: 'refused', detail: redact(error.message) };
  const detail = redact(errorText(error));
  if (isUnknownMethod(error)) return { kind: 'absent', detail: 'our plugin is not in the gateway' };
  if (!(error instanceof GatewayClientRequestError)) return { kind: 'unreachable', detail };
  switch (error.gatewayCode) {
    case 'FORBIDDEN':
      return { kind: 'absent', detail: `the gateway does not let us call our plugin: ${detail}` };
    case 'INVALID_REQUEST':
      return { kind: 'refused', detail };
    default:
      return error.retryable ? { kind: 'unreachable', detail } : { kind: 'refused', detail };
  }
}

/** The words of an answer that was none, for a log or a state. */
export function detailOf(answer: Exclude<PluginAnswer<unknown>, { kind: 'answered' }>): string {
  switch (answer.kind) {
    case 'refused':
    case 'absent':
    case 'unreachable':
      return answer.detail;
    default:
      return assertNever(answer);
  }
}
