/** A register's record as a value. */
import type { RegisterRecord } from '../model.ts';

/** Whether two records are the same value; registers compare by value, never by identity. */
export function sameRecord(left: RegisterRecord | null, right: RegisterRecord | null): boolean {
  if (left === null || right === null) return left === right;
  return (
    left.epoch === right.epoch &&
    left.holder === right.holder &&
    left.ctr === right.ctr &&
    left.addr === right.addr
  );
}
