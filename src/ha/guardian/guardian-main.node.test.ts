import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, it, onTestFinished } from 'vitest';

import { delay } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { writeGuardianConfig } from '../config.node.ts';
import { exitCodes } from './exit-codes.ts';
import { protocolVersion } from './protocol.ts';
import { homePair } from '../testing/pair-config.ts';
import { openSocketClient } from '../testing/socket-client.ts';
import type { SocketClient } from '../testing/socket-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';

const entry = fileURLToPath(new URL('./guardian-main.node.ts', import.meta.url));

type Program = ChildProcessByStdio<null, Readable, Readable>;

function run(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Program {
  const child = spawn(process.execPath, [entry, ...words], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Reads stdout until a line of this type; gives all lines up to it. */
async function linesUntil(
  child: Program,
  type: string,
): Promise<readonly Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  for await (const line of createInterface(child.stdout)) {
    const value = JSON.parse(line) as Record<string, unknown>;
    lines.push(value);
    if (value['type'] === type) return lines;
  }
  throw new Error(`the guardian ended before it said “${type}”`);
}

async function exitOf(child: Program): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function textOf(stream: Readable): Promise<string> {
  let text = '';
  for await (const part of stream) text += String(part);
  return text;
}

/** Attaches as soon as the program listens. */
async function whenListening(socket: string): Promise<SocketClient> {
  for (;;) {
    const client = await openSocketClient(socket).catch(() => null);
    if (client !== null) return client;
    await delay(systemClock(), 20);
  }
}

function writeConfig(folder: string): { readonly path: string; readonly socket: string } {
  const path = join(folder, 'guardian.json');
  const socket = join(folder, 'run', 'guardian.sock');
  const pair = homePair();
  // Ports on which nothing listens.
  const primary = {
    ...pair.primary,
    url: 'ws://127.0.0.1:9',
    token: { env: 'SWITCHYARD_TEST_TOKEN' },
  };
  writeGuardianConfig(path, {
    version: 1,
    stateDir: join(folder, 'state'),
    socket,
    pairs: [{ ...pair, primary, standby: { ...pair.standby, url: 'ws://127.0.0.1:10' } }],
  });
  return { path, socket };
}

it('starts, says so as JSON lines, refuses a second one, and ends cleanly on SIGTERM', async () => {
  const { path, socket } = writeConfig(temporaryFolder());
  const first = run(['--config', path]);
  const [started] = await linesUntil(first, 'started');
  expect(started).toMatchObject({ pid: first.pid, socket, pairs: ['home'] });

  const second = run(['--config', path]);
  const [secondError, secondCode] = await Promise.all([textOf(second.stderr), exitOf(second)]);
  expect(secondCode).toBe(exitCodes.running);
  expect(secondError).toContain('another guardian runs');

  const client = await openSocketClient(socket);
  client.say({ type: 'hello', protocol: protocolVersion });
  await client.next('status');
  first.kill('SIGTERM');
  const code = await exitOf(first);
  expect(code).toBe(exitCodes.ended);
  await client.closed;
});

it('ends when it is asked to over the socket', async () => {
  const { path, socket } = writeConfig(temporaryFolder());
  const child = run(['--config', path]);
  await linesUntil(child, 'started');
  const client = await openSocketClient(socket);
  client.say({ type: 'stop' });
  const code = await exitOf(child);
  expect(code).toBe(exitCodes.ended);
});

it('outlives whoever read its output', async () => {
  const { path, socket } = writeConfig(temporaryFolder());
  const child = run(['--config', path]);
  await linesUntil(child, 'started');
  child.stdout.destroy();
  child.stderr.destroy();
  child.kill('SIGHUP');
  const client = await openSocketClient(socket);
  client.say({ type: 'hello', protocol: protocolVersion });
  await client.next('status');
  client.say({ type: 'stop' });
  // Its last line goes into a pipe that nobody reads any more.
  const code = await exitOf(child);
  expect(code).toBe(exitCodes.ended);
});

it('does not start on an invalid configuration: exit code 78, the place of the error, no socket', async () => {
  const folder = temporaryFolder();
  const { path, socket } = writeConfig(folder);
  writeFileSync(
    path,
    JSON.stringify({
      version: 1,
      stateDir: join(folder, 'state'),
      socket,
      pairs: [{ ...homePair(), name: '' }],
    }),
  );
  const child = run(['--config', path]);
  const [error, output, code] = await Promise.all([
    textOf(child.stderr),
    textOf(child.stdout),
    exitOf(child),
  ]);
  expect(code).toBe(exitCodes.config);
  expect(error).toContain('pairs[0].name: give it a name');
  expect(output).toBe('');
  await expect(openSocketClient(socket)).rejects.toThrow();
});

it('says how it is used', async () => {
  const child = run([]);
  const [error, code] = await Promise.all([textOf(child.stderr), exitOf(child)]);
  expect(code).toBe(exitCodes.usage);
  expect(error).toContain('--config');
});

it('says nothing of a token', async () => {
  const { path, socket } = writeConfig(temporaryFolder());
  const token = 'swordfish-not-to-be-seen';
  const child = run(['--config', path], { SWITCHYARD_TEST_TOKEN: token });
  const error = textOf(child.stderr);
  const output = textOf(child.stdout);
  const client = await whenListening(socket);
  client.say({ type: 'hello', protocol: protocolVersion });
  // It looked with the token, and found that nothing listens there.
  await client.next('status', ({ pairs }) => pairs[0]!.checks.some(({ ok }) => !ok));
  child.kill('SIGTERM');
  const said = (await output) + (await error) + JSON.stringify(client.received);
  expect(said).not.toContain(token);
});
