/**
 * Holds the gateway double to the real gateway: the same checks on both. What the double does that is not checked here may
 * differ from the real one.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

import type { GatewayEvent } from '../../src/gateways/index.ts';
import { startGatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import {
  must,
  testConnection,
  type TestConnection,
} from '../../src/gateways/testing/test-connection.node.ts';
import { startEchoModel } from './echo-model.ts';
import { freeGatewayPort } from '../../src/ha/testing/free-ports.ts';
import { runtimeFromEnvironment, startRealGateway } from './real-gateway.ts';

interface Target {
  readonly url: string;
  readonly token: string;
  /** Whether answers come, or never end. */
  answers(answers: boolean): void;
  /** Ends the gateway in good order. */
  shutDown(): Promise<void>;
  stop(): Promise<void>;
}

async function doubleTarget(): Promise<Target> {
  const token = 'token-of-the-double';
  const double = await startGatewayDouble({ token });
  return {
    url: double.url,
    token,
    answers: (answers) => {
      double.behave(answers ? 'normal' : 'never-answer');
    },
    shutDown: () => {
      double.shutdown();
      return Promise.resolve();
    },
    stop: () => double.stop(),
  };
}

async function realTarget(): Promise<Target> {
  const home = mkdtempSync(join(tmpdir(), 'switchyard-contract-'));
  const model = await startEchoModel();
  const port = await freeGatewayPort();
  const gateway = await startRealGateway({
    home,
    runtime: runtimeFromEnvironment(),
    gateway: {
      id: 'contract',
      name: 'Contract',
      domain: 'personal',
      kind: 'managed',
      port,
      model: { provider: 'echo', baseUrl: `${model.url}/personal/v1`, id: 'echo' },
    },
  });
  await gateway.live;
  return {
    url: gateway.url,
    token: gateway.token,
    answers: (answers) => {
      model.behave(answers ? { kind: 'normal' } : { kind: 'hang', afterTokens: 0 });
    },
    shutDown: () => gateway.stop(),
    stop: async () => {
      await gateway.stop();
      await model.stop();
      rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

interface ChatPayload {
  readonly runId?: string;
  readonly state?: string;
  readonly deltaText?: string;
  readonly message?: { readonly role: string; readonly content: unknown };
}

interface StoredMessage {
  readonly role: string;
  readonly content: unknown;
  readonly timestamp: unknown;
  readonly idempotencyKey?: string;
  readonly __openclaw: {
    readonly id: string;
    readonly seq: number;
    readonly idempotencyKey?: string;
    readonly runId?: string;
  };
}

describe.each([
  ['the double', doubleTarget],
  ['the real gateway', realTarget],
])('%s', (_name, start) => {
  let target: Target;
  let sessions = 0;

  beforeAll(async () => {
    target = await start();
  });

  afterAll(() => target.stop());

  test('the handshake grants what was asked for', async () => {
    const { reaches } = connect(target.token);
    expect(await reaches('ready')).toMatchObject({
      scopes: ['operator.read', 'operator.write'],
      version: expect.stringMatching(/^2026\./u) as string,
    });
  });

  test.each([
    [
      'a wrong token',
      'not-the-token',
      'token-wrong',
      'unauthorized: gateway token mismatch (provide gateway auth token)',
    ],
    [
      'no token',
      null,
      'token-missing',
      'unauthorized: gateway token missing (provide gateway auth token)',
    ],
  ])('%s is refused in words', async (_case, token, reason, detail) => {
    expect(await connect(token).reaches('refused')).toMatchObject({ reason, detail });
  });

  test('a message, its events, and the answer', async () => {
    const { connection, sessionKey, events } = await openSession();
    expect(
      must(
        await connection.request('chat.send', {
          sessionKey,
          message: 'say this back',
          idempotencyKey: 'round-trip',
        }),
      ),
    ).toMatchObject({
      runId: 'round-trip',
      status: 'started',
    });
    expect(
      must(
        await connection.request(
          'agent.wait',
          { runId: 'round-trip', timeoutMs: 60_000 },
          { timeoutMs: 70_000 },
        ),
      ),
    ).toMatchObject({
      runId: 'round-trip',
      status: 'ok',
    });
    await events.find(
      (event) => chat(event)?.runId === 'round-trip' && chat(event)?.state === 'final',
    );
    const chats = events.all.map(chat).filter((payload) => payload?.runId === 'round-trip');
    expect(chats[0]).toMatchObject({
      state: 'status',
      sessionKey,
      phase: expect.any(String) as string,
    });
    expect(chats.at(-1)).toMatchObject({
      state: 'final',
      stopReason: 'stop',
      message: { role: 'assistant', content: [{ type: 'text', text: 'Echo: say this back' }] },
    });
    const deltas = chats.filter((payload) => payload?.state === 'delta');
    expect(deltas.map((payload) => payload?.deltaText).join('')).toBe('Echo: say this back');
    expect(deltas.at(-1)?.message).toMatchObject({
      content: [{ type: 'text', text: 'Echo: say this back' }],
    });

    // On a busy machine the real gateway tells of the stored answer after its `final`.
    await events.find((event) => storedRole(event) === 'assistant');
    const stored = events.all.filter((event) => event.event === 'session.message');
    expect(stored).toMatchObject([
      {
        payload: {
          sessionKey,
          message: { role: 'user', idempotencyKey: 'round-trip:user' },
          messageId: expect.any(String) as string,
          messageSeq: 1,
        },
      },
      {
        payload: {
          sessionKey,
          message: { role: 'assistant', __openclaw: { runId: 'round-trip' } },
          messageSeq: 2,
        },
      },
    ]);
  });

  test('the history tells which message and which answer belong to a key', async () => {
    const { connection, sessionKey } = await openSession();
    await say(connection, sessionKey, 'key-a', 'first');
    const { messages } = must(
      await connection.request('chat.history', { sessionKey, limit: 50 }),
    ) as { messages: StoredMessage[] };
    expect(messages).toMatchObject([
      {
        role: 'user',
        content: 'first',
        idempotencyKey: 'key-a:user',
        timestamp: expect.any(Number) as number,
        __openclaw: { idempotencyKey: 'key-a:user', seq: 1 },
      },
      {
        role: 'assistant',
        content: [{ type: 'text', text: 'Echo: first' }],
        __openclaw: { runId: 'key-a', seq: 2 },
      },
    ]);
    expect(messages.every((message) => message.__openclaw.id.length > 0)).toBe(true);
  });

  test('the same key again records nothing and answers with the outcome', async () => {
    const { connection, sessionKey } = await openSession();
    await say(connection, sessionKey, 'key-b', 'once');
    expect(
      must(
        await connection.request('chat.send', {
          sessionKey,
          message: 'once',
          idempotencyKey: 'key-b',
        }),
      ),
    ).toMatchObject({ runId: 'key-b', status: 'ok' });
    const { messages } = must(
      await connection.request('chat.history', { sessionKey, limit: 50 }),
    ) as { messages: StoredMessage[] };
    expect(messages).toHaveLength(2);
  });

  test('a run that hangs is found in flight, and stopped', async () => {
    const { connection, sessionKey, events } = await openSession();
    target.answers(false);
    onTestFinished(() => {
      target.answers(true);
    });
    const message = { sessionKey, message: 'never ends', idempotencyKey: 'key-c' };
    must(await connection.request('chat.send', message));
    await events.find(
      (event) =>
        chat(event)?.runId === 'key-c' &&
        (chat(event) as { phase?: string }).phase === 'starting_model',
    );
    expect(must(await connection.request('chat.send', message))).toMatchObject({
      runId: 'key-c',
      status: 'in_flight',
    });
    expect(
      must(await connection.request('chat.abort', { sessionKey, runId: 'key-c' })),
    ).toMatchObject({ ok: true, aborted: true, runIds: ['key-c'] });
    await events.find(
      (event) => chat(event)?.runId === 'key-c' && chat(event)?.state === 'aborted',
    );
    expect(
      must(await connection.request('chat.abort', { sessionKey, runId: 'key-c' })),
    ).toMatchObject({ ok: true, aborted: false, runIds: [] });
    expect(
      must(await connection.request('agent.wait', { runId: 'key-c', timeoutMs: 60_000 })),
    ).toMatchObject({ status: 'error', error: 'aborted', stopReason: 'rpc' });
    expect(must(await connection.request('chat.send', message))).toMatchObject({
      runId: 'key-c',
      status: 'timeout',
      summary: 'aborted',
      stopReason: 'rpc',
    });
    const { messages } = must(
      await connection.request('chat.history', { sessionKey, limit: 50 }),
    ) as { messages: StoredMessage[] };
    expect(messages).toMatchObject([{ role: 'user', content: 'never ends' }]);
  });

  test('sessions are listed and their changes told', async () => {
    const { connection, sessionKey, events } = await openSession();
    await say(connection, sessionKey, 'key-d', 'listed');
    await events.find(
      (event) =>
        event.event === 'sessions.changed' &&
        (event.payload as { sessionKey?: string }).sessionKey === sessionKey,
    );
    const listed = must(await connection.request('sessions.list', { limit: 60 })) as {
      sessions: { key: string }[];
    };
    expect(listed.sessions.find((session) => session.key === sessionKey)).toMatchObject({
      updatedAt: expect.any(Number) as number,
      hasActiveRun: false,
      activeRunIds: [],
    });
    expect(must(await connection.request('sessions.subscribe', { limit: 60 }))).toMatchObject({
      subscribed: true,
      list: { sessions: expect.any(Array) as unknown[] },
    });
  });

  test('what cannot be asked is refused with a code', async () => {
    const { connection, sessionKey } = await openSession();
    expect(await connection.request('chat.send', { sessionKey })).toMatchObject({
      ok: false,
      error: { kind: 'rejected', code: 'INVALID_REQUEST', retryable: false },
    });
    expect(await connection.request('config.patch', {})).toMatchObject({
      ok: false,
      error: { kind: 'rejected', code: 'MISSING_SCOPE', retryable: false },
    });
    expect(must(await connection.request('health', {}))).toMatchObject({ ok: true });
  });

  test('an orderly end is announced, then the connection is lost', async () => {
    const { connection, reaches } = await openSession();
    const phases: string[] = [];
    connection.onState((state) => phases.push(state.phase));
    await target.shutDown();
    await reaches('offline');
    expect(phases.slice(0, 2)).toEqual(['draining', 'offline']);
  });

  function connect(token: string | null): TestConnection {
    const made = testConnection({ url: target.url, token });
    onTestFinished(() => {
      made.connection.stop();
    });
    made.connection.start();
    return made;
  }

  async function openSession(): Promise<
    TestConnection & { readonly sessionKey: string; readonly events: EventLog }
  > {
    const made = connect(target.token);
    const events = eventLog(made.connection);
    await made.reaches('ready');
    const sessionKey = `agent:main:contract-${(sessions += 1)}`;
    must(await made.connection.request('sessions.subscribe', {}));
    must(await made.connection.request('sessions.messages.subscribe', { key: sessionKey }));
    return { ...made, sessionKey, events };
  }
});

interface EventLog {
  readonly all: readonly GatewayEvent[];
  /** Resolves with the first event, past or future, that fits. */
  find(fits: (event: GatewayEvent) => boolean): Promise<GatewayEvent>;
}

function eventLog(connection: TestConnection['connection']): EventLog {
  const all: GatewayEvent[] = [];
  connection.onEvent((event) => all.push(event));
  return {
    all,
    find: (fits) =>
      new Promise((resolve) => {
        const known = all.find(fits);
        if (known !== undefined) {
          resolve(known);
          return;
        }
        const off = connection.onEvent((event) => {
          if (!fits(event)) return;
          off();
          resolve(event);
        });
      }),
  };
}

function storedRole(event: GatewayEvent): string | null {
  if (event.event !== 'session.message') return null;
  return (event.payload as { readonly message: { readonly role: string } }).message.role;
}

function chat(event: GatewayEvent): ChatPayload | null {
  return event.event === 'chat' ? (event.payload as ChatPayload) : null;
}

async function say(
  connection: TestConnection['connection'],
  sessionKey: string,
  key: string,
  message: string,
): Promise<void> {
  must(await connection.request('chat.send', { sessionKey, message, idempotencyKey: key }));
  must(
    await connection.request(
      'agent.wait',
      { runId: key, timeoutMs: 60_000 },
      { timeoutMs: 70_000 },
    ),
  );
}
