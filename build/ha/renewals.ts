import type { Clock } from '../../src/base/index.ts';
import { delay } from '../../src/base/index.ts';
import type { LeaseConfig, RegisterRecord } from '../../src/ha/model.ts';
import type { Register } from '../../src/ha/ports.ts';
import { sameRecord } from '../../src/ha/register/record.ts';

/** What renewing one lease for a while gave. */
export interface RenewalCounts {
  renewals: number;
  /** Swaps whose result was not known at once. */
  unknown: number;
  /** Times that the lease was over before it was renewed: the gateway would have fenced itself for nothing. */
  falseFences: number;
  /** How long each of them would have lasted. */
  readonly lapsesMs: number[];
  /** The least that was left of the lease when it was renewed; null while it was not renewed yet. */
  leastLeftMs: number | null;
  readonly latenciesMs: number[];
}

export interface RenewedLease {
  /** What was counted since the last call. */
  take(): RenewalCounts;
  /** Waits for the renewal in flight. */
  stop(): Promise<void>;
}

/**
 * Renews one lease as a holder does, by rule R1: good until the moment of sending + L(1 - ρ) - ε on the boot clock; an
 * unknown result is read again before anything else. Rejects (on `stop`) when the register holds what nobody wrote.
 */
export function renewLease(register: Register, lease: LeaseConfig, clock: Clock): RenewedLease {
  const { leaseMs, renewEveryMs, rateError, marginMs } = lease;
  let counts = emptyCounts();
  let isStopped = false;
  let validUntilMs: number | null = null;
  let held: RegisterRecord | null = null;

  const renewed = (sentAtMs: number, record: RegisterRecord): void => {
    const nowMs = clock.bootMs();
    const leftMs = validUntilMs === null ? leaseMs : validUntilMs - nowMs;
    counts.renewals += 1;
    counts.leastLeftMs = Math.min(counts.leastLeftMs ?? leftMs, leftMs);
    if (leftMs <= 0) {
      counts.falseFences += 1;
      counts.lapsesMs.push(-leftMs);
    }
    validUntilMs = sentAtMs + leaseMs * (1 - rateError) - marginMs;
    held = record;
  };

  const renewOnce = async (): Promise<number> => {
    const next: RegisterRecord =
      held === null
        ? { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://10.0.0.1:18789' }
        : { ...held, ctr: held.ctr + 1 };
    const sentAtMs = clock.bootMs();
    const begunMs = performance.now();
    const result = await register.compareAndSwap(held, next);
    counts.latenciesMs.push(Math.round((performance.now() - begunMs) * 10) / 10);
    if (result.kind === 'conflict') throw new Error(`a conflict without a rival: ${next.ctr}`);
    if (result.kind === 'swapped') {
      renewed(sentAtMs, next);
      return sentAtMs;
    }
    counts.unknown += 1;
    const read = await register.read();
    const present = read.kind === 'found' ? read.record : null;
    if (read.kind !== 'unreadable' && sameRecord(present, next)) renewed(sentAtMs, next);
    else if (read.kind !== 'unreadable' && !sameRecord(present, held))
      throw new Error('the register holds what nobody wrote');
    return -Infinity; // try again at once
  };

  const run = async (): Promise<void> => {
    while (!isStopped) {
      const sentAtMs = await renewOnce();
      const waitMs = sentAtMs + renewEveryMs - clock.bootMs();
      if (waitMs > 0) await delay(clock, waitMs);
    }
  };
  const running = run();
  running.catch(() => undefined); // it is told on `stop`
  return {
    take: () => {
      const taken = counts;
      counts = emptyCounts();
      return taken;
    },
    stop: async () => {
      isStopped = true;
      await running;
    },
  };
}

function emptyCounts(): RenewalCounts {
  return {
    renewals: 0,
    unknown: 0,
    falseFences: 0,
    lapsesMs: [],
    leastLeftMs: null,
    latenciesMs: [],
  };
}
