/** Holds the light gateway to a real one with our plugin, in what a guardian asks of it: the same checks on both. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { systemClock } from '../../src/base/index.node.ts';
import { callPlugin } from '../../src/ha/fence/plugin-link.node.ts';
import type { FenceCalls, FenceMethod } from '../../src/ha/fence/protocol.ts';
import { buildFencePlugin, startFencedGateway } from '../../src/ha/fence/testing/fenced-gateway.ts';
import { startScriptedModel } from '../../src/ha/fence/testing/scripted-model.ts';
import {
  openHeldConnection,
  type HeldConnection,
} from '../../src/ha/health/held-connection.node.ts';
import { freeGatewayPort } from '../../src/ha/testing/free-ports.ts';
import { startProcess } from './lab/process.ts';
import type { LightGatewayConfig } from './light-words.ts';

interface Target {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

const clock = systemClock();
const plugin = { pair: 'home', gateway: 'a', mode: 'timed' } as const;

async function lightTarget(folder: string): Promise<Target> {
  const port = await freeGatewayPort();
  const token = 'token-of-the-light-gateway';
  const effects = join(folder, 'effects.jsonl');
  const config: LightGatewayConfig = { id: 'a', port, token, pair: 'home', mode: 'timed', effects };
  const path = join(folder, 'light.json');
  writeFileSync(path, JSON.stringify(config));
  const child = startProcess('light', process.execPath, [
    join(import.meta.dirname, 'light-gateway.ts'),
    path,
  ]);
  await child.line((line) => line === 'ready');
  return { url: `ws://127.0.0.1:${port}`, token, stop: () => child.end() };
}

async function realTarget(folder: string): Promise<Target> {
  const model = await startScriptedModel();
  const gateway = await startFencedGateway(
    join(folder, 'gateway'),
    buildFencePlugin(folder),
    plugin,
    model,
  );
  return {
    url: gateway.url,
    token: gateway.token,
    stop: async () => {
      await gateway.stop();
      await model.stop();
    },
  };
}

describe.each([
  ['the light gateway', lightTarget],
  ['the real gateway', realTarget],
])('%s', (_name, start) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-light-'));
  let target: Target;
  let connection: HeldConnection;
  let runs = 0;

  beforeAll(async () => {
    target = await start(folder);
    connection = openHeldConnection({
      member: { id: 'a', name: 'A', url: target.url, token: { app: true } },
      token: async () => target.token,
      identity: async () => null,
      onReset: () => undefined,
      clock,
    });
  });

  afterAll(async () => {
    connection.close();
    await target.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  test('told nothing yet, it may not act, and says so', async () => {
    expect(await ask('switchyard.status', {})).toMatchObject({
      kind: 'answered',
      value: {
        pair: 'home',
        gateway: 'a',
        mode: 'timed',
        acting: false,
        draining: false,
        running: 0,
        problem: null,
        lease: { epoch: 0, untilMs: null },
      },
    });
  });

  test('an echo gives its word back, lease or not', async () => {
    expect(await ask('switchyard.echo', { nonce: 'a-word' })).toMatchObject({
      kind: 'answered',
      value: { nonce: 'a-word', epoch: 0, acting: false },
    });
  });

  test('a turn without a lease is refused, unless it was announced as a check', async () => {
    expect(await turn('somebody-elses-turn')).toMatchObject({ status: 'error' });
    const runId = 'switchyard-probe-of-the-contract';
    expect(await ask('switchyard.probe', { runId })).toMatchObject({ value: { marked: true } });
    expect(await turn(runId)).toMatchObject({
      status: 'ok',
      terminalReply: { text: expect.stringContaining('a fresh word') as string },
    });
  });

  test('grants and fences count by their order', async () => {
    expect(await grant(2)).toMatchObject({ value: { acting: true, seq: 2 } });
    expect(await ask('switchyard.fence', { pair: 'home', seq: 4 })).toMatchObject({
      value: { fenced: true },
    });
    expect(await grant(3)).toMatchObject({ value: { acting: false, seq: 4 } });
    expect(await grant(5)).toMatchObject({ value: { acting: true, seq: 5 } });
    expect(await ask('switchyard.fence', { pair: 'home', seq: 4 })).toMatchObject({
      value: { fenced: false },
    });
    expect(await turn(`turn-${(runs += 1)}-with-a-lease`)).toMatchObject({ status: 'ok' });
  });

  test('a lease that is over is none', async () => {
    expect(await grant(6, -10)).toMatchObject({ value: { acting: false, seq: 6 } });
    expect(await turn(`turn-${(runs += 1)}-after-the-lease`)).toMatchObject({ status: 'error' });
  });

  test('it drains, and takes no orders for another pair or of another kind', async () => {
    expect(await ask('switchyard.drain', { timeoutMs: 1_000 })).toMatchObject({
      value: { drained: true, running: 0 },
    });
    expect(await ask('switchyard.fence', { pair: 'other', seq: 9 })).toMatchObject({
      kind: 'refused',
    });
    const next = { epoch: 9, holder: 'a', ctr: 9, addr: '' };
    expect(
      await ask('switchyard.acquire', { pair: 'home', expected: null, next, seq: 9 }),
    ).toMatchObject({ kind: 'refused' });
  });

  test('a method that nobody has is unknown', async () => {
    await expect(connection.request('switchyard.nothing', {}, 5_000)).rejects.toThrow(
      /^unknown method/u,
    );
  });

  function ask<M extends FenceMethod>(method: M, params: FenceCalls[M][0]) {
    return callPlugin(connection, method, params, 10_000);
  }

  function grant(seq: number, forMs = 60_000) {
    const untilMs = clock.bootMs() + forMs;
    return ask('switchyard.grant', { pair: 'home', epoch: 1, seq, untilMs });
  }

  async function turn(runId: string): Promise<unknown> {
    await connection.request(
      'agent',
      {
        message: 'Reply with exactly this and nothing else: a fresh word',
        modelRun: true,
        promptMode: 'none',
        sessionEffects: 'internal',
        suppressPromptPersistence: true,
        idempotencyKey: runId,
      },
      45_000,
    );
    return connection.request('agent.wait', { runId, timeoutMs: 45_000 }, 50_000);
  }
});
