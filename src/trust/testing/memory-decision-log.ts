import { fail, ok } from '../../base/index.ts';
import { appError, type TrustDecision } from '../../shared/index.ts';
import type { DecisionLog } from '../ports.ts';

/** A decision log without a disk. `full`: as when the disk is. */
export interface MemoryDecisionLog extends DecisionLog {
  readonly decisions: readonly TrustDecision[];
  full: boolean;
}

/** Makes an empty log. */
export function memoryDecisionLog(): MemoryDecisionLog {
  const decisions: TrustDecision[] = [];
  const log: MemoryDecisionLog = {
    decisions,
    full: false,
    record: (decision) => {
      if (log.full) return fail(appError('storage', 'The disk is full.', true));
      decisions.push(decision);
      return ok(null);
    },
    recent: (limit) => decisions.slice(-limit).reverse(),
  };
  return log;
}
