import type { Result } from '../base/index.ts';
import type { AppError, TrustDecision } from '../shared/index.ts';

/** The append-only log of trust decisions. Holds no message bodies: digests and lengths only. */
export interface DecisionLog {
  /** On disk when it returns `ok`. Call it before the effect: when it fails, the effect must not happen. */
  record(decision: TrustDecision): Result<null, AppError>;
  /** The latest `limit`, newest first. */
  recent(limit: number): readonly TrustDecision[];
}

/** A fingerprint of a text for the log, so that a decision can be matched with its message and does not repeat it. */
export type Digest = (text: string) => string;
