/** Our plugin's methods for a light gateway: the plugin's own fence, register and answers, without OpenClaw around them. */
import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { dirname, join } from 'node:path';
import { performance } from 'node:perf_hooks';

import { ok } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import type { DoubleMethod } from '../../src/gateways/testing/gateway-double.node.ts';
import { createFence, newFenceMemory, type Fence } from '../../src/ha/fence/fence.ts';
import { answerFenceCall, type FenceMethodPorts } from '../../src/ha/fence/methods.ts';
import { heldRegister } from '../../src/ha/fence/held-register.node.ts';
import { fenceMethodNames } from '../../src/ha/fence/protocol.ts';
import { nowMs } from './lab/commands.ts';
import type { LightFaults, LightGatewayConfig } from './light-words.ts';

export interface LightPlugin {
  readonly methods: Readonly<Record<string, DoubleMethod>>;
  /** The epoch to stamp an effect with, now; null when nothing may happen. */
  actingEpoch(): number | null;
  /** Whether a check of ours may ask the model. */
  mayRun(runId: string): boolean;
  /** Begins a turn; gives back what ends it: the epoch to stamp its answer with, null when it may not be given any more. Null when no turn may begin. */
  beginTurn(id: string): (() => number | null) | null;
}

/** Makes the methods; where the mode is `free` there are none. `note` hears of each change of the lease. */
export function lightPlugin(
  config: LightGatewayConfig,
  faults: () => LightFaults,
  note: (lease: { atMs: number; method: string; acting: boolean; epoch: number }) => void,
): LightPlugin {
  const { mode } = config;
  if (mode === 'free')
    return {
      methods: {},
      actingEpoch: () => (hasAddress(config.activeAddress) ? 1 : null),
      mayRun: () => true,
      beginTurn: () => null,
    };
  const clock = systemClock();
  const fence = createFence(newFenceMemory(), {
    bootMs: clock.bootMs,
    after: (delayMs, run) => clock.after(delayMs, run),
    stopRun: () => undefined,
    changed: () => undefined,
  });
  const path = config.registerPath ?? '';
  const ports: FenceMethodPorts = {
    config: { pair: config.pair, gateway: config.id, mode },
    pluginVersion: '0.0.0-light',
    openclawVersion: '2026.9.6-double',
    problem: null,
    bootMs: clock.bootMs,
    fence,
    register: mode === 'held' ? heldRegister(path, { release: null }) : null,
    echo: lightEcho(config, faults),
    warmUp: async () => ok(null), // there is nothing to load
  };
  return {
    actingEpoch: () => (mayServe(fence) || faults().unfenced === true ? fence.cell().epoch : null),
    mayRun: (runId) => {
      const run = { runId, sessionId: runId, sessionKey: runId };
      const may = fence.mayRun(run);
      fence.ended(run);
      return may;
    },
    beginTurn: (runId) => {
      const run = { runId, sessionId: runId, sessionKey: runId };
      if (!mayServe(fence) || !fence.mayRun(run)) return null;
      return () => {
        fence.ended(run);
        return fence.passes() ? fence.cell().epoch : null;
      };
    },
    methods: Object.fromEntries(
      fenceMethodNames.map((method): [string, DoubleMethod] => [
        method,
        {
          scope: 'operator.admin',
          handle: async (params) => {
            const answer = await answerFenceCall(method, params, ports);
            if (['switchyard.grant', 'switchyard.acquire', 'switchyard.fence'].includes(method)) {
              const { epoch } = fence.cell();
              note({ atMs: nowMs(), method, acting: fence.acting(), epoch });
            }
            if (!answer.ok) throw new Error(answer.message);
            if (method !== 'switchyard.echo' || faults().lie === undefined) return answer.payload;
            return { ...answer.payload, nonce: faults().lie === 'empty' ? '' : 'another' };
          },
        },
      ]),
    ),
  };
}

function hasAddress(address: string | undefined): boolean {
  return Object.values(networkInterfaces()).some((all) =>
    all?.some((each) => each.address === address),
  );
}

/** A question to the service is a turn of its own: none begins while the gateway drains. */
function mayServe(fence: Fence): boolean {
  return fence.acting() && !fence.draining();
}

/** Event loop, a write with sync, and its read-back, in a file of this gateway's own. */
function lightEcho(
  config: LightGatewayConfig,
  faults: () => LightFaults,
): FenceMethodPorts['echo'] {
  const path = join(dirname(config.effects), `${config.id}.echo`);
  return async (nonce) => {
    const startedMs = performance.now();
    await new Promise((resolve) => setImmediate(resolve));
    const turnedMs = performance.now();
    if (faults().disk === 'full') throw new Error('ENOSPC: no space left on device, write');
    mkdirSync(dirname(path), { recursive: true });
    const file = openSync(path, 'w');
    writeSync(file, nonce);
    if (faults().disk === 'slow') await new Promise((resolve) => setTimeout(resolve, 2_000));
    else fsyncSync(file);
    closeSync(file);
    const writtenMs = performance.now();
    if (readFileSync(path, 'utf8') !== nonce) throw new Error('what was written did not come back');
    return {
      loopMs: turnedMs - startedMs,
      writeMs: writtenMs - turnedMs,
      readMs: performance.now() - writtenMs,
    };
  };
}
