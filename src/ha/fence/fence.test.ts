import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createFence, newFenceMemory } from './fence.ts';
import type { Fence, FenceMemory, RunIdentity } from './fence.ts';
import { createGates } from './gates.ts';
import { warmUpSessionName } from './warm-up-session.ts';
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
  /** What a run waits for before its model is asked. */
  readonly copy: { done: Promise<void> };
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
  const copy = { done: Promise.resolve() };
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
  const gates = createGates(fence, {
    warn: (message) => warnings.push(message),
    copied: () => copy.done,
  });
  return {
    fence,
    gates,
    memory,
    clock,
    stopped,
    warnings,
    told,
    copy,
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

async function refusals(gates: Gates): Promise<readonly boolean[]> {
  return [
    gates.beforeMessageWrite(userMessage, {}) !== undefined,
    gates.beforeMessageWrite(answer, {}) !== undefined,
    (await gates.beforeAgentRun({}, run('run-of-refusals'))) !== undefined,
    (await gates.beforeToolCall({}, {})) !== undefined,
    gates.beforeSending() !== undefined,
  ];
}
const all = [true, true, true, true, true];
const none = [false, false, false, false, false];

describe('the gates of a gateway', () => {
  it('are shut before the first lease, open during one, and shut after it', async () => {
    const { fence, gates, clock } = bench();
    expect(await refusals(gates)).toEqual(all);
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    expect(await refusals(gates)).toEqual(none);
    clock.advance(1_000);
    expect(await refusals(gates)).toEqual(all);
  });

  it('tell whoever follows them of a lease, of its end and of a fence', () => {
    const { fence, clock, told } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    clock.advance(2_000);
    fence.grant({ epoch: 1, seq: 2, untilMs: clock.bootMs() + 1_000 });
    fence.fence(2);
    expect(told).toEqual([true, false, true, false]);
  });

  it('let a warm-up go as far as the model and no further, with a lease or without', async () => {
    const { fence, gates, clock } = bench();
    const warming = `agent:main:${warmUpSessionName}`;
    const said = { ...userMessage, sessionKey: warming };
    for (const leaseMs of [0, 1_000]) {
      if (leaseMs > 0) fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + leaseMs });
      expect(gates.beforeMessageWrite(said, {})).toBeUndefined();
      expect(await gates.beforeAgentRun({}, run('warming', warming))).toMatchObject({
        outcome: 'block',
        reason: 'warm',
      });
      expect(fence.running()).toBe(0);
    }
  });

  it('are shut when asking fails, and tell so', async () => {
    const { fence, gates, clock, breakClock, warnings } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    breakClock();
    expect(await refusals(gates)).toEqual(all);
    expect(warnings.length).toBeGreaterThan(0);
  });

  it('are shut to events that are not what was documented', async () => {
    const { gates } = bench();
    expect(gates.beforeMessageWrite(null, undefined)).toEqual({ block: true });
    expect(gates.beforeMessageWrite('text', 7)).toEqual({ block: true });
    expect(await gates.beforeAgentRun(null, null)).toMatchObject({ outcome: 'block' });
    expect(() => gates.agentEnd(null, null)).not.toThrow();
  });

  it('let a run wait for the other gateway, and ask again before its model is asked', async () => {
    const { fence, gates, clock, copy } = bench();
    let arrive = (): void => undefined;
    copy.done = new Promise((resolve) => (arrive = resolve));
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    const waiting = gates.beforeAgentRun({}, run('a'));
    fence.fence(1);
    arrive();
    expect(await waiting).toMatchObject({ outcome: 'block' });
    expect(fence.isRunning(sessionKey)).toBe(false);
  });

  it('do not count a run that ended while it waited', async () => {
    const { fence, gates, clock, copy } = bench();
    let arrive = (): void => undefined;
    copy.done = new Promise((resolve) => (arrive = resolve));
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    const waiting = gates.beforeAgentRun({}, run('a'));
    gates.agentEnd({}, run('a'));
    arrive();
    expect(await waiting).toMatchObject({ outcome: 'block' });
    expect(fence.running()).toBe(0);
  });

  it('let a tool wait for the other gateway to hear of it, and ask again before it runs', async () => {
    const { fence, gates, clock, copy, stopped } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    await gates.beforeAgentRun({}, run('a'));
    let arrive = (): void => undefined;
    copy.done = new Promise((resolve) => (arrive = resolve));
    const waiting = gates.beforeToolCall({}, { sessionKey });
    fence.fence(1);
    arrive();
    expect(await waiting).toMatchObject({ block: true });
    expect(stopped).toContain('a');
  });

  it('keep no check of ours waiting, and go on where the other gateway cannot be asked', async () => {
    const { fence, gates, clock, copy, warnings } = bench();
    copy.done = new Promise(() => undefined);
    fence.mark('probe-1');
    expect(await gates.beforeAgentRun({}, run('probe-1'))).toBeUndefined();
    copy.done = Promise.reject(new Error('gone'));
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    expect(await gates.beforeAgentRun({}, run('a'))).toBeUndefined();
    expect(warnings.at(-1)).toContain('gone');
  });

  it('stop a run whose tool was refused, for it would ask for the next one', async () => {
    const { fence, gates, clock, stopped, freeze } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    await gates.beforeAgentRun({}, run('r'));
    freeze(2_000);
    await gates.beforeToolCall({}, {});
    expect(stopped).toEqual(['r']);
  });
});

describe('a mark', () => {
  it('leaves nothing running behind it: its question is written like a person’s', async () => {
    const { fence, gates, clock } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    fence.mark('probe-1');
    gates.beforeMessageWrite({ ...userMessage, sessionKey: 'internal' }, {});
    await gates.beforeAgentRun({}, run('probe-1', 'internal'));
    expect(fence.running()).toBe(1);
    gates.agentEnd({}, run('probe-1', 'internal'));
    expect(fence.running()).toBe(0);
  });

  it('lets a check of ours through to the model, and to nothing else', async () => {
    const { fence, gates } = bench();
    fence.mark('probe-1');
    expect(await gates.beforeAgentRun({}, run('probe-1'))).toBeUndefined();
    expect(await gates.beforeAgentRun({}, run('probe-2'))).toBeDefined();
    expect(await gates.beforeToolCall({}, {})).toBeDefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeDefined();
    expect(gates.beforeSending()).toBeDefined();
    expect(fence.running()).toBe(0);
  });

  it('ends by itself, and older ones make room', async () => {
    const { fence, gates, clock } = bench();
    fence.mark('old');
    clock.advance(120_000);
    expect(await gates.beforeAgentRun({}, run('old'))).toBeDefined();
    for (let count = 0; count < 17; count += 1) fence.mark(`mark-${count}`);
    expect(await gates.beforeAgentRun({}, run('mark-0'))).toBeDefined();
    expect(await gates.beforeAgentRun({}, run('mark-16'))).toBeUndefined();
  });
});

describe('what runs', () => {
  it('is asked to stop when the lease ends, without anybody saying so', async () => {
    const { fence, gates, clock, stopped } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: clock.bootMs() + 1_000 });
    await gates.beforeAgentRun({}, run('a'));
    fence.grant({ epoch: 1, seq: 2, untilMs: clock.bootMs() + 2_000 });
    clock.advance(1_500);
    expect(stopped).toEqual([]);
    clock.advance(500);
    expect(stopped).toEqual(['a']);
  });

  it('is asked to stop by a fence, unless that comes too late to count', async () => {
    const { fence, gates, clock, stopped } = bench();
    fence.grant({ epoch: 1, seq: 5, untilMs: clock.bootMs() + 1_000 });
    await gates.beforeAgentRun({}, run('a'));
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
  it('is told of when it begins: jobs and channels stop first', () => {
    const { fence, told } = bench();
    fence.grant({ epoch: 1, seq: 1, untilMs: Infinity });
    const before = told.length;
    void fence.drain(1_000);
    expect(told).toHaveLength(before + 1);
    expect(fence.draining()).toBe(true);
  });

  function granted(): Bench {
    const made = bench();
    made.fence.grant({ epoch: 1, seq: 1, untilMs: made.clock.bootMs() + 60_000 });
    return made;
  }

  it('lets what was admitted run and end, and takes nothing new', async () => {
    const { fence, gates, clock } = granted();
    gates.beforeMessageWrite(userMessage, {});
    await gates.beforeAgentRun({}, run('a'));
    gates.beforeMessageWrite({ ...userMessage, sessionKey: 'waiting' }, {});
    const drained = fence.drain(10_000);
    expect(gates.beforeMessageWrite({ ...userMessage, sessionKey: 'new' }, {})).toBeDefined();
    expect(await gates.beforeAgentRun({}, run('n', 'new'))).toBeDefined();
    expect(await gates.beforeAgentRun({}, run('w', 'waiting'))).toBeUndefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeUndefined();
    expect(await gates.beforeToolCall({}, {})).toBeUndefined();
    gates.agentEnd({}, { runId: 'a' });
    gates.agentEnd({}, { runId: 'w' });
    clock.advance(25);
    expect(await drained).toBe(true);
  });

  it('lets a run that began write the message that began it, and no second one', async () => {
    const { fence, gates } = granted();
    gates.beforeMessageWrite(userMessage, {});
    await gates.beforeAgentRun({}, run('a'));
    void fence.drain(10_000);
    expect(gates.beforeMessageWrite(userMessage, {})).toBeUndefined();
    expect(gates.beforeMessageWrite(userMessage, {})).toBeDefined();
    expect(gates.beforeMessageWrite(answer, {})).toBeUndefined();
  });

  it('gives up in time, and ends by itself if nobody fences', async () => {
    const { fence, gates, clock } = granted();
    await gates.beforeAgentRun({}, run('a'));
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
