import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';

import { manualClock, type ManualClock } from '../base/testing/manual-clock.ts';
import type { ConnectionState } from '../shared/index.ts';
import { reconnectLimitMs } from './connection.ts';
import { startGatewayDouble, type GatewayDouble } from './testing/gateway-double.node.ts';
import { must, testConnection, type TestConnection } from './testing/test-connection.node.ts';

const token = 'the-right-token';
let double: GatewayDouble;
let clock: ManualClock;

beforeEach(async () => {
  double = await startGatewayDouble({ token });
  clock = manualClock();
});

afterEach(() => double.stop());

function connect(
  options: { readonly token?: string | null; readonly url?: string } = {},
): TestConnection {
  const made = testConnection({
    url: options.url ?? double.url,
    token: options.token === undefined ? token : options.token,
    clock,
  });
  onTestFinished(() => {
    made.connection.stop();
  });
  made.connection.start();
  return made;
}

describe('states', () => {
  test('ready, with the version and the scopes', async () => {
    const { reaches, connection } = connect();
    expect(connection.state()).toMatchObject({ phase: 'starting', step: 'connecting' });
    expect(await reaches('ready')).toMatchObject({
      version: '2026.9.6-double',
      scopes: ['operator.read', 'operator.write'],
    });
  });

  test('a wrong token is refused and not tried again until the token changes', async () => {
    const { reaches, connection, setToken } = connect({ token: 'a-wrong-token' });
    expect(await reaches('refused')).toMatchObject({ reason: 'token-wrong' });
    clock.advance(3_600_000);
    expect(await dialsAfter(() => undefined)).toBe(1);
    setToken(token);
    connection.credentialChanged();
    await reaches('ready');
  });

  test('no token at all', async () => {
    const { reaches } = connect({ token: null });
    expect(await reaches('refused')).toMatchObject({ reason: 'token-missing' });
  });

  test('a device token that the gateway issued stands in for a lost shared token', async () => {
    const { reaches, connection, setToken, vault } = connect();
    await reaches('ready');
    expect([...vault.entries.keys()].sort()).toEqual([
      'device-key:test',
      'device-token:test:operator',
    ]);
    setToken(null);
    connection.credentialChanged();
    await reaches('starting');
    await reaches('ready');
    expect(double.connectionCount()).toBe(2);
  });

  test('fewer scopes than asked for', async () => {
    double.handshake('no-scopes');
    const { reaches, connection } = connect();
    expect(await reaches('refused')).toMatchObject({
      reason: 'scopes',
      detail: 'without operator.read and operator.write',
    });
    expect(await connection.request('health', {})).toMatchObject({
      ok: false,
      error: { kind: 'offline', sent: false },
    });
  });

  test('another protocol version', async () => {
    double.handshake('other-protocol');
    expect(await connect().reaches('refused')).toMatchObject({ reason: 'version' });
  });

  test('pairing goes on by itself once it is approved', async () => {
    double.handshake('pairing');
    const { reaches } = connect();
    expect(await reaches('pairing')).toMatchObject({ requestId: 'request-1' });
    double.handshake('normal');
    clock.advance(4_000);
    await reaches('ready');
  });

  test('a gateway that is starting is retried as soon as it asked for', async () => {
    double.handshake('starting');
    const { connection, reaches } = connect();
    await double.waitForRequest('connect');
    await ended(connection.onState);
    expect(connection.state()).toMatchObject({ phase: 'starting', step: 'connecting' });
    double.handshake('normal');
    clock.advance(100);
    await reaches('ready');
  });

  test('nothing listens: offline, with the time of the next try', async () => {
    await double.stop();
    const { reaches } = connect();
    const state = await reaches('offline', ({ reason }) => reason === 'unreachable');
    expect(state.detail).toBe(double.url);
    expect(state.retryAtMs).toBeGreaterThan(clock.wallMs());
  });

  test('something else listens: offline, and not called unreachable', async () => {
    const web = createServer((_request, response) => response.writeHead(404).end('not here'));
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void web.close());
    const { reaches } = connect({ url: `ws://127.0.0.1:${(web.address() as AddressInfo).port}` });
    expect(await reaches('offline', ({ reason }) => reason === 'closed')).toMatchObject({
      detail: expect.stringContaining('HTTP 404') as string,
    });
  });

  test('an address that must not be used is not dialled', async () => {
    const { reaches } = connect({ url: double.url.replace('ws://', 'ws://user:secret@') });
    expect(await reaches('offline', ({ reason }) => reason === 'bad-url')).toMatchObject({
      retryAtMs: null,
    });
    expect(double.connectionCount()).toBe(0);
  });

  test('an announced restart is draining until it is back', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    const seen = recordPhases(connection.onState);
    double.shutdown({ restartExpectedMs: 5_000 });
    expect(await reaches('draining')).toMatchObject({ restartExpected: true });
    await until(() => seen.length > 0 && double.connectionCount() === 1);
    await advanceUntil(() => connection.state().phase === 'ready');
    expect(seen).not.toContain('offline');
  });

  test('an announced stop is draining, then offline', async () => {
    const { reaches } = connect();
    await reaches('ready');
    double.shutdown();
    expect(await reaches('draining')).toMatchObject({ restartExpected: false });
    expect(await reaches('offline')).toMatchObject({
      reason: 'closed',
      detail: 'the gateway shut down',
    });
  });

  test('an announced end that does not come is not waited for by a person who says so', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    double.emit('shutdown', { reason: 'test' });
    await reaches('draining');
    connection.reconnectNow();
    expect(connection.state()).toMatchObject({ phase: 'starting' });
    await reaches('ready');
    expect(double.connectionCount()).toBe(2);
  });

  test('an announced end that does not come is dialled anew after a minute, however often it is announced', async () => {
    const { reaches, connection } = connect();
    let announced = 0;
    connection.onEvent(({ event }) => (announced += event === 'shutdown' ? 1 : 0));
    await reaches('ready');
    double.emit('shutdown', { reason: 'test', restartExpectedMs: 5_000 });
    await reaches('draining');
    clock.advance(59_999);
    double.emit('shutdown', { reason: 'test', restartExpectedMs: 5_000 });
    await until(() => announced === 2);
    expect(connection.state()).toMatchObject({ phase: 'draining' });
    clock.advance(1);
    expect(connection.state()).toMatchObject({ phase: 'starting' });
    await reaches('ready');
    expect(double.connectionCount()).toBe(2);
  });

  test('stop leaves nothing behind that dials', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    connection.stop();
    expect(connection.state()).toMatchObject({ phase: 'offline', reason: 'stopped' });
    clock.advance(3_600_000);
    expect(
      await dialsAfter(() => {
        connection.reconnectNow();
      }),
    ).toBe(1);
  });
});

describe('after a loss', () => {
  test('it reconnects and says so, so that subscriptions can be made anew', async () => {
    const { reaches, connection } = connect();
    let readies = 0;
    connection.onReady(() => (readies += 1));
    await reaches('ready');
    double.drop();
    const lost = await reaches('offline');
    expect(lost.reason).toBe('closed');
    clock.advance((lost.retryAtMs ?? 0) - clock.wallMs());
    await reaches('ready');
    expect(readies).toBe(2);
  });

  test('the delays grow to a limit, and a gateway that accepts and drops does not bring them back', async () => {
    const { reaches } = connect();
    const delays: number[] = [];
    for (let round = 0; round < 8; round += 1) {
      await reaches('ready');
      double.drop();
      const lost = await reaches('offline');
      delays.push((lost.retryAtMs ?? 0) - clock.wallMs());
      clock.advance(delays.at(-1) ?? 0);
    }
    expect(delays[0]).toBeLessThanOrEqual(1_000);
    expect(delays.at(-1)).toBeGreaterThanOrEqual(2_500);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
    await reaches('ready');
    clock.advance(30_000);
    double.drop();
    const afterUptime = await reaches('offline');
    expect((afterUptime.retryAtMs ?? 0) - clock.wallMs()).toBeLessThanOrEqual(1_000);
  });

  test('the limit is short on this machine only', () => {
    expect(reconnectLimitMs('ws://127.0.0.1:18789')).toBe(5_000);
    expect(reconnectLimitMs('wss://gateway.example')).toBe(30_000);
  });

  test('reconnectNow does not wait for the timer', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    double.drop();
    await reaches('offline');
    connection.reconnectNow();
    expect(connection.state()).toMatchObject({ phase: 'starting' });
    await reaches('ready');
  });
});

describe('requests', () => {
  const send = (
    made: TestConnection,
    options: { readonly timeoutMs?: number; readonly signal?: AbortSignal } = {},
  ) =>
    made.connection.request(
      'chat.send',
      { sessionKey: 'agent:main:main', message: 'hello', idempotencyKey: 'key-1' },
      options,
    );

  test('a request that never left says so', async () => {
    const made = connect({ token: 'a-wrong-token' });
    await made.reaches('refused');
    expect(await send(made)).toMatchObject({
      ok: false,
      error: { kind: 'offline', sent: false, retryable: true },
    });
    expect(double.prompts).toEqual([]);
  });

  test.each(['swallow-acknowledgement', 'swallow-request'] as const)(
    'a cut connection leaves it uncertain: %s',
    async (behaviour) => {
      const made = connect();
      await made.reaches('ready');
      double.behave(behaviour);
      expect(await send(made)).toMatchObject({ ok: false, error: { kind: 'offline', sent: true } });
      expect(double.prompts).toEqual(behaviour === 'swallow-acknowledgement' ? ['hello'] : []);
    },
  );

  test('a time-out after it left is uncertain as well', async () => {
    const made = connect();
    await made.reaches('ready');
    double.behave('never-answer');
    must(await send(made));
    const waiting = await made.connection.request(
      'agent.wait',
      { runId: 'key-1', timeoutMs: 60_000 },
      { timeoutMs: 20 },
    );
    expect(waiting).toMatchObject({ ok: false, error: { kind: 'timeout', sent: true } });
  });

  test('a refusal is the word of the gateway', async () => {
    const made = connect();
    await made.reaches('ready');
    double.behave('refuse');
    expect(await send(made)).toMatchObject({
      ok: false,
      error: { kind: 'rejected', code: 'UNAVAILABLE', retryable: true },
    });
  });

  test('an aborted request tells whether it left', async () => {
    const made = connect();
    await made.reaches('ready');
    expect(await send(made, { signal: AbortSignal.abort() })).toMatchObject({
      ok: false,
      error: { kind: 'aborted', sent: false },
    });
  });
});

describe('a request that has to be permitted', () => {
  const message = { sessionKey: 'agent:main:main', message: 'hello', idempotencyKey: 'k1' };
  const sentMessages = () => double.requests.filter(({ method }) => method === 'chat.send');

  test('is asked about in the turn of the write, with the peer that it would go to', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    const peers: unknown[] = [];
    const reply = connection.request('chat.send', message, {
      mayLeave: (peer) => {
        peers.push(peer);
        return true;
      },
    });
    expect(peers).toEqual([{ url: double.url, tlsFingerprint: null }]); // before anything could happen in between
    expect((await reply).ok).toBe(true);
    expect(sentMessages()).toHaveLength(1);
  });

  test('is not written when it is not, nor ever after', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    const refused = await connection.request('chat.send', message, { mayLeave: () => false });
    expect(refused).toMatchObject({ ok: false, error: { kind: 'aborted', sent: false } });
    double.drop();
    await reaches('offline');
    connection.reconnectNow();
    await reaches('ready');
    await connection.request('health', {});
    expect(sentMessages()).toEqual([]);
  });

  test('is not asked about while there is no connection, and does not wait for one', async () => {
    const { reaches, connection } = connect();
    await reaches('ready');
    double.drop();
    await reaches('offline');
    let asked = 0;
    const mayLeave = (): boolean => {
      asked += 1;
      return true;
    };
    const reply = await connection.request('chat.send', message, { mayLeave });
    expect(reply).toMatchObject({ ok: false, error: { sent: false } });
    connection.reconnectNow();
    await reaches('ready');
    await connection.request('health', {});
    expect([asked, sentMessages().length]).toEqual([0, 0]);
  });
});

test('every event of a hostile gateway is handed on as it came, and leaves the connection as it was', async () => {
  const { reaches, connection } = connect();
  const names = new Set<string>();
  let count = 0;
  connection.onEvent(({ event }) => {
    names.add(event);
    count += 1;
  });
  await reaches('ready');
  const sent = await double.flood(20);
  await until(() => count === sent);
  expect(names).toContain('node.invoke.request');
  expect(names).toContain('__proto__');
  expect(connection.state().phase).toBe('ready');
});

test('no secret reaches the log', async () => {
  const { reaches, log, vault } = connect();
  await reaches('ready');
  double.drop();
  await reaches('offline');
  const text = JSON.stringify(log);
  expect(log.length).toBeGreaterThan(0);
  expect(text).not.toContain(token);
  for (const secret of vault.entries.values()) expect(text).not.toContain(secret);
});

/** How often the double was dialled once `run` had its effect: a later connection of another app has come through by then. */
async function dialsAfter(run: () => void): Promise<number> {
  run();
  const other = testConnection({ url: double.url, token });
  other.connection.start();
  await other.reaches('ready');
  other.connection.stop();
  return double.connectionCount() - 1;
}

function recordPhases(
  onState: TestConnection['connection']['onState'],
): ConnectionState['phase'][] {
  const phases: ConnectionState['phase'][] = [];
  onState((state) => phases.push(state.phase));
  return phases;
}

/** The next time the state is told, whatever it is. */
function ended(onState: TestConnection['connection']['onState']): Promise<void> {
  return new Promise((resolve) => {
    const off = onState(() => {
      off();
      resolve();
    });
  });
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}

/** Lets simulated time pass in step with real sockets until it holds. */
async function advanceUntil(holds: () => boolean): Promise<void> {
  await until(() => {
    clock.advance(100);
    return holds();
  });
}
