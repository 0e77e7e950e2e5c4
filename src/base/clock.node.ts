import { openSync, readSync } from 'node:fs';
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

let uptime: { readonly file: number; readonly text: Buffer } | null = null;

/** The file stays open: leases and checks ask for the time hundreds of times a second, and each open costs three calls more. */
function linuxBootMs(): number {
  uptime ??= { file: openSync('/proc/uptime', 'r'), text: Buffer.alloc(64) };
  const length = readSync(uptime.file, uptime.text, 0, uptime.text.length, 0);
  return Math.round(Number.parseFloat(uptime.text.toString('latin1', 0, length)) * 1000);
}
