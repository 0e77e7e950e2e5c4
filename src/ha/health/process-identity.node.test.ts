import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { processStartMark } from '../../gateways/index.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { processOf, whoListens } from './process-identity.node.ts';

async function recordOf(pid: number, startMark?: string): Promise<string> {
  const path = join(temporaryFolder(), 'process.json');
  const mark = startMark ?? (await processStartMark(pid));
  writeFileSync(path, JSON.stringify({ pid, startMark: mark, configHash: 'x' }));
  return path;
}

async function listen(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

describe('the process that a record names', () => {
  it('is known while it lives, and not after', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await once(child, 'spawn');
    const record = await recordOf(child.pid!);
    expect(await processOf(record)).toBe(child.pid);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await processOf(record)).toBeNull();
  });

  it('is not another one that has its number now', async () => {
    expect(await processOf(await recordOf(process.pid, 'started at another time'))).toBeNull();
  });

  it.each([['no JSON'], ['{"pid":-1,"startMark":"1"}']])('is not guessed from %s', async (text) => {
    const path = join(temporaryFolder(), 'process.json');
    writeFileSync(path, text);
    expect(await processOf(path)).toBeNull();
  });
});

describe('who listens at the address of a gateway', () => {
  it.each(['127.0.0.1', '::', '0.0.0.0'])(
    'is its own process on %s: nothing speaks against it',
    async (host) => {
      expect(await whoListens(await recordOf(process.pid), await listen(host))).toBeNull();
    },
  );

  it('is somebody else: it is given no token', async () => {
    const port = await listen();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    expect(await whoListens(await recordOf(child.pid!), port)).toMatchObject({
      kind: 'miss',
      failedAt: 'tcp',
      detail: expect.stringContaining('no token') as string,
    });
  });

  it('does not matter where its process is gone, or where there is no record', async () => {
    const port = await listen();
    expect(await whoListens(await recordOf(process.pid, 'another time'), port)).toEqual({
      kind: 'miss',
      failedAt: 'process',
      detail: 'its process is gone',
      gone: true,
    });
    expect(await whoListens(undefined, port)).toBeNull();
  });
});
