/**
 * The digest of a set of rows: the sum of their hashes modulo 2^256. Rows can be added in any order and from either side,
 * and two sets with the same sum have the same rows, unless somebody who may write into a gateway wants otherwise.
 */
import type { Row } from './model.ts';

/** SHA-256 of a text as 32 bytes. */
export type Sha256 = (text: string) => Uint8Array;

/** The digest of no rows. */
export const emptyDigest = '0'.repeat(64);

const modulus = 1n << 256n;

/** The digest of a set with `row` in it too. */
export function addToDigest(digest: string, row: Row, sha256: Sha256): string {
  const sum = (BigInt(`0x${digest}`) + numberOf(sha256(canonical(row)))) % modulus;
  return sum.toString(16).padStart(64, '0');
}

/** JSON with the fields of every object in one order: databases and wires do not keep theirs. */
export function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'object' && field !== null && !Array.isArray(field)
      ? Object.fromEntries(
          Object.entries(field).sort(([left], [right]) =>
            left < right ? -1 : left > right ? 1 : 0,
          ),
        )
      : field,
  );
}

function numberOf(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return value;
}
