/**
 * An Electron process for one cold start.
 *
 * Invariants
 * 1. It leads a process group of its own, so Ctrl-C reaches us and not it, and all of it can be ended at once.
 * 2. Nothing outlives us: a group that is still there when we exit is killed.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import type { Lifetime } from '../../src/base/index.ts';

export interface ElectronProcess {
  readonly pid: number;
  /** Wall milliseconds right before the process was made, on the scale of a page's `performance.timeOrigin`. */
  readonly spawnedAtMs: number;
  readonly devToolsUrl: string;
}

const listenLimitMs = 60_000;
const endLimitMs = 10_000;
const keptOutput = 4_000;

const running = new Set<number>();
process.on('exit', () => {
  for (const pid of running) killGroup(pid);
});

/**
 * Starts Electron on an app folder and waits until its pages can be looked at; it ends with `lifetime`. Rejects with what it
 * printed if it ends first. Both subjects of the benchmark get the same switches, and no session bus: no keyring answers,
 * in no time.
 */
export async function startElectron(
  executable: string,
  args: readonly string[],
  lifetime: Lifetime,
): Promise<ElectronProcess> {
  const env = { ...process.env, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' };
  const spawnedAtMs = performance.timeOrigin + performance.now();
  const child = spawn(executable, [...switches(), ...args], {
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const { pid } = child;
  if (pid !== undefined) {
    running.add(pid);
    lifetime.add(() => end(child, pid));
  }
  const devToolsUrl = await devToolsAddress(child);
  if (pid === undefined) throw new Error('Electron has no process id.');
  return { pid, spawnedAtMs, devToolsUrl };
}

/** Asks it to end, and makes it. */
async function end(child: ChildProcess, pid: number): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), endLimitMs);
  const isRunning = child.exitCode === null && child.signalCode === null;
  if (isRunning && child.kill('SIGTERM')) await once(child, 'exit');
  clearTimeout(timer);
  killGroup(pid); // a helper process may be slower than its parent
  running.delete(pid);
}

/** Root may not use Chromium's sandbox; anyone else must ask for sandboxed processes whose memory can be read. */
function switches(): readonly string[] {
  const sandbox = process.getuid?.() === 0 ? '--no-sandbox' : '--allow-sandbox-debugging';
  return [sandbox, '--disable-gpu', '--remote-debugging-port=0'];
}

function devToolsAddress(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const give = (problem: string): void => {
      clearTimeout(timer);
      reject(new Error(`${problem}\n${output.trim()}`));
    };
    const timer = setTimeout(give, listenLimitMs, 'Electron opened no debugging port.');
    child.once('error', (error) => {
      give(`Electron could not be started: ${error.message}`);
    });
    child.once('exit', (code, signal) => {
      give(`Electron ended (${signal ?? String(code)}) before its window was there.`);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(-keptOutput);
      const address = /DevTools listening on (ws:\S+)/u.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(timer);
      resolve(address);
    });
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended.
  }
}
