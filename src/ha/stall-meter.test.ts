import { expect, it } from 'vitest';

import { manualClock } from '../base/testing/manual-clock.ts';
import type { Clock } from '../base/index.ts';
import { createStallMeter } from './stall-meter.ts';

/** A clock whose timers can be held up, as by a busy event loop or a suspended machine. */
function stallableClock(): { clock: Clock; run(ms: number): void; stall(ms: number): void } {
  const inner = manualClock();
  let stalledMs = 0;
  return {
    clock: { ...inner, bootMs: () => inner.bootMs() + stalledMs },
    run: (ms) => inner.advance(ms),
    stall: (ms) => {
      stalledMs += ms;
    },
  };
}

it('sees nothing while timers are on time', () => {
  const { clock, run } = stallableClock();
  const meter = createStallMeter(clock);
  const end = meter.span();
  run(1_000);
  expect(end()).toBe(0);
});

it('sees a stall inside the span, also one that is not over', () => {
  const { clock, run, stall } = stallableClock();
  const meter = createStallMeter(clock);
  const over = meter.span();
  run(500);
  stall(700);
  run(500);
  expect(over()).toBeGreaterThanOrEqual(650);
  const running = meter.span();
  stall(400);
  expect(running()).toBeGreaterThanOrEqual(350);
});

it('does not charge a span for a stall before it', () => {
  const { clock, run, stall } = stallableClock();
  const meter = createStallMeter(clock);
  stall(700);
  run(100);
  const end = meter.span();
  run(500);
  expect(end()).toBe(0);
});
