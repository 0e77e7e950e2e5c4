import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { delay } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';

/** A real OpenClaw in a folder of its own, which can be killed and started again on what it left. */
export interface GatewayProcess {
  /** The one that runs now, or ran last; null before the first start. */
  readonly process: ChildProcess | null;
  /** Starts it; resolves when it is ready. */
  start(): Promise<void>;
  kill(): Promise<void>;
  /** What it wrote to its output, in all its lives. */
  log(): string;
}

/** Where a gateway of a test keeps what it is told: write it before the first start. */
export function configPathIn(folder: string): string {
  return join(folder, 'openclaw.json');
}

/** Makes the folder of a gateway that will listen on `port`; nothing runs yet. `environment`: over and above what all have. */
export function gatewayProcess(
  folder: string,
  port: number,
  environment: Readonly<Record<string, string>> = {},
): GatewayProcess {
  for (const made of ['', 'state', 'tmp', 'workspace'])
    mkdirSync(join(folder, made), { recursive: true, mode: 0o700 });
  const logFile = join(folder, 'out.log');
  const log = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : '');
  let child: ChildProcess | null = null;
  return {
    get process() {
      return child;
    },
    start: async () => {
      const output = openSync(logFile, 'a');
      const started = spawn(
        variable('SWITCHYARD_NODE'),
        [variable('SWITCHYARD_OPENCLAW'), 'gateway'],
        {
          cwd: folder,
          stdio: ['ignore', output, output],
          env: {
            PATH: process.env['PATH'],
            HOME: folder,
            TMPDIR: join(folder, 'tmp'),
            OPENCLAW_CONFIG_PATH: configPathIn(folder),
            OPENCLAW_STATE_DIR: join(folder, 'state'),
            OPENCLAW_NO_RESPAWN: '1',
            OPENCLAW_DISABLE_BONJOUR: '1',
            OPENCLAW_EXEC_SHELL_SNAPSHOT: '0',
            ...environment,
          },
        },
      );
      closeSync(output);
      child = started;
      for (;;) {
        if (started.exitCode !== null)
          throw new Error(`the gateway ended while starting:\n${log().slice(-4_000)}`);
        const isReady = await fetch(`http://127.0.0.1:${port}/readyz`).then(
          (answer) => answer.ok,
          () => false,
        );
        if (isReady) return;
        await delay(systemClock(), 100);
      }
    },
    kill: async () => {
      if (child === null || child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
    log,
  };
}

/** What `npm test` sets up, told by the environment. */
export function variable(name: string): string {
  const value = process.env[name];
  if (value === undefined || value === '')
    throw new Error(`${name} is not set. Run this test with “npm test”, which sets it up.`);
  return value;
}
