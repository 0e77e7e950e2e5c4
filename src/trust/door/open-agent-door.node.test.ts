import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from 'node:fs';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { unionOf } from '../label.ts';
import { readAddress, type DoorAddress } from './address.node.ts';
import { askApp } from './ask-app.node.ts';
import { doorFolder, openAgentDoor, type AgentDoorOptions } from './open-agent-door.node.ts';
import { isProof } from './proof.node.ts';
import type { DoorRefusal } from './refusals.ts';
import { asOtherUser, canBecomeOther } from './testing/as-other-user.ts';
import { buildAgentTools } from './testing/built-tools.ts';
import { fakeDoor } from './testing/fake-door.ts';

let built = '';
let tools = '';
beforeAll(async () => {
  built = mkdtempSync(join(tmpdir(), 'swy-tools-'));
  tools = await buildAgentTools(built);
}, 120_000);
afterAll(() => rmSync(built, { recursive: true, force: true }));

const home = { id: 'home', domain: 'personal' };
/** A socket cannot be made at this path, so the door falls back to HTTP. */
const nowhere = '/dev/null/door.sock';
const asking = JSON.stringify({
  call: { action: 'ask_work', to: 'work', text: 'Free?', purpose: '', answer: { type: 'yes-no' } },
});
const yes = { status: 'answered', value: true } as const;

async function openDoor(options: Partial<AgentDoorOptions> = {}) {
  const folder = options.home ?? mkdtempSync(join(tmpdir(), 'swy-door-'));
  const door = fakeDoor();
  door.answer = { ...yes, label: unionOf([]) };
  const refused: DoorRefusal[] = [];
  const opened = await openAgentDoor({
    home: folder,
    door,
    onChange: door.onChange,
    clock: systemClock(),
    clients: [home],
    refused: (refusal) => refused.push(refusal),
    ...options,
  });
  if (!opened.ok) throw new Error(opened.error.message);
  onTestFinished(async () => {
    await opened.value.close();
    rmSync(folder, { recursive: true, force: true });
  });
  const address = (client = 'home'): DoorAddress => {
    const found = readAddress(doorFolder(folder), client);
    if (found === null) throw new Error('the client has no address');
    return found;
  };
  return { ...opened.value, folder, door, refused, address };
}

/** Where the door listens, if it is a socket. */
function socketOf({ at }: DoorAddress): string {
  if (!('socket' in at)) throw new Error('the door is no socket');
  return at.socket;
}

function portOf({ at }: DoorAddress): number {
  if (!('port' in at)) throw new Error('the door is no port');
  return at.port;
}

/** The agents' tools as a gateway starts them. */
async function startTools(folder: string): Promise<Client> {
  const args = [tools, '--folder', doorFolder(folder), '--client', 'home', '--to', 'work'];
  const client = new Client({ name: 'agent', version: '1' });
  await client.connect(new StdioClientTransport({ command: process.execPath, args }));
  onTestFinished(() => client.close());
  return client;
}

async function ask(client: Client): Promise<unknown> {
  const result = await client.callTool({
    name: 'ask_work',
    arguments: { question: 'Free?', answer: { type: 'yes-no' } },
  });
  return result.structuredContent;
}

it.each([
  ['a socket', {}, 'socket'],
  ['HTTP where there can be no socket', { socket: nowhere }, 'http'],
])(
  'is reached by the built tools over %s, when the app comes, goes and comes back',
  async (...row) => {
    const [, options, way] = row;
    const folder = mkdtempSync(join(tmpdir(), 'swy-door-'));
    const client = await startTools(folder);
    const listed = await client.listTools();
    expect(await ask(client)).toEqual({ status: 'not-available' });

    const first = await openDoor({ home: folder, ...options });
    expect(first.way).toBe(way);
    expect(await ask(client)).toEqual(yes);
    const before = first.address();
    await first.close();
    expect(await ask(client)).toEqual({ status: 'not-available' });
    expect(await client.listTools()).toEqual(listed);

    const second = await openDoor({ home: folder, ...options });
    expect(second.address().token).not.toBe(before.token);
    expect(await ask(client)).toEqual(yes);
    expect(second.door.calls).toHaveLength(1);
    expect(second.refused).toEqual([]);
  },
);

it('keeps socket, folder and tokens to their owner, and the token out of the program’s arguments', async () => {
  const { folder, address } = await openDoor();
  const mode = (path: string): number => statSync(path).mode & 0o777;
  expect(mode(doorFolder(folder))).toBe(0o700);
  expect(mode(socketOf(address()))).toBe(0o600);
  expect(mode(join(doorFolder(folder), 'home.client.json'))).toBe(0o600);
  const client = await startTools(folder);
  expect(await ask(client)).toEqual(yes);
  const { transport } = client;
  const pid = transport instanceof StdioClientTransport ? transport.pid : null;
  for (const what of ['cmdline', 'environ'])
    expect(readFileSync(`/proc/${String(pid)}/${what}`, 'utf8')).not.toContain(address().token);
});

it.each([
  ['none where it has a socket', {}, 0],
  ['one where it has not', { socket: nowhere }, 1],
])('listens on ports: %s', async (_what, options, count) => {
  const ports = (): number =>
    process.getActiveResourcesInfo().filter((kind) => kind === 'TCPServerWrap').length;
  const before = ports();
  await openDoor(options);
  expect(ports() - before).toBe(count);
});

it('takes its files away when it is closed', async () => {
  const { folder, close } = await openDoor();
  await close();
  expect(readdirSync(doorFolder(folder))).toEqual([]);
});

it('does not know the tokens of a start that was killed, nor is it what that one was', async () => {
  const { folder, address } = await openDoor();
  const old = address();
  const next = await openDoor({ home: folder }); // nobody closed the first
  expect(await askApp('home', old, asking)).toBeNull();
  expect(
    await say(socketOf(old), `{"client":"home","nonce":"${'n'.repeat(43)}"}`, old.token),
  ).toMatch(/\n{"status":"not-available"}\n$/);
  expect(next.door.calls).toEqual([]);
  expect(next.refused).toEqual([{ way: 'socket', why: 'token', count: 1 }]);
});

/** Says lines on the socket, whoever listens; gives what came back. */
async function say(path: string, hello: string, token: string): Promise<string> {
  const socket = connect(path);
  const heard = conversation(socket);
  socket.write(`${hello}\n${token}\n${asking}\n`);
  return heard;
}

it.each([
  ['a word', 'hello'],
  ['no nonce', '{"client":"home"}'],
  ['a nonce that is too short', '{"client":"home","nonce":"n"}'],
])('has no ear for who begins with %s', async (_what, hello) => {
  const { address, door, refused } = await openDoor();
  expect(await say(socketOf(address()), hello, address().token)).toBe('');
  expect([door.calls, refused]).toEqual([[], [{ way: 'socket', why: 'request', count: 1 }]]);
});

it('proves who it is for the client that asks, and says as much of one that is not there', async () => {
  const { address } = await openDoor();
  const nonce = 'n'.repeat(43);
  const proofs = await Promise.all(
    ['home', 'lab'].map(async (client) => {
      const heard = await say(socketOf(address()), JSON.stringify({ client, nonce }), 'wrong');
      return heard.split('\n')[0] ?? '';
    }),
  );
  expect(proofs.map((proof) => proof.length)).toEqual([43, 43]);
  const isRight = (proof: string, client: string): boolean =>
    isProof(proof, address().token, { client, nonce });
  expect([isRight(proofs[0] ?? '', 'home'), isRight(proofs[1] ?? '', 'lab')]).toEqual([
    true,
    false,
  ]);
});

it.each([
  ['a socket', {}],
  ['HTTP', { socket: nowhere }],
])(
  'tells nothing to somebody else who listens where the app did, over %s',
  async (_what, options) => {
    const { address, close } = await openDoor(options);
    const old = address();
    await close();
    let told = '';
    const impostor = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.on('data', (part) => {
        told += String(part);
        socket.end('HTTP/1.1 200 OK\r\nContent-Length: 43\r\n\r\n'.concat('p'.repeat(43), '\n'));
      });
    });
    const { at } = old;
    impostor.listen('socket' in at ? { path: at.socket } : { port: at.port, host: '127.0.0.1' });
    await once(impostor, 'listening');
    onTestFinished(() => void impostor.close());
    expect(await askApp('home', old, asking)).toBeNull();
    expect(told).toContain('nonce');
    expect(told).not.toContain(old.token);
    expect(told).not.toContain('Free?');
  },
);

it('lets go of one client and keeps the other', async () => {
  const { setClients, address, door } = await openDoor({
    clock: manualClock(), // so that nobody stops waiting by itself
    clients: [home, { id: 'lab', domain: 'client' }],
  });
  const lab = address('lab');
  door.answer = { status: 'waiting', ticket: 't1' };
  const waiting = askApp('lab', lab, asking);
  while (door.calls.length === 0) await new Promise(setImmediate);
  setClients([home]);
  expect(JSON.parse((await waiting) ?? '')).toEqual({ status: 'not-available' });
  door.answer = { ...yes, label: unionOf([]) };
  expect(await askApp('lab', lab, asking)).toBeNull();
  expect(JSON.parse((await askApp('home', address('home'), asking)) ?? '')).toEqual(yes);
  expect(door.calls.map(({ caller }) => caller?.id)).toEqual(['lab', 'home']);
});

// Only root can become another user.
if (canBecomeOther) {
  it('is out of reach for another user: the socket, the token, and its name', async () => {
    const { folder, address, door, refused } = await openDoor();
    const token = join(doorFolder(folder), 'home.client.json');
    const socket = socketOf(address());
    chmodSync(folder, 0o755); // so that it is the door's own folder that keeps others out
    expect(await asOtherUser('read', token)).toBe('EACCES');
    expect(await asOtherUser('list', doorFolder(folder))).toBe('EACCES');
    expect(await asOtherUser('connect', socket)).toBe('EACCES');
    // Were folder and socket open, the token would still be out of reach.
    chmodSync(doorFolder(folder), 0o755);
    chmodSync(socket, 0o666);
    expect(await asOtherUser('connect', socket)).toBe('connected');
    expect(await asOtherUser('read', token)).toBe('EACCES');
    expect([door.calls, refused]).toEqual([[], []]);
  });

  it('gives another user nothing over HTTP, whom nothing else keeps out', async () => {
    const { folder, address, door, refused } = await openDoor({ socket: nowhere });
    const url = `http://127.0.0.1:${portOf(address())}/door`;
    expect(await asOtherUser('read', join(doorFolder(folder), 'home.client.json'))).toBe('EACCES');
    expect(await asOtherUser('post', JSON.stringify([url, asking]))).toBe(
      '200 {"status":"not-available"}',
    );
    expect([door.calls, refused]).toEqual([[], [{ way: 'http', why: 'token', count: 1 }]]);
  });
}

/** A connection that its test says something on; resolves to what came back when the other side has closed it. */
function conversation(socket: Socket): Promise<string> {
  onTestFinished(() => void socket.destroy());
  let heard = '';
  socket.setEncoding('utf8');
  socket.on('data', (part: string) => (heard += part));
  socket.on('error', () => undefined);
  return new Promise((resolve) => socket.on('close', () => resolve(heard)));
}

it.each([
  ['a socket', {}],
  ['HTTP', { socket: nowhere }],
])(
  'lets go of whom it serves no more over %s: the slow, the fifth, the long-winded',
  async (...row) => {
    const [, options] = row;
    const { address, door, refused } = await openDoor({ ...options, deadlineMs: 300 });
    const { at } = address();
    const dial = (): Socket =>
      'socket' in at ? connect(at.socket) : connect(at.port, '127.0.0.1');
    const many = Array.from({ length: 5 }, dial);
    const ends = many.map((socket) => conversation(socket));
    many[0]?.write('POST'); // and no more
    await Promise.all(ends);
    const long = dial();
    const end = conversation(long);
    long.write('socket' in at ? 'x'.repeat(70_000) : `GET /${'x'.repeat(70_000)} HTTP/1.1`);
    await end;
    const sorts = new Set(refused.map(({ why }) => why));
    expect([...sorts].sort()).toEqual(['connections', 'deadline', 'request']);
    expect(door.calls).toEqual([]);
    expect(await askApp('home', address(), asking)).toContain('answered'); // it is there for others as before
  },
);

/** Sends a request as it is told; resolves to the status and the headers of the answer. */
async function send(port: number, options: object, body: string) {
  const request = requestHttp({
    host: '127.0.0.1',
    port,
    path: '/door',
    method: 'POST',
    ...options,
  });
  request.end(body);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  return { status: response.statusCode, headers: response.headers };
}

it.each([
  ['with its token and all as it should be', 200, {}, {}, null],
  ['with an origin', 403, { origin: 'null' }, {}, 'origin'],
  ['with our own origin', 403, { origin: 'http://127.0.0.1:PORT' }, {}, 'origin'],
  ['sent by a browser', 403, { 'sec-fetch-mode': 'no-cors' }, {}, 'origin'],
  ['with a referrer', 403, { referer: 'http://evil.example/' }, {}, 'origin'],
  ['for another name', 403, { host: 'evil.example:PORT' }, {}, 'host'],
  ['for localhost', 403, { host: 'localhost:PORT' }, {}, 'host'],
  ['for an address without port', 403, { host: '127.0.0.1' }, {}, 'host'],
  ['as a form', 415, { 'content-type': 'text/plain' }, {}, 'request'],
  ['as JSON with more in the type', 415, { 'content-type': 'application/json;a=b' }, {}, 'request'],
  ['in pieces', 411, { 'transfer-encoding': 'chunked' }, {}, 'request'],
  ['that is too long', 413, { 'content-length': '65537' }, {}, 'request'],
  ['with PUT', 405, {}, { method: 'PUT' }, 'request'],
  ['with GET', 405, {}, { method: 'GET' }, 'request'],
  ['to another path', 404, {}, { path: '/' }, 'request'],
])('over HTTP answers a request %s with %i', async (...row) => {
  const [, status, changed, options, why] = row;
  const { address, door, refused } = await openDoor({ socket: nowhere });
  const port = portOf(address());
  const entries = Object.entries({
    host: '127.0.0.1:PORT',
    authorization: `Bearer ${address().token}`,
    'content-type': 'application/json',
    'content-length': String(asking.length),
    ...changed,
  }).filter(([name]) => !('transfer-encoding' in changed) || name !== 'content-length');
  const headers = Object.fromEntries(
    entries.map(([name, value]) => [name, value.replace('PORT', String(port))]),
  );
  const sent = await send(port, { headers, ...options }, status === 413 ? '' : asking);
  expect(sent.status).toBe(status);
  expect(Object.keys(sent.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  expect(door.calls).toHaveLength(status === 200 ? 1 : 0);
  expect(refused).toEqual(why === null ? [] : [{ way: 'http', why, count: 1 }]);
});
