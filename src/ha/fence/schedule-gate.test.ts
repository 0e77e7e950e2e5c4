import { expect, it, vi } from 'vitest';

import { createScheduleGate, newScheduleMemory } from './schedule-gate.ts';
import type { ScheduleGate, ScheduleMemory } from './schedule-gate.ts';

const nowMs = 1_000_000;

interface World {
  readonly gate: ScheduleGate;
  act(may: boolean): void;
  readonly calls: string[];
  readonly warnings: string[];
  /** What OpenClaw gives with `cron_reconciled`. */
  context(jobs?: readonly object[], enabled?: boolean): object;
  othersUntilMs: number;
  switchOn: () => Promise<'on' | 'off'>;
  readonly memory: ScheduleMemory;
}

function world(memory = newScheduleMemory()): World {
  let acting = false;
  const calls: string[] = [];
  const warnings: string[] = [];
  const gate = createScheduleGate(memory, {
    acting: () => acting,
    wallMs: () => nowMs,
    othersUntilMs: () => made.othersUntilMs,
    switchOn: () => made.switchOn(),
    warn: (message) => warnings.push(message),
  });
  const made: World = {
    gate,
    memory,
    othersUntilMs: Number.POSITIVE_INFINITY,
    switchOn: async () => {
      calls.push('on');
      return 'on';
    },
    act: (may) => {
      acting = may;
      gate.follow();
    },
    calls,
    warnings,
    context: (jobs = [], enabled = true) => ({
      getCron: () => ({
        status: async () => ({ enabled }),
        pauseScheduling: () => calls.push('pause'),
        resumeScheduling: () => calls.push('resume'),
        list: async () => jobs,
        update: async (id: string, patch: { enabled?: boolean }) =>
          calls.push(`${patch.enabled === false ? 'hold' : 'next'} ${id}`),
      }),
    }),
  };
  return made;
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

function job(id: string, kind: string, nextRunAtMs?: number): object {
  return { id, schedule: { kind }, state: { nextRunAtMs } };
}

it('passes over what came due meanwhile and the other gateway may have run', async () => {
  const { gate, act, calls, context } = world();
  const past = nowMs - 1;
  gate.found(
    context([
      job('a', 'every', past),
      job('b', 'cron', past),
      job('later', 'every', nowMs + 1),
      job('once', 'at', past),
      job('cut off there', 'every'),
    ]),
  );
  act(true);
  await vi.waitFor(() =>
    expect(calls).toEqual([
      'pause',
      'next a',
      'next b',
      'hold once',
      'next cut off there',
      'resume',
    ]),
  );
});

it('runs what came due when nobody else can have run it', async () => {
  const made = world();
  made.othersUntilMs = nowMs - 10;
  made.gate.found(
    made.context([
      job('theirs', 'every', nowMs - 10),
      job('mine', 'every', nowMs - 9),
      job('also mine', 'at', nowMs),
    ]),
  );
  made.act(true);
  await vi.waitFor(() => expect(made.calls).toEqual(['pause', 'next theirs', 'resume']));
});

it('switches on a schedule that was built switched off, unless a person switched it off', async () => {
  const made = world();
  made.gate.found(made.context([], false));
  made.act(true);
  await vi.waitFor(() => expect(made.calls).toEqual(['pause', 'resume', 'on']));
  expect(made.memory.problem).toBe('');

  made.act(false);
  made.switchOn = async () => 'off';
  made.act(true);
  await vi.waitFor(() => expect(made.memory.problem).toContain('cron.enabled'));

  made.act(false);
  made.switchOn = () => Promise.reject(new Error('read only'));
  made.act(true);
  await vi.waitFor(() => expect(made.memory.problem).toContain('read only'));
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

it('switches on one that was built before the gateway might act', async () => {
  const { gate, act, calls, context } = world();
  act(true);
  gate.found(context([job('theirs', 'every', nowMs - 1)], false));
  await vi.waitFor(() => expect(calls).toEqual(['next theirs', 'resume', 'on']));
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
