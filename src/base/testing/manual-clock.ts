import type { Clock } from '../clock.ts';

/** A clock that only moves when told to; timers run in order of their due time. */
export interface ManualClock extends Clock {
  /** Moves both clocks forward, running every timer that falls due on the way. */
  advance(byMs: number): void;
  /** Moves the wall clock only, as when a person or NTP sets it. */
  jumpWall(byMs: number): void;
}

/** Makes a clock that starts at wall time `startMs` and boot time 0. */
export function manualClock(startMs = Date.UTC(2026, 0, 1)): ManualClock {
  let wall = startMs;
  let boot = 0;
  let order = 0;
  const timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>();
  return {
    wallMs: () => wall,
    bootMs: () => boot,
    after: (delayMs, run) => {
      const id = order++;
      timers.set(id, { dueMs: boot + Math.max(0, delayMs), run });
      return () => {
        timers.delete(id);
      };
    },
    advance: (byMs) => {
      const end = boot + byMs;
      for (;;) {
        const due = [...timers]
          .filter(([, timer]) => timer.dueMs <= end)
          .sort((a, b) => a[1].dueMs - b[1].dueMs || a[0] - b[0])[0];
        if (due === undefined) break;
        timers.delete(due[0]);
        wall += due[1].dueMs - boot;
        boot = due[1].dueMs;
        due[1].run();
      }
      wall += end - boot;
      boot = end;
    },
    jumpWall: (byMs) => {
      wall += byMs;
    },
  };
}
