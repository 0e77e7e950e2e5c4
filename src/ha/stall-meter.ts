/**
 * Measures how late this process's own timers run, so that a stalled event loop, a starved machine or a suspended
 * laptop is not taken for a dead gateway.
 *
 * Invariants
 * 1. Lateness is measured on boot time, so that time asleep counts as lateness.
 * 2. The answer for a span covers the timer that is overdue right now.
 */
import type { Clock } from '../base/index.ts';

const sampleEveryMs = 20;

export interface StallMeter {
  /** Begins a span; the returned function ends it and gives the greatest lateness seen in it, in milliseconds. */
  span(): () => number;
  stop(): void;
}

/** Measures while a span is open; nothing wakes up otherwise. */
export function createStallMeter(clock: Clock): StallMeter {
  const spans = new Set<{ worstMs: number }>();
  let dueMs = 0;
  let cancel = (): void => undefined;
  const note = (): void => {
    const lateMs = Math.max(0, clock.bootMs() - dueMs);
    for (const span of spans) span.worstMs = Math.max(span.worstMs, lateMs);
  };
  const arm = (): void => {
    dueMs = clock.bootMs() + sampleEveryMs;
    cancel = clock.after(sampleEveryMs, () => {
      note();
      arm();
    });
  };
  return {
    span: () => {
      if (spans.size === 0) arm();
      const span = { worstMs: 0 };
      spans.add(span);
      return () => {
        note(); // invariant 2
        spans.delete(span);
        if (spans.size === 0) cancel();
        return span.worstMs;
      };
    },
    stop: () => {
      cancel();
    },
  };
}
