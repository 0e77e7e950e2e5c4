/**
 * How fast, how patient. The lease bounds how long a lost host goes unreplaced and how long a machine may stall before its
 * gateway fences itself; the checks bound how long a frozen or lying gateway goes unnoticed.
 */
import type { FailoverProfile } from '../shared/index.ts';
import type { CheckConfig, LeaseConfig } from './model.ts';

export interface Profile {
  readonly lease: LeaseConfig;
  readonly check: CheckConfig;
}

const rateError = 0.01; // NTP slews by 0.05 % at most
const turns = { turnEveryMs: 60_000, turnTimeoutMs: 15_000, misses: 3, startGraceMs: 45_000 };

export const profiles: Readonly<Record<FailoverProfile, Profile>> = {
  fast: {
    lease: { leaseMs: 1_000, renewEveryMs: 250, marginMs: 60, rateError },
    check: { ...turns, everyMs: 100, confirmEveryMs: 20, timeoutMs: 120 },
  },
  default: {
    lease: { leaseMs: 2_000, renewEveryMs: 500, marginMs: 100, rateError },
    // A real gateway's event loop stood still for seconds in its first turn on two busy cores; that is no failure.
    check: { ...turns, everyMs: 500, confirmEveryMs: 100, timeoutMs: 1_500 },
  },
  safe: {
    lease: { leaseMs: 5_000, renewEveryMs: 1_250, marginMs: 200, rateError },
    check: { ...turns, everyMs: 1_000, confirmEveryMs: 200, timeoutMs: 3_000 },
  },
};
