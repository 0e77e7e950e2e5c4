/**
 * How the tools know that it is the app that they found: after it has ended, anybody could be listening where it was, and
 * would be told a token and a question. So the app proves first that it knows the client's token.
 */
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

/** Who wants to know it of whom: the client's id, and 256 random bits of its own. */
export interface ProofRequest {
  readonly client: string;
  readonly nonce: string;
}

const shape = z.strictObject({
  client: z.string().min(1).max(60),
  nonce: z.string().min(40).max(50),
}) satisfies z.ZodType<ProofRequest>;

/** Asks for a proof that was never given before. */
export function newProofRequest(client: string): ProofRequest {
  return { client, nonce: randomBytes(32).toString('base64url') };
}

/** Reads one; null when it is none. */
export function parseProofRequest(text: string): ProofRequest | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The hash of a token: all that the app keeps of it. */
export function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}

/** What only somebody can say who knows the token, or its hash. */
export function proofOf(hash: Buffer, { client, nonce }: ProofRequest): string {
  return createHmac('sha256', hash).update(`door ${client} ${nonce}`).digest('base64url');
}

/** Whether it is the proof that was asked for. */
export function isProof(given: string, token: string, asked: ProofRequest): boolean {
  const right = Buffer.from(proofOf(hashOf(token), asked));
  const said = Buffer.from(given);
  return said.length === right.length && timingSafeEqual(said, right);
}
