/**
 * The digest of a set of rows: the sum of their hashes modulo 2^256. Rows can be added in any order and from either side,
 * and two sets with the same sum have the same rows, unless somebody who may write into a gateway wants otherwise.
 */
import type { Mark, Row } from './model.ts';

/** SHA-256 of a text as 64 hexadecimal digits. */
export type Sha256 = (text: string) => string;

/** The digest of no rows. */
export const emptyDigest = '0'.repeat(64);

const modulus = 1n << 256n;

/** The hash of one row, and the digest of a set that has just it. */
export function rowDigest(row: Row, sha256: Sha256): string {
  return sha256(canonical(row));
}

/** The digest of two sets together that have no row in common. */
export function addDigests(left: string, right: string): string {
  return ((BigInt(`0x${left}`) + BigInt(`0x${right}`)) % modulus).toString(16).padStart(64, '0');
}

/** Whether two marks name the same rows of the same conversation. */
export function sameMark(left: Mark, right: Mark): boolean {
  return (
    left.sessionId === right.sessionId && left.rows === right.rows && left.digest === right.digest
  );
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
