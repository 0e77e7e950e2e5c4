import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorText } from '../../base/index.ts';
import { exitCodes } from './exit-codes.ts';

export interface StartOptions {
  /** The Node 24 that runs the guardian. */
  readonly node: string;
  /** The guardian's bundle. */
  readonly entry: string;
  readonly configPath: string;
  readonly logPath: string;
}

/** A watchdog that was started, and with it a guardian that may or may not come up. */
export interface StartedGuardian {
  /** Why it is gone, in words; null while it runs. `another`: because there is one already. */
  failure(): { readonly words: string; readonly another: boolean } | null;
  /** Asks it to end, in case its guardian never comes to listen. */
  end(): void;
}

/**
 * Starts a watchdog, which starts the guardian. It outlives us, whatever way we end: in a process group of its own, its
 * output in the log, and nothing that ties it to us.
 */
export function startDetached(options: StartOptions): StartedGuardian {
  let failure: ReturnType<StartedGuardian['failure']> = null;
  let child: ChildProcess | null = null;
  const fail = (error: unknown): void => {
    failure = {
      words: `the guardian could not be started (${errorText(error)})`,
      another: false,
    };
  };
  try {
    child = spawnInto(options);
    child.once('error', fail);
    child.once('exit', (code) => {
      failure = { words: exitWords(code, options.logPath), another: code === exitCodes.running };
    });
  } catch (error) {
    fail(error);
  }
  return {
    failure: () => failure,
    end: () => {
      if (failure === null) child?.kill('SIGTERM');
    },
  };
}

function spawnInto({ node, entry, configPath, logPath }: StartOptions): ChildProcess {
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 });
  const log = openSync(logPath, 'a', 0o600);
  try {
    const words = ['--config', configPath, '--watch', '--log', logPath];
    const child = spawn(node, [entry, ...words], {
      detached: true,
      stdio: ['ignore', log, log],
      windowsHide: true,
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function exitWords(code: number | null, logPath: string): string {
  if (code === exitCodes.config)
    return `the guardian does not accept its configuration; see ${logPath}`;
  if (code === exitCodes.running) return 'another guardian was just starting';
  return `the guardian ended at once (${code === null ? 'killed' : `exit code ${code}`}); see ${logPath}`;
}
