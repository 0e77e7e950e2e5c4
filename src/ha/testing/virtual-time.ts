/**
 * Time for a simulation: nothing happens but what was asked for, in order, and whatever follows from it by promises
 * happens before the next thing.
 */
import type { Clock } from '../../base/index.ts';

export interface VirtualTime {
  /** True time since the start; no host can see it. */
  nowMs(): number;
  /** Calls `run` once; returns a function that cancels it. */
  after(delayMs: number, run: () => void): () => void;
  /**
   * Lets time pass; `afterEach` is called whenever something happened, and ends it by saying true. True if it was ended so.
   */
  run(forMs: number, afterEach: () => boolean): Promise<boolean>;
}

/** Makes a time that starts at 0. */
export function virtualTime(): VirtualTime {
  let now = 0;
  let order = 0;
  const timers = new Map<number, { readonly dueMs: number; readonly run: () => void }>();
  const takeDue = (endMs: number): { readonly dueMs: number; readonly run: () => void } | null => {
    let first: number | null = null;
    for (const [id, { dueMs }] of timers)
      if (dueMs <= endMs && (first === null || dueMs < timers.get(first)!.dueMs)) first = id;
    const timer = first === null ? undefined : timers.get(first);
    if (first === null || timer === undefined) return null;
    timers.delete(first);
    return timer;
  };
  return {
    nowMs: () => now,
    after: (delayMs, run) => {
      const id = order++;
      timers.set(id, { dueMs: now + Math.max(0, delayMs), run });
      return () => {
        timers.delete(id);
      };
    },
    run: async (forMs, afterEach) => {
      const endMs = now + forMs;
      for (;;) {
        await promisesSettled();
        if (afterEach()) return true;
        const timer = takeDue(endMs);
        if (timer === null) break;
        now = timer.dueMs;
        timer.run();
      }
      now = endMs;
      return false;
    },
  };
}

export interface HostClockTraits {
  /** How fast the host's clock runs: 1 is right. */
  readonly rate: number;
  /** What the clock shows at the start: every host booted at another time. */
  readonly startMs: number;
  /** The boot clock moves in steps of this (Linux: 10 ms). */
  readonly stepMs: number;
}

/** The clock of one host. `deliver` calls a timer's function, or keeps it while the host's guardian is frozen. */
export function hostClock(
  time: VirtualTime,
  { rate, startMs, stepMs }: HostClockTraits,
  deliver: (run: () => void) => void,
): Clock & { jumpWall(byMs: number): void } {
  let wallOffsetMs = Date.UTC(2026, 0, 1);
  return {
    wallMs: () => wallOffsetMs + time.nowMs(),
    bootMs: () => Math.floor((startMs + time.nowMs() * rate) / stepMs) * stepMs,
    after: (delayMs, run) => {
      let cancelled = false;
      const cancel = time.after(delayMs / rate, () => {
        deliver(() => {
          if (!cancelled) run();
        });
      });
      return () => {
        cancelled = true;
        cancel();
      };
    },
    jumpWall: (byMs) => {
      wallOffsetMs += byMs;
    },
  };
}

/** A macrotask runs only after every promise that can settle has. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
