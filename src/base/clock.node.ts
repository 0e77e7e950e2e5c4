import { readFileSync } from 'node:fs';
import { platform } from 'node:os';

import type { Clock } from './clock.ts';

/**
 * The system's clocks. On Linux `process.hrtime` stops while the machine sleeps, so boot time is read from
 * `/proc/uptime`, which counts suspension (10 ms resolution); macOS' and Windows' monotonic clocks count it already.
 */
export function systemClock(): Clock {
  return {
    wallMs: () => Date.now(),
    bootMs:
      platform() === 'linux' ? linuxBootMs : () => Number(process.hrtime.bigint() / 1_000_000n),
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => {
        clearTimeout(timer);
      };
    },
  };
}

function linuxBootMs(): number {
  return Math.round(Number.parseFloat(readFileSync('/proc/uptime', 'utf8')) * 1000);
}
