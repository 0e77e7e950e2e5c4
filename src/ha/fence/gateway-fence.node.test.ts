import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { GatewayClientRequestError } from '@openclaw/gateway-client';
import { describe, expect, it, onTestFinished } from 'vitest';

import { createLogger } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { processStartMark } from '../../gateways/index.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openGatewayFence } from './gateway-fence.node.ts';
import { killGateway } from './kill-gateway.node.ts';
import { openSuspension } from './suspension.node.ts';

type Handler = (params: Readonly<Record<string, unknown>>) => unknown;

/** A gateway that knows the methods of `handlers`, and keeps what it was asked. */
function gateway(handlers: Readonly<Record<string, Handler>>) {
  const asked: { method: string; params: object }[] = [];
  return {
    asked,
    connection: {
      generation: () => 1,
      request: async (method: string, params: object): Promise<unknown> => {
        asked.push({ method, params });
        const handler = handlers[method];
        if (handler !== undefined) return handler(params as Readonly<Record<string, unknown>>);
        const code = 'INVALID_REQUEST';
        throw new GatewayClientRequestError({ code, message: `unknown method: ${method}` });
      },
    },
  };
}

function fenceOf(
  connection: ReturnType<typeof gateway>['connection'],
  pidFile?: string,
  release = (): void => undefined,
) {
  const fence = openGatewayFence({
    pairId: 'home',
    gatewayId: 'a',
    connection,
    pidFile,
    standIn: { release },
    clock: systemClock(),
    logger: createLogger('test', () => 0, []),
  });
  onTestFinished(() => fence.close());
  return fence;
}

/** Everything that was answered has been taken in. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

async function recordedProcess(): Promise<{
  readonly pidFile: string;
  readonly exited: Promise<unknown>;
}> {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  const exited = once(child, 'exit');
  onTestFinished(() => void child.kill('SIGKILL'));
  const pid = child.pid!;
  const pidFile = join(temporaryFolder(), 'process.json');
  writeFileSync(pidFile, JSON.stringify({ pid, startMark: await processStartMark(pid) }));
  return { pidFile, exited };
}

describe('the fence around a gateway with our plugin', () => {
  it('grants whole milliseconds, never more than it was given', async () => {
    const { connection, asked } = gateway({ 'switchyard.grant': () => ({ acting: true, seq: 4 }) });
    fenceOf(connection).grant({ epoch: 2, seq: 4, untilMs: 1_880.9 });
    expect(asked).toEqual([
      { method: 'switchyard.grant', params: { pair: 'home', epoch: 2, seq: 4, untilMs: 1_880 } },
    ]);
  });

  it('grants nothing where the lock is the lease', () => {
    const { connection, asked } = gateway({});
    fenceOf(connection).grant({ epoch: 2, seq: 4, untilMs: Infinity });
    expect(asked).toEqual([]);
  });

  it('asks again how it is fenced when nothing was answered', async () => {
    let answers = false;
    const status = {
      plugin: '1',
      openclaw: '1',
      pair: 'home',
      gateway: 'a',
      mode: 'held',
      bootMs: 1,
      lease: { epoch: 0, seq: 0, untilMs: null },
      acting: false,
      draining: false,
      running: 0,
      problem: null,
    };
    const { connection } = gateway({
      'switchyard.status': () => {
        if (answers) return status;
        throw new Error('no answer within 1 s');
      },
    });
    const fence = fenceOf(connection);
    fence.state();
    await settled();
    expect(fence.state()).toMatchObject({ fence: 'unknown' });
    await settled();
    answers = true;
    fence.state();
    await settled();
    expect(fence.state()).toEqual({ fence: 'plugin', detail: '' });
  });

  it('is closed only once the plugin confirms it', async () => {
    let fenced = false;
    const { connection } = gateway({ 'switchyard.fence': () => ({ fenced, running: 0 }) });
    let released = false;
    const fence = fenceOf(connection, undefined, () => (released = true));
    expect(await fence.fence(5, false)).toBe(false);
    expect(released).toBe(false);
    fenced = true;
    expect(await fence.fence(5, false)).toBe(true);
    expect(released).toBe(true);
    expect(fence.state().fence).toBe('plugin');
  });

  it('is not closed by a gateway that does not answer, or answers nonsense', async () => {
    const silent = { generation: () => 1, request: () => Promise.reject(new Error('reset')) };
    expect(await fenceOf(silent).fence(5, false)).toBe(false);
    const { connection } = gateway({ 'switchyard.fence': () => ({ fenced: 'yes' }) });
    expect(await fenceOf(connection).fence(5, false)).toBe(false);
  });
});

describe('the fence around a gateway without our plugin', () => {
  it('holds its doors shut until it stands still, and opens them with the next lease', async () => {
    const statuses = ['draining', 'ready'];
    const { connection, asked } = gateway({
      'gateway.suspend.prepare': () => ({
        status: statuses.shift() ?? 'ready',
        suspensionId: 's-1',
      }),
      'gateway.suspend.resume': () => ({ ok: true }),
    });
    const fence = fenceOf(connection);
    expect(await fence.fence(5, false)).toBe(true);
    expect(statuses).toEqual([]);
    expect(fence.state().fence).toBe('drain');
    fence.grant({ epoch: 2, seq: 6, untilMs: 10 });
    expect(asked).toContainEqual({
      method: 'gateway.suspend.resume',
      params: { suspensionId: 's-1' },
    });
  });

  it('is renewed before its two minutes are over', async () => {
    const clock = manualClock();
    const { connection, asked } = gateway({
      'gateway.suspend.prepare': () => ({ status: 'ready', suspensionId: 's-1' }),
      'gateway.suspend.resume': () => ({ ok: true }),
    });
    const suspension = openSuspension(connection, 'request-1', clock);
    expect(await suspension.stop(0)).toBe(true);
    expect(asked).toHaveLength(1);
    clock.advance(60_000);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toEqual(asked[0]);
    await settled();
    clock.advance(40_000);
    expect(asked).toHaveLength(3);
    await settled();
    await suspension.release();
    clock.advance(300_000);
    expect(asked.filter(({ method }) => method.endsWith('prepare'))).toHaveLength(3);
  });

  it('does not come back by a renewal that was under way when it was released', async () => {
    const clock = manualClock();
    const { connection, asked } = gateway({
      'gateway.suspend.prepare': () => ({ status: 'ready', suspensionId: 's-1' }),
      'gateway.suspend.resume': () => ({ ok: true }),
    });
    const suspension = openSuspension(connection, 'request-1', clock);
    await suspension.stop(0);
    clock.advance(40_000);
    await suspension.release();
    await settled();
    expect(asked.at(-1)?.method).toBe('gateway.suspend.resume');
    clock.advance(300_000);
    await settled();
    expect(asked.filter(({ method }) => method.endsWith('prepare'))).toHaveLength(2);
  });
});

describe('the end of a gateway process', () => {
  it('is the last step, and proof enough', async () => {
    const { pidFile, exited } = await recordedProcess();
    const silent = { generation: () => 1, request: () => Promise.reject(new Error('reset')) };
    expect(await fenceOf(silent, pidFile).fence(5, true)).toBe(true);
    await exited;
    expect(await killGateway(pidFile, systemClock())).toEqual({ ok: true, value: 'gone' });
  });

  it('never touches a later process with the same number', async () => {
    const pidFile = join(temporaryFolder(), 'process.json');
    writeFileSync(pidFile, JSON.stringify({ pid: process.pid, startMark: 'of another time' }));
    expect(await killGateway(pidFile, systemClock())).toEqual({ ok: true, value: 'gone' });
  });

  it('needs a record', async () => {
    const nowhere = join(temporaryFolder(), 'process.json');
    expect(await killGateway(nowhere, systemClock())).toMatchObject({ ok: false });
    expect(await fenceOf(gateway({}).connection, nowhere).fence(5, true)).toBe(false);
  });
});

describe('how many turns run', () => {
  const status = (running: number) => ({
    plugin: '1',
    openclaw: '2026.9.6',
    pair: 'home',
    gateway: 'a',
    mode: 'held',
    bootMs: 1,
    lease: { epoch: 1, seq: 1, untilMs: null },
    acting: true,
    draining: false,
    running,
    problem: null,
  });

  it('is what our plugin says, and not known without it', async () => {
    const { connection } = gateway({ 'switchyard.status': () => status(2) });
    expect(await fenceOf(connection).running()).toBe(2);
    expect(await fenceOf(gateway({}).connection).running()).toBeNull();
  });
});
