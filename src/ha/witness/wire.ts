/**
 * Packets between a witness and its clients: `SWW1`, the pair's id with its length, an HMAC-SHA256, and JSON. The HMAC covers
 * which side speaks, the pair and the JSON, so a request cannot come back as a reply nor serve another pair.
 */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { concatBytes, MalformedError, readBytes, sameBytes } from '../register/bytes.ts';
import type { Hmac } from '../register/tsig.ts';
import type { WitnessReply, WitnessRequest } from './model.ts';

const magic = new TextEncoder().encode('SWW1');
const macLength = 32;

/** Nothing of ours is longer; it fits one packet of every network. */
export const longestPacket = 1200;

type Side = 'request' | 'reply';

const recordSchema = z.strictObject({
  epoch: z.int().positive(),
  holder: z.string().min(1).max(64),
  ctr: z.int().positive(),
  addr: z.string().max(200),
});

const nonceSchema = z.string().min(1).max(64);
const detailSchema = z.string().max(400);

const requestSchema = z.discriminatedUnion('op', [
  z.strictObject({ op: z.literal('read'), nonce: nonceSchema }),
  z.strictObject({
    op: z.literal('swap'),
    nonce: nonceSchema,
    expected: recordSchema.nullable(),
    next: recordSchema,
  }),
]) satisfies z.ZodType<WitnessRequest>;

const replySchema = z.strictObject({
  nonce: nonceSchema,
  answer: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('found'), record: recordSchema }),
    z.strictObject({ kind: z.literal('empty') }),
    z.strictObject({ kind: z.literal('unreadable'), detail: detailSchema }),
    z.strictObject({ kind: z.literal('swapped') }),
    z.strictObject({ kind: z.literal('conflict'), held: recordSchema.nullable() }),
    z.strictObject({ kind: z.literal('failed'), detail: detailSchema }),
  ]),
}) satisfies z.ZodType<WitnessReply>;

/** Writes a request; null when its record is too long to send. */
export function encodeRequest(
  pair: string,
  request: WitnessRequest,
  hmac: Hmac,
): Uint8Array | null {
  return requestSchema.safeParse(request).success ? encode('request', pair, request, hmac) : null;
}

/** Writes a reply; words of the system that are too long are cut. */
export function encodeReply(pair: string, reply: WitnessReply, hmac: Hmac): Uint8Array | null {
  const { answer } = reply;
  const short =
    'detail' in answer
      ? { ...reply, answer: { ...answer, detail: answer.detail.slice(0, 400) } }
      : reply;
  return encode('reply', pair, short, hmac);
}

/** Whose pair a packet says it is for, so that the key to check it with can be found; null when it is not ours. */
export function pairOf(packet: Uint8Array): string | null {
  return split(packet)?.pair ?? null;
}

/** Reads a request; the error is for the witness's log. */
export function decodeRequest(packet: Uint8Array, hmac: Hmac): Result<WitnessRequest, string> {
  return decode('request', packet, hmac, requestSchema);
}

/** Reads a reply; the error is for a person. */
export function decodeReply(packet: Uint8Array, hmac: Hmac): Result<WitnessReply, string> {
  return decode('reply', packet, hmac, replySchema);
}

function encode(
  side: Side,
  pair: string,
  value: WitnessRequest | WitnessReply,
  hmac: Hmac,
): Uint8Array | null {
  const body = new TextEncoder().encode(JSON.stringify(value));
  const name = lengthAndName(pair);
  const packet = concatBytes(magic, name, hmac(signedPart(side, name, body)), body);
  return packet.length <= longestPacket ? packet : null;
}

function decode<T>(
  side: Side,
  packet: Uint8Array,
  hmac: Hmac,
  schema: z.ZodType<T>,
): Result<T, string> {
  const parts = split(packet);
  if (parts === null) return fail('the packet is not one of a witness');
  const { pair, mac, body } = parts;
  if (!sameBytes(mac, hmac(signedPart(side, lengthAndName(pair), body))))
    return fail('the packet is signed with another secret');
  try {
    const parsed = schema.safeParse(JSON.parse(new TextDecoder().decode(body)));
    if (parsed.success) return ok(parsed.data);
  } catch {
    // Not JSON: as malformed as the rest.
  }
  return fail('the packet is of another version; run the same version on both sides');
}

function split(
  packet: Uint8Array,
): { readonly pair: string; readonly mac: Uint8Array; readonly body: Uint8Array } | null {
  try {
    const reader = readBytes(packet);
    if (!sameBytes(reader.take(magic.length), magic)) return null;
    const pair = new TextDecoder().decode(reader.take(reader.uint8()));
    const mac = reader.take(macLength);
    return { pair, mac, body: reader.take(packet.length - reader.offset) };
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function lengthAndName(pair: string): Uint8Array {
  const name = new TextEncoder().encode(pair).subarray(0, 255);
  return concatBytes(Uint8Array.of(name.length), name);
}

function signedPart(side: Side, name: Uint8Array, body: Uint8Array): Uint8Array {
  return concatBytes(new TextEncoder().encode(`switchyard-witness/1 ${side}\0`), name, body);
}
