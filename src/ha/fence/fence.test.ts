import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createFence, newFenceMemory } from './fence.ts';
import type { Fence, FenceMemory, RunIdentity } from './fence.ts';
import { createGates } from './gates.ts';
import type { Gates } from './gates.ts';

interface Bench {
  readonly fence: Fence;
  readonly gates: Gates;
  readonly memory: FenceMemory;
  readonly clock: ReturnType<typeof manualClock>;
  readonly stopped: string[];
  readonly warnings: string[];
  /** Whether it could act, each time that it told of a change. */
  readonly told: boolean[];
  breakClock(): void;
  /** Time passes and no timer runs, as when the process is frozen. */
  freeze(forMs: number): void;
}

function bench(): Bench {
  const clock = manualClock();
  const memory = newFenceMemory();
  const stopped: string[] = [];
  const warnings: string[] = [];
  const told: boolean[] = [];
  let broken = false;
  let frozenMs = 0;
  const fence = createFence(memory, {
    bootMs: () => {
      if (broken) throw new Error('no clock');
      return clock.bootMs() + frozenMs;
    },
    after: (delayMs, run) => clock.after(delayMs, run),
    stopRun: (run) => stopped.push(run.runId),
    changed: () => told.push(fence.acting()),
  });
  const gates = createGates(fence, (message) => warnings.push(message));
  return {
    fence,
    gates,
    memory,
    clock,
    stopped,
    warnings,
    told,
    breakClock: () => {
      broken = true;
    },
    freeze: (forMs) => {
      frozenMs += forMs;
    },
  };
}

const sessionKey = 'agent:main:main';
const userMessage = { message: { role: 'user' }, sessionKey };
const answer = { message: { role: 'assistant' }, sessionKey };

function run(runId: string, session = sessionKey): RunIdentity {
  return { runId, sessionId: `id-of-${session}`, sessionKey: session };
}

function refusals(gates: Gates): readonly boolean[] {
  return [
    gates.beforeMessageWrite(userMessage, {}) !== undefined,
    gates.beforeMessageWrite(answer, {}) !== undefined,
    gates.beforeAgentRun({}, run('run-of-refusals')) !== undefined,
    gates.beforeToolCall() !== undefined,
    gates.beforeSending() !== undefined,
  ];
}
const all = [true, true, true, true, true];
const none = [false, false, false, false, false];

describe('the gates of a gateway', () => {
  it('are shut before the first lease, open during one, and shut after it', () => {
    const { fence, gates, clock } = bench();
    expect(refusals(gates)).toEqual(all);
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    expect(refusals(gates)).toEqual(none);
    clock.advance(1_000);
    expect(refusals(gates)).toEqual(all);
  });

  it('tell whoever follows them of a lease, of its end and of a fence', () => {
    const { fence, clock, told } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    clock.advance(2_000);
    fence.grant({ epoch: 1, seq: 2, untilMs: clock.bootMs() + 1_000 });
    fence.fence(2);
    expect(told).toEqual([true, false, true, false]);
  });

  it('are shut when asking fails, and tell so', () => {
    const { fence, gates, clock, breakClock, warnings } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    breakClock();
    expect(refusals(gates)).toEqual(all);
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('are shut to events that are not what was documented', () => {
    const { gates } = bench();
    expect(gates.beforeMessageWrite(null, undefined)).toEqual({ block: true });
    expect(gates.beforeMessageWrite('text', 7)).toEqual({ block: true });
    expect(gates.beforeAgentRun(null, null)).toMatchObject({ outcome: 'block' });
    expect(() => gates.agentEnd(null, null)).not.toThrow();
  });

  it('stop a run whose tool was refused, for it would ask for the next one', () => {
    const { fence, gates, clock, stopped, freeze } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    gates.beforeAgentRun({}, run('r'));
    freeze(2_000);
    gates.beforeToolCall();
    expect(stopped).toEqual(['r']);
  });
});

describe('a mark', () => {
  it('lets a check of ours through to the model, and to nothing else', () => {
    const { fence, gates } = bench();
    fence.mark('probe-1');
    expect(gates.beforeAgentRun({}, run('probe-1'))).toBeUndefined();
    expect(gates.beforeAgentRun({}, run('probe-2'))).toBeDefined();
    expect(gates.beforeToolCall()).toBeDefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeDefined();
    expect(gates.beforeSending()).toBeDefined();
    expect(fence.running()).toBe(0);
  });

  it('ends by itself, and older ones make room', () => {
    const { fence, gates, clock } = bench();
    fence.mark('old');
    clock.advance(120_000);
    expect(gates.beforeAgentRun({}, run('old'))).toBeDefined();
    for (let count = 0; count < 17; count += 1) fence.mark(`mark-${count}`);
    expect(gates.beforeAgentRun({}, run('mark-0'))).toBeDefined();
    expect(gates.beforeAgentRun({}, run('mark-16'))).toBeUndefined();
  });
});

describe('what runs', () => {
  it('is asked to stop when the lease ends, without anybody saying so', () => {
    const { fence, gates, clock, stopped } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    gates.beforeAgentRun({}, run('a'));
    fence.grant({ epoch: 1, seq: 2, untilMs: clock.bootMs() + 2_000 });
    clock.advance(1_500);
    expect(stopped).toEqual([]);
    clock.advance(500);
    expect(stopped).toEqual(['a']);
  });

  it('is asked to stop by a fence, unless that comes too late to count', () => {
    const { fence, gates, clock, stopped } = bench();
    fence.grant({ epoch: 1, seq: 5, untilMs: clock.bootMs() + 1_000 });
    gates.beforeAgentRun({}, run('a'));
    expect(fence.fence(4)).toBe(false);
    expect(stopped).toEqual([]);
    expect(fence.fence(5)).toBe(true);
    expect(stopped).toEqual(['a']);
    expect(fence.running()).toBe(1);
    gates.agentEnd({}, { runId: 'a' });
    expect(fence.running()).toBe(0);
  });
});

describe('draining', () => {
  function granted(): Bench {
    const made = bench();
    made.fence.grant({ epoch: 1, seq: 1, untilMs: made.clock.bootMs() + 60_000 });
    return made;
  }

  it('lets what was admitted run and end, and takes nothing new', async () => {
    const { fence, gates, clock } = granted();
    gates.beforeMessageWrite(userMessage, {});
    gates.beforeAgentRun({}, run('a'));
    gates.beforeMessageWrite({ ...userMessage, sessionKey: 'waiting' }, {});
    const drained = fence.drain(10_000);
    expect(gates.beforeMessageWrite({ ...userMessage, sessionKey: 'new' }, {})).toBeDefined();
    expect(gates.beforeAgentRun({}, run('n', 'new'))).toBeDefined();
    expect(gates.beforeAgentRun({}, run('w', 'waiting'))).toBeUndefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeUndefined();
    expect(gates.beforeToolCall()).toBeUndefined();
    gates.agentEnd({}, { runId: 'a' });
    gates.agentEnd({}, { runId: 'w' });
    clock.advance(25);
    expect(await drained).toBe(true);
  });

  it('lets a run that began write the message that began it, and no second one', () => {
    const { fence, gates } = granted();
    gates.beforeMessageWrite(userMessage, {});
    gates.beforeAgentRun({}, run('a'));
    void fence.drain(10_000);
    expect(gates.beforeMessageWrite(userMessage, {})).toBeUndefined();
    expect(gates.beforeMessageWrite(userMessage, {})).toBeDefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeUndefined();
  });

  it('gives up in time, and ends by itself if nobody fences', async () => {
    const { fence, gates, clock } = granted();
    gates.beforeAgentRun({}, run('a'));
    const drained = fence.drain(1_000);
    clock.advance(1_000);
    expect(await drained).toBe(false);
    expect(fence.draining()).toBe(true);
    clock.advance(5_000);
    expect(fence.draining()).toBe(false);
    expect(gates.beforeMessageWrite(userMessage, {})).toBeUndefined();
  });

  it('ends with the fence, and the next lease is a new beginning', () => {
    const { fence, gates, clock } = granted();
    void fence.drain(10_000);
    fence.fence(2);
    fence.grant({ epoch: 2, seq: 3, untilMs: clock.bootMs() + 1_000 });
    expect(gates.beforeMessageWrite(userMessage, {})).toBeUndefined();
  });
});
