import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { processStartMark } from '../../gateways/index.node.ts';
import { startGatewayDouble } from '../../gateways/testing/gateway-double.node.ts';
import type {
  GatewayDouble,
  GatewayDoubleOptions,
} from '../../gateways/testing/gateway-double.node.ts';
import type { CheckOutcome, MemberConfig } from '../model.ts';
import type { Probe } from '../ports.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openHeldConnection } from './held-connection.node.ts';
import { openGatewayProbe } from './probe.node.ts';
import { whoListens } from './process-identity.node.ts';

const clock = systemClock();
const random = systemRandom();
const token = 'the-token-of-the-double';

interface Seen {
  readonly gateway: GatewayDouble;
  readonly probe: Probe;
  readonly resets: string[];
}

async function look(
  options: Partial<GatewayDoubleOptions> & {
    readonly offered?: string | null;
    readonly member?: Partial<MemberConfig>;
  } = {},
): Promise<Seen> {
  const { offered = token, member: change, ...double } = options;
  const gateway = await startGatewayDouble({ token, ...double });
  onTestFinished(() => gateway.stop());
  const member: MemberConfig = {
    id: 'home-a',
    name: 'Home A',
    url: gateway.url,
    token: { app: true },
    ...change,
  };
  const resets: string[] = [];
  const connection = openHeldConnection({
    member,
    token: async () => offered,
    identity: () => whoListens(member.pidFile, gateway.port),
    onReset: (detail) => resets.push(detail),
    clock,
  });
  const probe = openGatewayProbe({ member, connection, clock, random });
  onTestFinished(() => {
    probe.close();
    connection.close();
  });
  return { gateway, probe, resets };
}

/** Our plugin's echo in a double. */
function plugin(answer: (nonce: unknown) => unknown): Pick<GatewayDoubleOptions, 'methods'> {
  const times = { epoch: 1, acting: true, loopMs: 1, writeMs: 2, readMs: 3 };
  return {
    methods: {
      'switchyard.echo': {
        scope: 'operator.write',
        handle: ({ nonce }) => ({ nonce: answer(nonce), ...times }),
      },
      'switchyard.probe': { scope: 'operator.write', handle: () => ({ marked: true }) },
      'switchyard.warm': { scope: 'operator.write', handle: () => ({ warm: true }) },
    },
  };
}

function depths(outcome: CheckOutcome): readonly string[] {
  return outcome.kind === 'ok' ? outcome.passed.map(({ depth }) => depth) : [];
}

describe('a fast check', () => {
  it('goes as deep as the gateway allows: with our plugin, through its echo', async () => {
    const { probe } = await look(plugin((nonce) => nonce));
    const outcome = await probe.check('fast', 5_000);
    expect(depths(outcome)).toEqual(['tcp', 'ready', 'rpc', 'echo']);
    expect(outcome).toMatchObject({ detail: 'event loop 1 ms, write 2 ms, read-back 3 ms' });
  });

  it('asks for the health where our plugin is not, and looks for it once a connection', async () => {
    const { probe, gateway } = await look();
    for (let round = 0; round < 3; round += 1)
      expect(depths(await probe.check('fast', 5_000))).toEqual(['tcp', 'ready', 'rpc']);
    const asked = gateway.requests.map(({ method }) => method);
    expect(asked.filter((method) => method === 'switchyard.echo')).toHaveLength(1);
    expect(asked.filter((method) => method === 'health')).toHaveLength(3);
    expect(gateway.connectionCount()).toBe(1);
  });

  it('catches a gateway that lies', async () => {
    const { probe } = await look(plugin(() => 'another word'));
    expect(await probe.check('fast', 5_000)).toEqual({
      kind: 'miss',
      failedAt: 'echo',
      detail: expect.stringContaining('answers wrongly') as string,
    });
  });

  it('begins with the process, where its record is known', async () => {
    const pidFile = join(temporaryFolder(), 'process.json');
    const startMark = await processStartMark(process.pid);
    writeFileSync(pidFile, JSON.stringify({ pid: process.pid, startMark, configHash: '' }));
    const { probe } = await look({ member: { pidFile } });
    expect(depths(await probe.check('fast', 5_000))[0]).toBe('process');
    writeFileSync(pidFile, JSON.stringify({ pid: process.pid, startMark: '1', configHash: '' }));
    expect(await probe.check('fast', 5_000)).toMatchObject({
      kind: 'miss',
      failedAt: 'process',
      gone: true,
    });
  });

  it('gives no token to somebody else at the gateway’s address', async () => {
    const pidFile = join(temporaryFolder(), 'process.json');
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child, 'spawn');
    const startMark = await processStartMark(child.pid!);
    writeFileSync(pidFile, JSON.stringify({ pid: child.pid, startMark, configHash: '' }));
    const { probe, gateway } = await look({ member: { pidFile } });
    expect(await probe.check('fast', 5_000)).toMatchObject({ kind: 'miss', failedAt: 'tcp' });
    expect(gateway.requests).toEqual([]);
  });

  it.each([
    ['it is not known', null],
    ['it is refused', 'another token'],
  ])('is blind, not failed, where the token is there but %s', async (_words, offered) => {
    const { probe } = await look({ offered });
    const outcome = await probe.check('fast', 5_000);
    expect(outcome.kind).toBe('blind');
    expect(JSON.stringify(outcome)).not.toContain('another token');
  });

  it('tells at once that the held connection broke, and dials anew', async () => {
    const { probe, gateway, resets } = await look();
    await probe.check('fast', 5_000);
    gateway.drop();
    while (resets.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(depths(await probe.check('fast', 5_000))).toContain('rpc');
    expect(resets).toHaveLength(1);
  });

  it('waits for a slow welcome longer than one check may take', async () => {
    const { probe, gateway } = await look();
    gateway.handshake('silent');
    expect(await probe.check('fast', 100)).toMatchObject({ kind: 'miss', failedAt: 'ready' });
    expect(await probe.check('fast', 100)).toMatchObject({ kind: 'miss', failedAt: 'ready' });
    expect(gateway.connectionCount()).toBe(1);
  });
});

describe('a turn', () => {
  it('is good when the word comes back, and is announced to our plugin as a check', async () => {
    const { probe, gateway } = await look(plugin((nonce) => nonce));
    expect(depths(await probe.check('turn', 5_000))).toEqual(['turn']);
    const announced = gateway.requests.find(({ method }) => method === 'switchyard.probe');
    const ran = gateway.requests.find(({ method }) => method === 'agent');
    expect(announced?.params['runId']).toBe(ran?.params['idempotencyKey']);
    expect(ran?.params).toMatchObject({ modelRun: true, sessionEffects: 'internal' });
    expect(gateway.requests.map(({ method }) => method)).toContain('switchyard.warm');
  });

  it('is a miss when another answer comes', async () => {
    const { probe } = await look({ answer: () => 'The weather is fine.' });
    expect(await probe.check('turn', 5_000)).toEqual({
      kind: 'miss',
      failedAt: 'turn',
      detail: 'it answers wrongly: without the word it was asked for',
    });
  });
});
