import { execFileSync, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

import { onTestFinished } from 'vitest';

import { delay } from '../../../base/index.ts';
import { systemClock } from '../../../base/index.node.ts';
import { installFencePlugin } from '../../../gateways/index.ts';
import { openHeldConnection } from '../../health/held-connection.node.ts';
import type { HeldConnection } from '../../health/held-connection.node.ts';
import { gatewayConfig, variable } from '../../testing/real-gateway.ts';
import type { FencePluginConfig } from '../protocol.ts';
import { paperChannel, writePaperChannel } from './paper-channel.ts';
import type { ScriptedModel } from './scripted-model.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

export interface FencedGateway {
  readonly url: string;
  readonly token: string;
  readonly process: ChildProcess;
  /** What the paper channel delivered. */
  delivered(): readonly string[];
  /**
   * How many messages (of users, models and tools) the transcripts of all sessions have together. OpenClaw's own notes,
   * as the head of a session that a scheduled job opens, are none.
   */
  transcriptMessages(): number;
  log(): string;
  stop(): Promise<void>;
}

/** Builds the plugin from the sources into `folder`. */
export function buildFencePlugin(folder: string): string {
  const outDir = join(folder, 'gateway-plugin');
  const vite = join(root, 'node_modules', 'vite', 'bin', 'vite.js');
  const config = join(root, 'build', 'gateway-plugin.config.ts');
  execFileSync(process.execPath, [vite, 'build', '--config', config, '--outDir', outDir], {
    cwd: root,
    stdio: 'pipe',
    env: { ...process.env, NODE_ENV: 'production' },
  });
  return outDir;
}

/** Starts a real gateway in `folder` with the fence installed as in a gateway of ours; resolves when it is live. */
export async function startFencedGateway(
  folder: string,
  pluginPath: string,
  config: FencePluginConfig,
  model: ScriptedModel,
): Promise<FencedGateway> {
  const port = 29_000 + Math.floor(Math.random() * 1_000);
  const token = 'token-of-the-fenced-gateway';
  mkdirSync(folder, { mode: 0o700 });
  const outFile = join(folder, 'delivered.txt');
  const logFile = join(folder, 'out.log');
  for (const name of ['state', 'tmp', 'workspace']) mkdirSync(join(folder, name), { mode: 0o700 });
  writePaperChannel(join(folder, paperChannel), outFile);
  const plain = paperGatewayConfig(port, token, model.port, folder);
  const configPath = join(folder, 'openclaw.json');
  writeFileSync(configPath, installFencePlugin(JSON.stringify(plain), { pluginPath, config }));
  const log = openSync(logFile, 'a');
  const child = spawn(variable('SWITCHYARD_NODE'), [variable('SWITCHYARD_OPENCLAW'), 'gateway'], {
    cwd: folder,
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env['PATH'],
      HOME: folder,
      TMPDIR: join(folder, 'tmp'),
      OPENCLAW_CONFIG_PATH: configPath,
      OPENCLAW_STATE_DIR: join(folder, 'state'),
      OPENCLAW_NO_RESPAWN: '1',
      OPENCLAW_DISABLE_BONJOUR: '1',
      OPENCLAW_SKIP_CHANNELS: '1',
      OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
    },
  });
  const exited = once(child, 'exit');
  const clock = systemClock();
  for (;;) {
    if (child.exitCode !== null)
      throw new Error(
        `the gateway ended while starting:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`,
      );
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ready) break;
    await delay(clock, 100);
  }
  return {
    url: `ws://127.0.0.1:${port}`,
    token,
    process: child,
    delivered: () =>
      existsSync(outFile) ? readFileSync(outFile, 'utf8').trimEnd().split('\n') : [],
    transcriptMessages: () => transcriptMessages(join(folder, 'state')),
    log: () => readFileSync(logFile, 'utf8'),
    stop: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** A guardian's connection to it, for the length of the test. */
export function connectTo(gateway: FencedGateway): HeldConnection {
  const connection = openHeldConnection({
    member: { id: 'a', name: 'A', url: gateway.url, token: { app: true } },
    token: async () => gateway.token,
    identity: async () => null,
    onReset: () => undefined,
    clock: systemClock(),
  });
  onTestFinished(() => connection.close());
  return connection;
}

/** Looks into the gateway's own database: nothing that any path wrote can hide from that. Only a test of a pinned version may. */
function transcriptMessages(stateDir: string): number {
  const path = join(stateDir, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
  if (!existsSync(path)) return 0;
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    // Long events are compressed; notes never are.
    const row = database
      .prepare(
        `SELECT count(*) AS messages FROM transcript_events
         WHERE event_json IS NULL OR json_extract(event_json, '$.type') = 'message'`,
      )
      .get();
    return Number(row?.['messages']);
  } finally {
    database.close();
  }
}

function paperGatewayConfig(
  port: number,
  token: string,
  modelPort: number,
  folder: string,
): object {
  return {
    ...gatewayConfig(port, token, modelPort, join(folder, 'workspace')),
    tools: { exec: { mode: 'full' } },
    channels: { [paperChannel]: { enabled: true } },
    plugins: {
      load: { paths: [join(folder, paperChannel)] },
      entries: { [paperChannel]: { enabled: true } },
      // Keeps this gateway small; one of ours has no such list.
      allow: [paperChannel],
    },
  };
}
