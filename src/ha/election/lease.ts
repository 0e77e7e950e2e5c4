/** The arithmetic of leases; reference design B.2, rules R1 and R4. All times in milliseconds of one node's boot clock. */
import type { LeaseTerms } from './model.ts';

/**
 * R1: until when a node may act on a renewal that it *sent* at `sentAtMs`. Counted from the sending, because the register
 * may have written it any time after; shortened by what its clock may be slow, and by the margin of check-then-act.
 */
export function leaseEndMs(terms: LeaseTerms, sentAtMs: number): number {
  return terms.kind === 'held'
    ? Number.POSITIVE_INFINITY
    : sentAtMs + terms.leaseMs * (1 - terms.rateError) - terms.marginMs;
}

/**
 * R4: how long a register must have been seen unchanged before its holder is certainly out of its lease: counted from
 * when this node *received* the value, lengthened by what its clock may be fast. A lock needs no wait: it says by itself
 * whether it is free.
 */
export function takeoverWaitMs(terms: LeaseTerms): number {
  return terms.kind === 'held' ? 0 : terms.leaseMs * (1 + terms.rateError) + terms.marginMs;
}
