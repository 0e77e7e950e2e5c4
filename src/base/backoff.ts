/**
 * Reconnect delays: exponential with full jitter between half and the whole step.
 *
 * Invariants
 * 1. A delay is never below half of `firstMs` nor above `maxMs`.
 * 2. The step goes back to `firstMs` only after the connection was up for `resetAfterUptimeMs`; otherwise a peer that
 *    accepts and then drops would be redialled at the floor for ever.
 */
import type { Random } from './random.ts';

export interface BackoffOptions {
  readonly firstMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly resetAfterUptimeMs: number;
}

export interface Backoff {
  /** The delay before the next attempt, in milliseconds; each call is one more failed attempt. */
  nextDelayMs(): number;
  /** Tells how long the last connection was up, so that the step can be reset (invariant 2). */
  wasUpForMs(uptimeMs: number): void;
}

/** Makes a backoff at its first step. */
export function createBackoff(options: BackoffOptions, random: Random): Backoff {
  let stepMs = options.firstMs;
  return {
    nextDelayMs: () => {
      const delayMs = Math.min(options.maxMs, stepMs * (0.5 + random.unit() / 2));
      stepMs = Math.min(options.maxMs, stepMs * options.factor);
      return delayMs;
    },
    wasUpForMs: (uptimeMs) => {
      if (uptimeMs >= options.resetAfterUptimeMs) stepMs = options.firstMs;
    },
  };
}
