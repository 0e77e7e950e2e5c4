import type { Clock, Result } from '../../base/index.ts';
import { later } from './failures.ts';
import type { DnsFailure } from './model.ts';

/** Remembers how long a server asked to be left alone, across publishes: a newer epoch does not make it less busy. */
export interface RateGate {
  /** A failure while the server is to be left alone, otherwise null. */
  shut(): { readonly ok: false; readonly error: DnsFailure } | null;
  /** The server asked for a pause. */
  pause<T>(detail: string, forMs: number): Result<T, DnsFailure>;
}

/** Makes a gate that is open. */
export function createRateGate(clock: Clock): RateGate {
  let openAtMs = Number.NEGATIVE_INFINITY;
  let why = '';
  return {
    shut: () => {
      const leftMs = openAtMs - clock.bootMs();
      return leftMs > 0 ? later(why, leftMs) : null;
    },
    pause: (detail, forMs) => {
      why = detail;
      openAtMs = clock.bootMs() + forMs;
      return later(detail, forMs);
    },
  };
}
