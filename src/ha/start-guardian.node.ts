import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';

import { errorText } from '../base/index.ts';
import { exitCodes } from './exit-codes.ts';

export interface StartOptions {
  /** The Node 24 that runs the guardian. */
  readonly node: string;
  /** The guardian's bundle. */
  readonly entry: string;
  readonly configPath: string;
  readonly logPath: string;
}

/** A guardian that was started and may or may not come up. */
export interface StartedGuardian {
  /** Why it is gone, in words; null while it runs. */
  failure(): string | null;
}

/**
 * Starts a guardian that outlives us, whatever way we end: in a process group of its own, its output in the log, and
 * nothing that ties it to us.
 */
export function startDetached(options: StartOptions): StartedGuardian {
  let failure: string | null = null;
  const fail = (error: unknown): void => {
    failure = `the guardian could not be started (${errorText(error)})`;
  };
  try {
    const child = spawnInto(options);
    child.once('error', fail);
    child.once('exit', (code) => (failure = exitWords(code, options.logPath)));
  } catch (error) {
    fail(error);
  }
  return { failure: () => failure };
}

function spawnInto({ node, entry, configPath, logPath }: StartOptions): ChildProcess {
  mkdirSync(dirname(logPath), { recursive: true, mode: 0o700 });
  const log = openSync(logPath, 'a', 0o600);
  try {
    const child = spawn(node, [entry, '--config', configPath], {
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
