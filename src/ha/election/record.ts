import type { RegisterRecord } from '../model.ts';
import { sameRecord } from '../register/record.ts';

/** True if `record` was written after `known`: the counter rises with every write. */
export function isNewer(record: RegisterRecord, known: RegisterRecord): boolean {
  return record.epoch > known.epoch || (record.epoch === known.epoch && record.ctr > known.ctr);
}

/** True if a register that held `known` cannot hold `record` now, unless somebody restored or replaced it. */
export function goesBack(record: RegisterRecord, known: RegisterRecord): boolean {
  return !sameRecord(record, known) && !isNewer(record, known);
}

/**
 * Gateways never go back in the counter, so a register that lost its disk begins again above every counter of every earlier
 * epoch (2^32 renewals of one epoch are 34 years at four a second).
 */
export function firstCounter(maxEpoch: number): number {
  return maxEpoch * 2 ** 32 + 1;
}
