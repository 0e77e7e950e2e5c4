import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { GatewayClientRequestError } from '@openclaw/gateway-client';
import { describe, expect, it } from 'vitest';

import { fail, ok } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { RegisterRecord } from '../model.ts';
import { readRegister, swapRegister } from '../register/register-record.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { createFence, newFenceMemory } from './fence.ts';
import { openLockRegister } from './lock-register.node.ts';
import { answerFenceCall } from './methods.ts';
import type { FenceMethodPorts, MethodAnswer } from './methods.ts';
import { heldRegister } from './held-register.node.ts';
import { pluginProblem } from '../plugin/problem.ts';
import { fenceMethodNames, parsePluginConfig } from './protocol.ts';
import type { FenceMethod } from './protocol.ts';

interface Bench {
  readonly ports: FenceMethodPorts;
  readonly clock: ReturnType<typeof manualClock>;
  call(method: FenceMethod, params?: unknown): Promise<MethodAnswer>;
}

const config = { pair: 'home', gateway: 'a', mode: 'timed' } as const;

function bench(over: Partial<FenceMethodPorts> = {}): Bench {
  const clock = manualClock();
  const ports: FenceMethodPorts = {
    config,
    pluginVersion: '1.2.3',
    openclawVersion: '2026.9.6',
    problem: null,
    bootMs: clock.bootMs,
    fence: createFence(newFenceMemory(), {
      bootMs: clock.bootMs,
      after: (delayMs, run) => clock.after(delayMs, run),
      stopRun: () => undefined,
      changed: () => undefined,
    }),
    register: null,
    echo: async () => ({ loopMs: 1, writeMs: 2, readMs: 3 }),
    warmUp: async () => ok(null),
    ...over,
  };
  return { ports, clock, call: (method, params = {}) => answerFenceCall(method, params, ports) };
}

function record(over: Partial<RegisterRecord> = {}): RegisterRecord {
  return { epoch: 1, holder: 'a', ctr: 1, addr: 'ws://127.0.0.1:1', ...over };
}

describe('the methods of the fence', () => {
  it('tells whether it is warm', async () => {
    expect(await bench().call('switchyard.warm')).toEqual({ ok: true, payload: { warm: true } });
    const cold = bench({ warmUp: async () => fail('the agent has no model') });
    expect(await cold.call('switchyard.warm')).toEqual({
      ok: false,
      code: 'UNAVAILABLE',
      message: 'the agent has no model',
    });
  });

  it('grant, tell and fence', async () => {
    const { call } = bench();
    expect(await call('switchyard.status')).toMatchObject({
      payload: { acting: false, lease: { epoch: 0, seq: -1, untilMs: null }, pair: 'home' },
    });
    const lease = { pair: 'home', epoch: 3, seq: 7, untilMs: 1_000 };
    expect(await call('switchyard.grant', lease)).toEqual({
      ok: true,
      payload: { acting: true, seq: 7 },
    });
    expect(await call('switchyard.status')).toMatchObject({
      payload: { acting: true, lease: { epoch: 3, seq: 7, untilMs: 1_000 } },
    });
    expect(await call('switchyard.fence', { pair: 'home', seq: 6 })).toMatchObject({
      payload: { fenced: false },
    });
    expect(await call('switchyard.fence', { pair: 'home', seq: 7 })).toMatchObject({
      payload: { fenced: true },
    });
    expect(await call('switchyard.grant', lease)).toMatchObject({ payload: { acting: false } });
  });

  it('echo, and say it when the echo fails', async () => {
    const { call } = bench();
    expect(await call('switchyard.echo', { nonce: 'n' })).toEqual({
      ok: true,
      payload: { nonce: 'n', epoch: 0, acting: false, loopMs: 1, writeMs: 2, readMs: 3 },
    });
    const broken = bench({ echo: () => Promise.reject(new Error('disk full')) });
    expect(await broken.call('switchyard.echo', { nonce: 'n' })).toEqual({
      ok: false,
      code: 'UNAVAILABLE',
      message: 'disk full',
    });
  });

  it('refuse the business of another pair, another mode, and a lease that never ends', async () => {
    const { call } = bench();
    const lease = { pair: 'home', epoch: 1, seq: 1, untilMs: 1_000 };
    for (const [method, params] of [
      ['switchyard.grant', { ...lease, pair: 'work' }],
      ['switchyard.grant', { ...lease, untilMs: 1_000_000 }],
      ['switchyard.fence', { pair: 'work', seq: 1 }],
      ['switchyard.acquire', { pair: 'home', expected: null, next: record(), seq: 1 }],
    ] as const)
      expect(await call(method, params)).toMatchObject({ ok: false, code: 'INVALID_REQUEST' });
  });

  it('refuse parameters that are missing, of another kind or too large', async () => {
    const { call } = bench();
    const lease = { pair: 'home', epoch: 1, seq: 1, untilMs: 1_000 };
    for (const [method, params] of [
      ['switchyard.grant', null],
      ['switchyard.grant', []],
      ['switchyard.grant', { ...lease, epoch: 0 }],
      ['switchyard.grant', { ...lease, seq: '1' }],
      ['switchyard.grant', { ...lease, untilMs: Infinity }],
      ['switchyard.grant', { ...lease, untilMs: 0.5 }],
      ['switchyard.grant', { ...lease, pair: 'x'.repeat(257) }],
      ['switchyard.fence', { pair: 'home' }],
      ['switchyard.drain', { timeoutMs: -1 }],
      ['switchyard.probe', { runId: 'short' }],
      ['switchyard.echo', { nonce: '' }],
    ] as const)
      expect(await call(method, params)).toMatchObject({ ok: false, code: 'INVALID_REQUEST' });
  });

  it('take no lease while there is a problem, but fence and tell', async () => {
    const { call } = bench({ problem: 'tested with another version' });
    const lease = { pair: 'home', epoch: 1, seq: 1, untilMs: 1_000 };
    expect(await call('switchyard.grant', lease)).toEqual({
      ok: false,
      code: 'UNAVAILABLE',
      message: 'tested with another version',
    });
    expect(await call('switchyard.status')).toMatchObject({
      payload: { problem: 'tested with another version' },
    });
    expect(await call('switchyard.fence', { pair: 'home', seq: 1 })).toMatchObject({ ok: true });
  });
});

describe('the configuration of the plugin', () => {
  it.each([
    [null],
    [{}],
    [{ ...config, mode: 'other' }],
    [{ pair: 'home', mode: 'timed' }],
    [{ ...config, mode: 'held' }],
  ])('is broken: %j', (value) => {
    const parsed = parsePluginConfig(value);
    expect(parsed.ok).toBe(false);
    expect(pluginProblem(parsed, '1', '1')).toContain('configuration is broken');
  });

  it('and the version that it was tested with are the right ones', () => {
    const parsed = parsePluginConfig(config);
    expect(pluginProblem(parsed, '2026.9.6', '2026.9.6')).toBeNull();
    expect(pluginProblem(parsed, '2026.9.7', '2026.9.6')).toContain('2026.9.7');
  });
});

describe('the lock of two gateways on one host', () => {
  function host() {
    const path = join(temporaryFolder(), 'registers', 'home.json');
    const side = (gatewayId: string) => {
      const { call } = bench({
        config: { ...config, gateway: gatewayId, mode: 'held', registerPath: path },
        register: heldRegister(path, { release: null }),
      });
      const connection = {
        generation: () => 1,
        request: async (method: string, params: object): Promise<unknown> => {
          const answer = await call(
            fenceMethodNames.find((name) => name === method)!,
            params,
          );
          if (!answer.ok) throw new Error(answer.message);
          return answer.payload;
        },
      };
      const standIn = heldRegister(path, { release: null });
      return {
        call,
        register: openLockRegister({ path, pairId: 'home', gatewayId, connection, standIn }),
      };
    };
    return { path, a: side('a'), b: side('b') };
  }

  it('is held by whoever is active, and free for the other only after a fence', async () => {
    const { path, a, b } = host();
    const first = record();
    expect(await a.register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
    expect(await readRegister(path)).toEqual({ kind: 'found', record: first });
    const rival = record({ epoch: 2, holder: 'b', ctr: 2 });
    expect(await b.register.compareAndSwap(first, rival)).toEqual({ kind: 'held' });
    const nobodys = record({ holder: 'none', ctr: 2 });
    expect(await a.register.compareAndSwap(first, nobodys)).toEqual({ kind: 'held' });
    await a.call('switchyard.fence', { pair: 'home', seq: 1 });
    expect(await a.register.compareAndSwap(first, nobodys)).toEqual({ kind: 'swapped' });
    expect(await b.register.compareAndSwap(first, rival)).toEqual({ kind: 'conflict' });
    const taken = record({ epoch: 2, holder: 'b', ctr: 3 });
    expect(await b.register.compareAndSwap(nobodys, taken)).toEqual({ kind: 'swapped' });
    expect(await b.call('switchyard.status')).toMatchObject({
      payload: { acting: true, lease: { epoch: 2, seq: 3, untilMs: null } },
    });
    expect(await a.call('switchyard.status')).toMatchObject({ payload: { acting: false } });
  });

  it('is given up again where the register held something else', async () => {
    const { path, a } = host();
    expect(await a.register.compareAndSwap(record(), record({ ctr: 2 }))).toEqual({
      kind: 'conflict',
    });
    const release = takeExclusiveLock(`${path}.lock`);
    expect(release).not.toBeNull();
    release?.();
  });

  it('is not even tried by what a fence overtook', async () => {
    const { path, a } = host();
    await a.call('switchyard.fence', { pair: 'home', seq: 4 });
    expect(await a.register.compareAndSwap(null, record({ ctr: 4 }))).toEqual({ kind: 'conflict' });
    expect(existsSync(`${path}.lock`)).toBe(false);
    expect(existsSync(path)).toBe(false);
  });

  it('is never given to a gateway that the register would not name', async () => {
    const { a } = host();
    const params = { pair: 'home', expected: null, next: record({ holder: 'b' }), seq: 1 };
    expect(await a.call('switchyard.acquire', params)).toMatchObject({ ok: false });
    expect(await a.register.compareAndSwap(null, record({ holder: 'b' }))).toMatchObject({
      kind: 'unknown',
    });
  });

  it('does not open on a register that is damaged, and leaves it as it is', async () => {
    const { path, a } = host();
    expect(await swapRegister(path, null, record())).toEqual({ kind: 'swapped' });
    writeFileSync(path, '{"version":1,');
    expect(await a.register.compareAndSwap(null, record())).toMatchObject({ kind: 'unknown' });
    expect(readFileSync(path, 'utf8')).toBe('{"version":1,');
    const release = takeExclusiveLock(`${path}.lock`);
    expect(release).not.toBeNull();
    release?.();
  });

  it('is unknown when the gateway does not answer: it may have it', async () => {
    const path = join(temporaryFolder(), 'home.json');
    const register = openLockRegister({
      path,
      pairId: 'home',
      gatewayId: 'a',
      connection: { generation: () => 1, request: () => Promise.reject(new Error('reset')) },
      standIn: heldRegister(path, { release: null }),
    });
    expect(await register.compareAndSwap(null, record())).toEqual({
      kind: 'unknown',
      detail: 'Error: reset',
    });
  });

  it('is held by the guardian for a gateway without our plugin, until that one is stopped', async () => {
    const { path, b } = host();
    const unknownMethod = new GatewayClientRequestError({
      code: 'INVALID_REQUEST',
      message: 'unknown method: switchyard.acquire',
    });
    const standIn = heldRegister(path, { release: null });
    const register = openLockRegister({
      path,
      pairId: 'home',
      gatewayId: 'a',
      connection: { generation: () => 1, request: () => Promise.reject(unknownMethod) },
      standIn,
    });
    expect(await register.compareAndSwap(null, record())).toEqual({ kind: 'swapped' });
    const taken = record({ epoch: 2, holder: 'b', ctr: 2 });
    expect(await b.register.compareAndSwap(record(), taken)).toEqual({ kind: 'held' });
    standIn.release();
    expect(await b.register.compareAndSwap(record(), taken)).toEqual({ kind: 'swapped' });
  });
});
