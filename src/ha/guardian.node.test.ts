import { mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemRandom } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import type { FailoverEvent } from '../shared/index.ts';
import { configHash } from './config.node.ts';
import { startGuardian } from './guardian.node.ts';
import type { Guardian } from './guardian.node.ts';
import type { GuardianConfig } from './model.ts';
import { fakeGateways } from './testing/fake-gateways.ts';
import type { FakeGateways } from './testing/fake-gateways.ts';
import { checkedConfig, homePair } from './testing/pair-config.ts';
import { openSocketClient } from './testing/socket-client.ts';
import type { SocketClient } from './testing/socket-client.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

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
    openProbe: gateways.openProbe,
    onEvent: (_pairId, event) => events.push(event),
  });
  if (!started.ok) throw new Error(started.error.words);
  onTestFinished(() => started.value.stop());
  return { guardian: started.value, gateways, events };
}

async function greet(from: GuardianConfig): Promise<SocketClient> {
  const client = await openSocketClient(from.socket);
  onTestFinished(() => client.close());
  client.say({ type: 'hello', protocol: 1 });
  return client;
}

describe('the guardian', () => {
  it('greets an app with its configuration’s hash, the tokens it wants, and the whole status', async () => {
    const from = config();
    await start(from);
    const client = await greet(from);
    const hello = await client.next('hello');
    expect(hello).toMatchObject({
      protocol: 1,
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
      openProbe: fakeGateways().openProbe,
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
