import { execFileSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { SQLOutputValue } from 'node:sqlite';

import { onTestFinished } from 'vitest';

import { systemClock } from '../../../base/index.node.ts';
import { installFencePlugin } from '../../../gateways/index.ts';
import { openHeldConnection } from '../../health/held-connection.node.ts';
import type { HeldConnection } from '../../health/held-connection.node.ts';
import { freeGatewayPort } from '../../testing/free-ports.ts';
import { configPathIn, gatewayProcess } from '../../testing/gateway-process.ts';
import { gatewayConfig } from '../../testing/real-gateway.ts';
import type { FencePluginConfig } from '../protocol.ts';
import { paperChannel, writePaperChannel } from './paper-channel.ts';
import type { ScriptedModel } from './scripted-model.ts';

const root = join(import.meta.dirname, '..', '..', '..', '..');

export interface FencedGateway {
  readonly url: string;
  readonly token: string;
  /** The one that runs now. */
  readonly process: ChildProcess;
  /** What the paper channel delivered. */
  delivered(): readonly string[];
  /**
   * How many messages (of users, models and tools) the transcripts of all sessions have together. OpenClaw's own notes,
   * as the head of a session that a scheduled job opens, are none.
   */
  transcriptMessages(): number;
  /** The sessions in which OpenClaw thinks that a turn goes on. */
  runningSessions(): readonly string[];
  /** Every session that it knows. */
  sessions(): readonly string[];
  /** Files of transcripts that were put away. */
  archives(): readonly string[];
  log(): string;
  /** Kills it and starts it again, with everything that it had on disk; resolves when it is live. */
  restart(): Promise<void>;
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
  const port = await freeGatewayPort();
  const token = 'token-of-the-fenced-gateway';
  const gateway = gatewayProcess(folder, port, { OPENCLAW_SKIP_CHANNELS: '1' });
  const outFile = join(folder, 'delivered.txt');
  writePaperChannel(join(folder, paperChannel), outFile);
  const plain = paperGatewayConfig(port, token, model.port, folder);
  writeFileSync(
    configPathIn(folder),
    installFencePlugin(JSON.stringify(plain), { pluginPath, config }),
  );
  await gateway.start();
  return {
    url: `ws://127.0.0.1:${port}`,
    token,
    get process() {
      return gateway.process as ChildProcess; // it was started above
    },
    delivered: () =>
      existsSync(outFile) ? readFileSync(outFile, 'utf8').trimEnd().split('\n') : [],
    transcriptMessages: () => transcriptMessages(join(folder, 'state')),
    runningSessions: () => runningSessions(join(folder, 'state')),
    sessions: () => sessions(join(folder, 'state')),
    archives: () => archives(join(folder, 'state')),
    log: gateway.log,
    restart: async () => {
      await gateway.kill();
      await gateway.start();
    },
    stop: gateway.kill,
  };
}

/** A guardian's connection to it, for the length of the test. */
export function connectTo(gateway: Pick<FencedGateway, 'url' | 'token'>): HeldConnection {
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
function rowsOf(stateDir: string, query: string): readonly Record<string, SQLOutputValue>[] {
  const path = join(stateDir, 'agents', 'main', 'agent', 'openclaw-agent.sqlite');
  if (!existsSync(path)) return [];
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    return database.prepare(query).all();
  } finally {
    database.close();
  }
}

function transcriptMessages(stateDir: string): number {
  // Long events are compressed; notes never are.
  const [row] = rowsOf(
    stateDir,
    `SELECT count(*) AS messages FROM transcript_events
     WHERE event_json IS NULL OR json_extract(event_json, '$.type') = 'message'`,
  );
  return Number(row?.['messages'] ?? 0);
}

function runningSessions(stateDir: string): readonly string[] {
  return rowsOf(stateDir, "SELECT session_key FROM session_nodes WHERE status = 'running'").map(
    (row) => String(row['session_key']),
  );
}

function sessions(stateDir: string): readonly string[] {
  return rowsOf(stateDir, 'SELECT session_key FROM session_nodes').map((row) =>
    String(row['session_key']),
  );
}

function archives(stateDir: string): readonly string[] {
  const path = join(stateDir, 'agents', 'main', 'sessions');
  return existsSync(path) ? readdirSync(path) : [];
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
