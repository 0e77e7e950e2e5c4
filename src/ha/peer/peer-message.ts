/** What may be said over the link, checked: the election's `PeerMessage` as JSON. */
import { z } from 'zod';

import { nodeRoles } from '../../shared/index.ts';
import type { PeerMessage, Verdict } from '../election/model.ts';
import type { RegisterRecord } from '../model.ts';

const verdicts = ['well', 'doubtful', 'down', 'unknown'] as const satisfies readonly Verdict[];
const epoch = z.int().nonnegative();

const recordSchema = z.strictObject({
  epoch,
  holder: z.string().min(1).max(100),
  ctr: z.int().nonnegative(),
  addr: z.string().max(500),
}) satisfies z.ZodType<RegisterRecord>;

const messageSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('beat'),
    maxEpoch: epoch,
    role: z.enum(nodeRoles),
    canTake: z.boolean(),
    self: z.enum(verdicts),
    asksForRole: z.boolean(),
    hold: z.strictObject({ on: z.boolean(), serial: z.int().nonnegative() }),
    turnOkAgoMs: z.number().nonnegative().nullable(),
    wantsTurn: z.boolean(),
    copied: z.boolean().optional(),
  }),
  z.strictObject({ kind: z.literal('released'), record: recordSchema }),
  z.strictObject({ kind: z.literal('extend'), id: z.int(), epoch }),
  z.strictObject({ kind: z.literal('extended'), id: z.int(), epoch }),
  z.strictObject({ kind: z.literal('ask-epoch'), id: z.int() }),
  z.strictObject({ kind: z.literal('tell-epoch'), id: z.int(), maxEpoch: epoch }),
  z.strictObject({ kind: z.literal('preempt') }),
]) satisfies z.ZodType<PeerMessage>;

/** Writes a message as the body of a packet. */
export function writePeerMessage(message: PeerMessage): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(message));
}

/** Reads the body of a packet; null when it is nothing that this version knows. */
export function readPeerMessage(body: Uint8Array): PeerMessage | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body);
    return messageSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
