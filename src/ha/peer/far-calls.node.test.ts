import { createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { connect } from 'node:tls';

import { expect, it, onTestFinished, vi } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { PluginRefusal } from '../fence/plugin-link.node.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import { answerMirrorCall } from '../mirror/methods.ts';
import { pluginJournal } from '../mirror/plugin-journal.node.ts';
import type { Journal } from '../mirror/ports.ts';
import { mirrorMethodNames } from '../mirror/protocol.ts';
import { memoryGateway, messageRow } from '../mirror/testing/memory-gateway.ts';
import type { MemoryGateway } from '../mirror/testing/memory-gateway.ts';
import { freeTcpPort } from '../testing/free-ports.ts';
import { dialFarCalls, serveFarCalls } from './far-calls.node.ts';
import type { AnswerFarCall } from './far-calls.node.ts';

const key = 'agent:main:main';
const clock = systemClock();

function answerFor(journal: Journal): AnswerFarCall {
  return (method, params) => {
    const known = mirrorMethodNames.find((name) => name === method);
    return known === undefined ? null : answerMirrorCall(known, params, journal);
  };
}

async function link(
  secrets: { readonly here: () => string | null; readonly there: () => string | null },
  pairs: readonly [string, string] = ['home', 'home'],
): Promise<{
  far: Journal;
  gateway: MemoryGateway;
  port: number;
  connection: PluginConnection;
}> {
  const gateway = memoryGateway(clock);
  const address = { host: '127.0.0.1', port: await freeTcpPort() };
  const server = serveFarCalls(address, answerFor(gateway.local), {
    pairId: pairs[1],
    secret: async () => secrets.there(),
    clock,
  });
  const connection = dialFarCalls(address, {
    pairId: pairs[0],
    secret: async () => secrets.here(),
    clock,
  });
  onTestFinished(() => {
    connection.close();
    server.close();
  });
  return { far: pluginJournal(connection), gateway, port: address.port, connection };
}

const both = { here: (): string | null => 'secret', there: (): string | null => 'secret' };

it('reaches the journal of the other computer, with many questions at once and large rows', async () => {
  const { far, gateway } = await link(both);
  gateway.begin(key, 's1');
  gateway.put(key, messageRow('large', null, 'ö'.repeat(300_000)));
  gateway.say(key, 'q1');
  const [survey, look, tail] = await Promise.all([
    far.survey(),
    far.look(key),
    far.tail(key, 's1', 0),
  ]);
  expect(survey).toEqual(await gateway.local.survey());
  expect(look).toEqual(await gateway.local.look(key));
  expect(tail).toEqual(await gateway.local.tail(key, 's1', 0));
  const from = await far.changes(null, 0);
  const waiting = far.changes(from.ok ? from.value.at : null, 5_000);
  gateway.acting = true;
  const batch = { epoch: 1, key, on: null, sessionId: 's', settings: {}, rows: [] } as const;
  expect(await far.append({ ...batch, how: 'more' })).toEqual({
    ok: true,
    value: { kind: 'refused', reason: 'acting' },
  });
  await far.note(key, null, 1);
  void waiting;
});

it.each([
  [
    'another secret',
    { here: (): string | null => 'guess', there: (): string | null => 'secret' },
    ['home', 'home'],
  ],
  ['another pair', both, ['home', 'other']],
  [
    'no secret yet',
    { here: (): string | null => null, there: (): string | null => 'secret' },
    ['home', 'home'],
  ],
] as const)('lets nobody in with %s', async (_words, secrets, pairs) => {
  const { far, gateway } = await link(secrets, pairs);
  const looked = vi.spyOn(gateway.local, 'survey');
  await vi.waitFor(async () => {
    expect(await far.survey()).toMatchObject({ ok: false, error: { gone: true } });
  });
  expect(looked).not.toHaveBeenCalled();
});

it('opens once the secret is there, and comes back after the other guardian did', async () => {
  let secret: string | null = null;
  const { far, gateway } = await link({
    here: (): string | null => secret,
    there: (): string | null => secret,
  });
  expect(await far.look(key)).toMatchObject({ ok: false });
  secret = 'secret';
  await vi.waitFor(
    async () => {
      expect(await far.look(key)).toEqual({ ok: true, value: null });
    },
    { timeout: 5_000, interval: 50 },
  );
  gateway.say(key, 'q1');
  expect(await far.look(key)).toMatchObject({ ok: true, value: { key } });
});

it('tells a refusal from silence', async () => {
  const { far, gateway } = await link(both);
  await vi.waitFor(async () => expect((await far.survey()).ok).toBe(true));
  vi.spyOn(gateway.local, 'look').mockResolvedValue({
    ok: false,
    error: { words: 'disk says no', gone: false },
  });
  expect(await far.look(key)).toEqual({ ok: false, error: { words: 'disk says no', gone: false } });
});

it('refuses a method that is not given out, and goes on', async () => {
  const { far, connection } = await link(both);
  await vi.waitFor(async () => expect((await far.survey()).ok).toBe(true));
  await expect(connection.request('switchyard.grant', {}, 5_000)).rejects.toThrow(PluginRefusal);
  expect((await far.survey()).ok).toBe(true);
  expect(connection.generation()).toBe(1);
});

it('hangs up on whoever speaks without TLS, or another language', async () => {
  const { port } = await link(both);
  const plain = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
  await expect(
    new Promise((resolve, reject) => {
      plain.once('secureConnect', resolve);
      plain.once('error', reject);
      plain.once('close', () => reject(new Error('closed')));
    }),
  ).rejects.toThrow();
});

it('does not wait for a peer that takes the connection and says nothing, and comes back to it', async () => {
  const clock = manualClock();
  const sockets: Socket[] = [];
  const silent = createServer((socket) => sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const connection = dialFarCalls(
    { host: '127.0.0.1', port: (silent.address() as AddressInfo).port },
    { pairId: 'home', secret: async () => 'secret', clock },
  );
  onTestFinished(() => {
    connection.close();
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  for (const round of [1, 2]) {
    const answer = pluginJournal(connection).survey();
    await vi.waitFor(() => expect(sockets).toHaveLength(round));
    clock.advance(5_000);
    expect(await answer).toMatchObject({ ok: false, error: { gone: true } });
  }
});
