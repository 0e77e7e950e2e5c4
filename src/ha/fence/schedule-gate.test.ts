import { expect, it, vi } from 'vitest';

import { createScheduleGate, newScheduleMemory } from './schedule-gate.ts';
import type { ScheduleGate } from './schedule-gate.ts';

const nowMs = 1_000_000;

interface World {
  readonly gate: ScheduleGate;
  act(may: boolean): void;
  readonly calls: string[];
  readonly warnings: string[];
  /** What OpenClaw gives with `cron_reconciled`. */
  context(jobs?: readonly object[]): object;
}

function world(memory = newScheduleMemory()): World {
  let acting = false;
  const calls: string[] = [];
  const warnings: string[] = [];
  const gate = createScheduleGate(memory, {
    acting: () => acting,
    wallMs: () => nowMs,
    warn: (message) => warnings.push(message),
  });
  return {
    gate,
    act: (may) => {
      acting = may;
      gate.follow();
    },
    calls,
    warnings,
    context: (jobs = []) => ({
      getCron: () => ({
        pauseScheduling: () => calls.push('pause'),
        resumeScheduling: () => calls.push('resume'),
        list: async () => jobs,
        update: async (id: string) => calls.push(`next ${id}`),
      }),
    }),
  };
}

it('pauses a schedule that it finds while the gateway may not act, and lets it go with the lease', async () => {
  const { gate, act, calls, context } = world();
  gate.follow();
  gate.found(context());
  act(true);
  act(true); // a renewal
  await vi.waitFor(() => expect(calls).toEqual(['pause', 'resume']));
  act(true);
  act(false);
  expect(calls).toEqual(['pause', 'resume', 'pause']);
});

it('passes over recurring jobs that came due meanwhile, and no others', async () => {
  const { gate, act, calls, context } = world();
  const job = (id: string, kind: string, nextRunAtMs?: number): object => ({
    id,
    schedule: { kind },
    state: { nextRunAtMs },
  });
  const past = nowMs - 1;
  gate.found(
    context([
      job('a', 'every', past),
      job('b', 'cron', past),
      job('later', 'every', nowMs + 1),
      job('once', 'at', past),
      job('never', 'every'),
    ]),
  );
  act(true);
  await vi.waitFor(() => expect(calls).toEqual(['pause', 'next a', 'next b', 'resume']));
});

it('does not let go what was fenced again while it looked', async () => {
  const { gate, act, calls, context } = world();
  gate.found(context());
  act(true);
  act(false);
  act(true);
  act(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual(['pause']);
  act(true);
  await vi.waitFor(() => expect(calls).toEqual(['pause', 'resume']));
});

it('pauses the next schedule as well', () => {
  const { gate, calls, context } = world();
  gate.found(context());
  gate.found(context());
  expect(calls).toEqual(['pause', 'pause']);
});

it('leaves a running schedule alone', () => {
  const { gate, act, calls, context } = world();
  act(true);
  gate.found(context());
  expect(calls).toEqual([]);
});

it('goes on with the schedule that an earlier load of its code found', async () => {
  const memory = newScheduleMemory();
  const first = world(memory);
  first.gate.found(first.context());
  const second = world(memory);
  second.act(true);
  await vi.waitFor(() => expect(first.calls).toEqual(['pause', 'resume']));
});

it('tells of a gateway without a schedule to hold, and of one that refuses', () => {
  const { gate, warnings } = world();
  gate.found({});
  gate.found({ getCron: () => ({ pauseScheduling: 1 }) });
  expect(warnings).toHaveLength(2);
  gate.found({
    getCron: () => ({
      pauseScheduling: () => {
        throw new Error('not now');
      },
      resumeScheduling: () => undefined,
    }),
  });
  expect(warnings.at(-1)).toContain('not now');
});
