import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { createLogger } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import { anyText } from '../store/testing/any-text.ts';
import { defaultPolicyText } from './default-policy.ts';
import { createEventGate } from './gate.ts';
import { parsePolicy } from './policy.ts';
import { memoryDecisionLog } from './testing/memory-decision-log.ts';

function gated(policyText = defaultPolicyText) {
  const clock = manualClock();
  const log = memoryDecisionLog();
  const gate = createEventGate({
    policy: parsePolicy(policyText),
    log,
    clock,
    logger: createLogger('test', () => 0, []),
  });
  const admit = (event: string, payload: unknown) => gate.admit('acme', 'work', { event, payload });
  return { clock, log, gate, admit };
}

// As recorded from openclaw 2026.9.6, shortened.
const delta = {
  runId: 'k1',
  sessionKey: 'agent:main:main',
  agentId: 'main',
  seq: 29,
  state: 'delta',
  deltaText: 'lo',
  message: { role: 'assistant', content: [{ type: 'text', text: 'hello' }], timestamp: 1 },
};
const message = {
  sessionKey: 'agent:main:main',
  agentId: 'main',
  message: {
    role: 'user',
    content: 'hello there',
    timestamp: 1_795_350_560_733,
    idempotencyKey: 'k1:user',
    __openclaw: { id: '27c3', idempotencyKey: 'k1:user', seq: 1 },
  },
  messageId: '27c3',
  messageSeq: 1,
  session: { key: 'agent:main:main', domain: 'personal', paneId: 'home' },
};

describe('event gate: what passes', () => {
  it('a part of an answer', () => {
    expect(gated().admit('chat', delta)).toEqual({
      kind: 'chat',
      sessionKey: 'agent:main:main',
      runId: 'k1',
      seq: 29,
      state: 'delta',
      text: 'hello',
      delta: 'lo',
      replace: false,
      stopReason: null,
      error: null,
    });
  });

  it('a status, an end, an error and a stop', () => {
    const { admit, gate } = gated();
    const base = { runId: 'k1', sessionKey: 's', seq: 1 };
    expect(admit('chat', { ...base, state: 'status', phase: 'starting_model' })).toMatchObject({
      state: 'status',
      text: null,
    });
    expect(
      admit('chat', { ...base, state: 'final', stopReason: 'stop', message: delta.message }),
    ).toMatchObject({ state: 'final', text: 'hello', stopReason: 'stop' });
    expect(admit('chat', { ...base, state: 'error', errorMessage: 'rate limit' })).toMatchObject({
      state: 'error',
      error: 'rate limit',
    });
    expect(admit('chat', { ...base, state: 'aborted' })).toMatchObject({ state: 'aborted' });
    expect(gate.dropped()).toEqual({});
  });

  it('a row of the transcript, with our own key', () => {
    expect(gated().admit('session.message', message)).toEqual({
      kind: 'session-message',
      sessionKey: 'agent:main:main',
      messageId: '27c3',
      role: 'user',
      text: 'hello there',
      atMs: 1_795_350_560_733,
      runId: null,
      idempotencyKey: 'k1:user',
    });
  });

  it('a change of the list, a tool call and a shutdown', () => {
    const { admit } = gated();
    expect(admit('sessions.changed', { reason: 'cron-bindings-loaded', ts: 1 })).toEqual({
      kind: 'sessions-changed',
      sessionKey: null,
      reason: 'cron-bindings-loaded',
    });
    const tool = {
      runId: 'k1',
      sessionKey: 's',
      seq: 3,
      stream: 'tool',
      data: {
        phase: 'result',
        name: 'exec\u202E',
        toolCallId: 't1',
        isError: true,
        result: { secret: 1 },
      },
    };
    expect(admit('agent', tool)).toEqual({
      kind: 'agent-tool',
      sessionKey: 's',
      runId: 'k1',
      toolCallId: 't1',
      name: 'exec',
      phase: 'result',
      failed: true,
    });
    expect(admit('shutdown', { reason: 'restart', restartExpectedMs: 9_000 })).toEqual({
      kind: 'shutdown',
      reason: 'restart',
      restartExpectedMs: 9_000,
    });
  });

  it('nothing of a payload but what is named, so that it cannot choose a pane or a domain', () => {
    const { admit } = gated();
    const hostile = {
      domain: 'personal',
      paneId: 'home',
      gatewayId: 'home',
      kind: 'command',
      __proto__: { admin: true },
    };
    for (const [event, payload] of [
      ['chat', delta],
      ['session.message', message],
    ] as const) {
      expect(admit(event, { ...payload, ...hostile })).toEqual(admit(event, payload));
    }
  });

  it('long texts only in part', () => {
    const event = gated().admit('chat', {
      ...delta,
      deltaText: 'x'.repeat(1_000_000),
      message: { content: 'y'.repeat(1_000_000) },
    });
    expect(event?.kind === 'chat' && [event.delta?.length, event.text?.length]).toEqual([
      200_001, 200_001,
    ]);
  });
});

describe('event gate: what does not', () => {
  it('routine broadcasts, without a count', () => {
    const { admit, gate, log, clock } = gated();
    for (const event of [
      'tick',
      'health',
      'presence',
      'heartbeat',
      'cron',
      'update.available',
      'chat.metadata.changed',
    ])
      expect(admit(event, {})).toBeNull();
    expect(
      admit('agent', {
        runId: 'k1',
        stream: 'assistant',
        data: { text: 'hello' },
        sessionKey: 's',
        seq: 1,
      }),
    ).toBeNull();
    expect(
      admit('session.message', { ...message, message: { role: 'system', content: 'x' } }),
    ).toBeNull();
    clock.advance(120_000);
    expect([gate.dropped(), log.decisions]).toEqual([{}, []]);
  });

  it.each([
    ['node.invoke.request', 'node.*', 'invoke_host'],
    ['ui.command', 'ui.*', 'ui_command'],
    ['exec.approval.requested', 'exec.*', 'approve'],
    ['device.pair.requested', 'device.*', 'pair'],
    ['talk.mode', 'talk.*', 'ui_command'],
    ['session.approval', 'session.*', 'approve'],
    ['something.new', 'unknown', 'unknown'],
    ['constructor', 'unknown', 'unknown'],
    ['__proto__.x', 'unknown', 'unknown'],
    ['', 'unknown', 'unknown'],
  ])('%s is dropped, counted and logged', (event, family, action) => {
    const { admit, gate, log } = gated();
    expect(admit(event, delta)).toBeNull();
    expect(gate.dropped()).toEqual({ acme: 1 });
    gate.close();
    expect(log.decisions).toMatchObject([
      {
        principal: 'gateway:work',
        action,
        resource: 'acme',
        effect: 'deny',
        count: 1,
        detail: `events dropped: ${family}`,
      },
    ]);
  });

  it.each([
    ['chat', null],
    ['chat', 'text'],
    ['chat', { ...delta, state: 'done' }],
    ['chat', { ...delta, sessionKey: 7 }],
    ['chat', { ...delta, sessionKey: 'x'.repeat(600) }],
    ['chat', { ...delta, seq: -1 }],
    ['session.message', { ...message, messageId: '' }],
    ['session.message', { ...message, message: { ...message.message, role: 'admin' } }],
    ['sessions.changed', []],
    ['agent', { stream: 'tool' }],
    ['agent', {}],
    ['shutdown', { restartExpectedMs: 'soon' }],
  ])('a malformed %s is dropped and counted: %j', (event, payload) => {
    const { admit, gate } = gated();
    expect(admit(event, payload)).toBeNull();
    expect(gate.dropped()).toEqual({ acme: 1 });
  });

  it('anything, under a policy that denies everything', () => {
    const { admit, gate } = gated('not a policy');
    expect(admit('chat', delta)).toBeNull();
    expect(gate.dropped()).toEqual({ acme: 1 });
  });

  it('never throws, whatever comes', () => {
    const { admit } = gated();
    const names = fc.oneof(
      fc.constantFrom(
        'chat',
        'agent',
        'session.message',
        'session.tool',
        'sessions.changed',
        'shutdown',
        'node.x',
      ),
      anyText(40),
    );
    const known = fc.record(
      {
        sessionKey: fc.anything(),
        runId: fc.anything(),
        seq: fc.anything(),
        state: fc.anything(),
        message: fc.anything(),
        data: fc.anything(),
        stream: fc.anything(),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(names, fc.oneof(fc.anything(), known), (event, payload) => {
        const admitted = admit(event, payload);
        expect(admitted === null || typeof admitted.kind === 'string').toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('event gate: the log under a flood', () => {
  it('gets one line a minute for each gateway and family, and the count is right', () => {
    const { gate, log, clock } = gated();
    for (const gatewayId of ['acme', 'lab']) {
      for (const event of ['node.invoke.request', 'ui.command']) {
        for (let index = 0; index < 1_000; index += 1)
          gate.admit(gatewayId, 'work', { event, payload: {} });
      }
    }
    clock.advance(30_000);
    expect(log.decisions.map(({ resource, count }) => [resource, count])).toEqual([
      ['acme', 1_000],
      ['acme', 1_000],
      ['lab', 1_000],
      ['lab', 1_000],
    ]);
    for (let index = 0; index < 500; index += 1)
      gate.admit('acme', 'work', { event: 'ui.command', payload: {} });
    clock.advance(25_000);
    expect(log.decisions).toHaveLength(4);
    clock.advance(30_000);
    expect(log.decisions.slice(4)).toMatchObject([
      { resource: 'acme', count: 500, detail: 'events dropped: ui.*' },
    ]);
    expect(gate.dropped()).toEqual({ acme: 2_500, lab: 2_000 });
  });

  it('keeps a bounded number of families, however many names a gateway invents', () => {
    const { gate, log } = gated();
    for (let index = 0; index < 1_000; index += 1)
      gate.admit('acme', 'work', { event: `invented${index}.command`, payload: {} });
    gate.close();
    expect(log.decisions).toMatchObject([{ count: 1_000, detail: 'events dropped: unknown' }]);
  });

  it('stays shut when the log cannot be written', () => {
    const { gate, log, clock } = gated();
    log.full = true;
    expect(gate.admit('acme', 'work', { event: 'ui.command', payload: {} })).toBeNull();
    clock.advance(60_000);
    expect(gate.admit('acme', 'work', { event: 'ui.command', payload: {} })).toBeNull();
    expect(gate.dropped()).toEqual({ acme: 2 });
  });
});
