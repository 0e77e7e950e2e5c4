import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { delay } from '../../../base/index.ts';
import { systemClock } from '../../../base/index.node.ts';
import { installFencePlugin } from '../../../gateways/index.ts';
import { openHeldConnection } from '../../health/held-connection.node.ts';
import type { HeldConnection } from '../../health/held-connection.node.ts';
import { freeTcpPort } from '../../testing/free-ports.ts';
import { gatewayConfig, variable } from '../../testing/real-gateway.ts';

/** A real gateway with the fence, a schedule and Telegram, which can be killed and started again on what it left. */
export interface DutyGateway {
  readonly name: string;
  /** Its home: what a job of its schedule sees as HOME. */
  readonly folder: string;
  readonly connection: HeldConnection;
  /** Starts its process; resolves when it is ready. */
  start(): Promise<void>;
  kill(): Promise<void>;
  log(): string;
  stop(): Promise<void>;
}

export interface DutyGatewayOptions {
  readonly name: string;
  readonly folder: string;
  readonly pluginPath: string;
  readonly modelPort: number;
  /** `channels.telegram`; null: it has none. */
  readonly telegram: object | null;
}

/** Makes the gateway's folder; nothing runs yet. */
export async function makeDutyGateway(options: DutyGatewayOptions): Promise<DutyGateway> {
  const { name, folder, pluginPath } = options;
  const clock = systemClock();
  const port = await freeTcpPort();
  const token = 'token-of-the-duty-gateway';
  for (const made of ['', 'state', 'tmp', 'workspace'])
    mkdirSync(join(folder, made), { mode: 0o700, recursive: true });
  const configPath = join(folder, 'openclaw.json');
  const logFile = join(folder, 'out.log');
  const plain = {
    ...gatewayConfig(port, token, options.modelPort, join(folder, 'workspace')),
    ...(options.telegram === null ? {} : { channels: { telegram: options.telegram } }),
    plugins: { allow: ['telegram'] },
  };
  const config = { pair: 'home', gateway: name, mode: 'timed' } as const;
  writeFileSync(configPath, installFencePlugin(JSON.stringify(plain), { pluginPath, config }));
  let child: ChildProcess | null = null;

  const connection = openHeldConnection({
    member: { id: name, name, url: `ws://127.0.0.1:${port}`, token: { app: true } },
    token: async () => token,
    identity: async () => null,
    onReset: () => undefined,
    clock,
  });

  const kill = async (): Promise<void> => {
    if (child === null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    child = null;
  };

  return {
    name,
    folder,
    connection,
    start: async () => {
      const log = openSync(logFile, 'a');
      const started = spawn(
        variable('SWITCHYARD_NODE'),
        [variable('SWITCHYARD_OPENCLAW'), 'gateway'],
        {
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
            OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
          },
        },
      );
      child = started;
      for (;;) {
        if (started.exitCode !== null)
          throw new Error(
            `the gateway ended while starting:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`,
          );
        const ready = await fetch(`http://127.0.0.1:${port}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        );
        if (ready) return;
        await delay(clock, 100);
      }
    },
    kill,
    log: () => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : ''),
    stop: async () => {
      connection.close();
      await kill();
    },
  };
}
