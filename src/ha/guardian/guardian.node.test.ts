import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createLogger, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { FailoverEvent } from '../../shared/index.ts';
import { configHash } from '../config.node.ts';
import { startGuardian } from './guardian.node.ts';
import type { Guardian } from './guardian.node.ts';
import type { GuardianConfig } from '../model.ts';
import { protocolVersion } from './protocol.ts';
import { fakeGateways } from '../testing/fake-gateways.ts';
import type { FakeGateways } from '../testing/fake-gateways.ts';
import { checkedConfig, homePair } from '../testing/pair-config.ts';
import { openSocketClient } from '../testing/socket-client.ts';
import type { SocketClient } from '../testing/socket-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const quick = {
  everyMs: 100,
  confirmEveryMs: 20,
  turnEveryMs: 1_000,
  timeoutMs: 1_000,
  startGraceMs: 0,
};

function config(folder = temporaryFolder()): GuardianConfig {
  const pair = homePair(quick);
  return checkedConfig({
    version: 1,
    stateDir: join(folder, 'state'),
    socket: join(folder, 'run', 'guardian.sock'),
    pairs: [{ ...pair, standby: { ...pair.standby, token: { app: true } } }],
  });
}

async function start(
  from: GuardianConfig,
  gateways: FakeGateways = fakeGateways(),
): Promise<{ guardian: Guardian; gateways: FakeGateways; events: FailoverEvent[] }> {
  const events: FailoverEvent[] = [];
  const started = await startGuardian(from, {
    clock: systemClock(),
    random: systemRandom(),
    environment: {},
    logger: createLogger('test', Date.now, []),
    openParts: gateways.openParts,
    onEvent: (_pairId, event) => events.push(event),
  });
  if (!started.ok) throw new Error(started.error.words);
  onTestFinished(() => started.value.stop());
  return { guardian: started.value, gateways, events };
}

async function greet(from: GuardianConfig): Promise<SocketClient> {
  const client = await openSocketClient(from.socket);
  onTestFinished(() => client.close());
  client.say({ type: 'hello', protocol: protocolVersion });
  return client;
}

describe('the guardian', () => {
  it('greets an app with its configuration’s hash, the tokens it wants, and the whole status', async () => {
    const from = config();
    await start(from);
    const client = await greet(from);
    const hello = await client.next('hello');
    expect(hello).toMatchObject({
      protocol: protocolVersion,
      pid: process.pid,
      configHash: configHash(from),
      wants: ['home-b'],
    });
    const status = await client.next('status');
    expect(status.pairs).toMatchObject([
      { id: 'home', primaryId: 'home-a', standbyId: 'home-b', domain: 'personal' },
    ]);
    const settled = await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    expect(settled.pairs[0]).toMatchObject({ activeId: 'home-a', epoch: 1 });
  });

  it('tells every app of a takeover as an event and then as a status with a higher revision, and has it on disk', async () => {
    const from = config();
    const { gateways } = await start(from);
    const clients = [await greet(from), await greet(from)];
    const before = await Promise.all(
      clients.map((client) =>
        client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected'),
      ),
    );
    gateways.kill('home-a');
    for (const [index, client] of clients.entries()) {
      const { event } = await client.next('event', (message) => message.event.kind === 'takeover');
      expect(event).toMatchObject({ gatewayId: 'home-b', epoch: 2 });
      const after = await client.next('status', ({ pairs }) => pairs[0]?.activeId === 'home-b');
      expect(after.revision).toBeGreaterThan(before[index]!.revision);
      expect(after.pairs[0]?.timeline.at(-1)).toEqual(event);
    }
    const register: unknown = JSON.parse(
      readFileSync(join(from.stateDir, 'registers', 'home.json'), 'utf8'),
    );
    expect(register).toMatchObject({ epoch: 2, holder: 'home-b' });
  });

  it('goes on from the register after a restart, and an old primary does not take its role back', async () => {
    const from = config();
    const first = await start(from);
    const watcher = await greet(from);
    await watcher.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    first.gateways.kill('home-a');
    await watcher.next('status', ({ pairs }) => pairs[0]?.epoch === 2);
    await first.guardian.stop();

    await start(from, fakeGateways());
    const client = await greet(from);
    const status = await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    expect(status.pairs[0]).toMatchObject({ activeId: 'home-b', epoch: 2 });
  });

  it('guards whether or not an app is attached', async () => {
    const from = config();
    const { gateways } = await start(from);
    const first = await greet(from);
    await first.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    first.close();
    await first.closed;
    gateways.kill('home-a');
    const second = await greet(from);
    await second.next('status', ({ pairs }) => pairs[0]?.epoch === 2);
  });

  it('is closed to other users: folder 0700, socket 0600', async () => {
    const from = config();
    mkdirSync(dirname(from.socket), { recursive: true, mode: 0o755 });
    await start(from);
    expect(statSync(dirname(from.socket)).mode & 0o777).toBe(0o700);
    expect(statSync(from.socket).mode & 0o777).toBe(0o600);
  });

  it('refuses a second one with the same state folder, or the same socket', async () => {
    const from = config();
    await start(from);
    const ports = {
      clock: systemClock(),
      random: systemRandom(),
      environment: {},
      logger: createLogger('test', Date.now, []),
      openParts: fakeGateways().openParts,
      onEvent: () => undefined,
    };
    const sameState = await startGuardian({ ...from, socket: `${from.socket}2` }, ports);
    expect(sameState).toMatchObject({ ok: false, error: { code: 'running' } });
    const sameSocket = await startGuardian({ ...from, stateDir: `${from.stateDir}2` }, ports);
    expect(sameSocket).toMatchObject({ ok: false, error: { code: 'running' } });
    const client = await greet(from);
    await client.next('hello');
  });

  it('takes over the socket of one that was killed', async () => {
    const from = config();
    mkdirSync(dirname(from.socket), { recursive: true, mode: 0o700 });
    // A listener that is closed without taking its file away is what kill -9 leaves behind.
    const abandoned = createServer();
    await new Promise<void>((resolve) => abandoned.listen(`${from.socket}.old`, resolve));
    renameSync(`${from.socket}.old`, from.socket);
    await new Promise((resolve) => abandoned.close(resolve));
    await start(from);
    const client = await greet(from);
    await client.next('hello');
  });

  it('does not remove something else that lies where its socket should be', async () => {
    const from = config();
    mkdirSync(dirname(from.socket), { recursive: true, mode: 0o700 });
    writeFileSync(from.socket, 'mine');
    await expect(start(from)).rejects.toThrow('no socket');
    expect(readFileSync(from.socket, 'utf8')).toBe('mine');
  });

  it.each([
    ['text that is not JSON', 'hello\n'],
    ['an unknown message', '{"type":"obey"}\n'],
    ['a message with more than it should have', '{"type":"stop","force":true}\n'],
  ])('refuses %s, lets that client go and keeps the others', async (_words, text) => {
    const from = config();
    await start(from);
    const other = await greet(from);
    await other.next('status');
    const client = await openSocketClient(from.socket);
    client.sayRaw(text);
    await client.next('refused');
    await client.closed;
    await other.next('status', ({ revision }) => revision > 1);
  });

  it('does what an app asks of a pair, and answers whoever asked', async () => {
    const from = config();
    await start(from);
    const [asking, other] = [await greet(from), await greet(from)];
    await asking.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    asking.say({ type: 'command', id: 'x1', pairId: 'home', command: 'hand-over' });
    const done = await asking.next('done');
    expect(done).toMatchObject({ id: 'x1', ok: true });
    expect(done.words).toContain('Home B is active');
    await other.next('status', ({ pairs }) => pairs[0]?.activeId === 'home-b');
    expect(other.received.map(({ type }) => type)).not.toContain('done');

    asking.say({ type: 'command', id: 'x2', pairId: 'work', command: 'hold' });
    const refused = await asking.next('done', ({ id }) => id === 'x2');
    expect(refused).toMatchObject({ ok: false, words: 'There is no pair “work” here.' });
  });

  it('drills: over and back, with a table of what was found, shown as it goes', async () => {
    const from = config();
    const { events } = await start(from);
    const client = await greet(from);
    await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    client.say({ type: 'command', id: 'd', pairId: 'home', command: 'drill' });
    const { ok: isOk, words } = await client.next('done');
    expect(words).toMatch(/Home A hands over to Home B .*epoch 2\n/u);
    expect(words).toMatch(/\nPassed: both can have the role, and nothing was lost\.$/u);
    expect(isOk).toBe(true);
    const { pairs } = await client.next(
      'status',
      (status) => status.pairs[0]?.drill?.state === 'passed',
    );
    expect(pairs[0]?.drill?.steps.map(({ state }) => state)).not.toContain('waiting');
    expect(events.filter(({ kind }) => kind === 'drill')).toHaveLength(2);
  });

  it('remembers the highest epoch beside the register', async () => {
    const from = config();
    const { gateways } = await start(from);
    const client = await greet(from);
    await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    gateways.kill('home-a');
    await client.next('status', ({ pairs }) => pairs[0]?.epoch === 2);
    const remembered = readFileSync(join(from.stateDir, 'epochs', 'home.json'), 'utf8');
    expect(JSON.parse(remembered)).toEqual({ version: 1, epoch: 2 });
  });

  it('serves its figures on this machine', async () => {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const from = { ...config(), metrics: { host: '127.0.0.1', port } };
    await start(from);
    const client = await greet(from);
    await client.next('status', ({ pairs }) => pairs[0]?.cover === 'protected');
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(text).toContain('switchyard_active{pair="home",gateway="home-a"} 1');
    expect(text).toContain('switchyard_protected{pair="home"} 1');
    expect(text).toContain('switchyard_events_total{pair="home",kind="warmed"} 2');
    expect(text).toMatch(/switchyard_register_seconds_count\{.*operation="swap"\} \d+/u);
    expect(text).toMatch(/switchyard_checks_total\{.*depth="rpc",result="ok"\} \d+/u);
  });

  it('ends when an app asks for it', async () => {
    const from = config();
    const { guardian } = await start(from);
    const client = await greet(from);
    await client.next('hello');
    client.say({ type: 'stop' });
    await guardian.stopAsked;
    await guardian.stop();
    await client.closed;
    await expect(openSocketClient(from.socket)).rejects.toThrow();
  });
});
