/** A process that the lab started, and its output line by line. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface LabProcess {
  readonly name: string;
  readonly pid: number;
  /** What it wrote to stdout and stderr so far. */
  readonly lines: readonly string[];
  readonly exited: Promise<{
    readonly code: number | null;
    readonly signal: NodeJS.Signals | null;
  }>;
  isRunning(): boolean;
  /** Calls `see` with every later line. */
  onLine(see: (line: string) => void): void;
  /** Resolves with the first line, past or future, that fits; rejects when the process ends without one. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Writes a line to its stdin. */
  tell(line: string): void;
  closeInput(): void;
  signal(signal: NodeJS.Signals): void;
  /** Sends the signal, SIGKILL unless told, and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

/** Starts a command. `environment` is added to this process's own. */
export function startProcess(
  name: string,
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): LabProcess {
  const child = spawn(command, [...args], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  if (child.pid === undefined) throw new Error(`${name} cannot be started: ${command}`);
  const { pid } = child;
  const lines: string[] = [];
  const watchers = new Set<(line: string) => void>();
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const see of [...watchers]) see(line);
    });
  }
  child.stdin.on('error', () => undefined); // it may end before it read everything
  child.on('error', () => undefined);
  const exited = exitOf(child);
  return {
    name,
    pid,
    lines,
    exited,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    onLine: (see) => watchers.add(see),
    line: (fits) =>
      new Promise((resolve, reject) => {
        const known = lines.find(fits);
        if (known !== undefined) {
          resolve(known);
          return;
        }
        const see = (line: string): void => {
          if (!fits(line)) return;
          watchers.delete(see);
          resolve(line);
        };
        watchers.add(see);
        void exited.then(({ code, signal }) => {
          reject(
            new Error(`${name} ended (${signal ?? String(code)}): ${lines.slice(-5).join(' | ')}`),
          );
        });
      }),
    tell: (line) => {
      child.stdin.write(`${line}\n`);
    },
    closeInput: () => {
      child.stdin.end();
    },
    signal: (signal) => {
      child.kill(signal);
    },
    end: async (signal = 'SIGKILL') => {
      child.kill(signal);
      if (signal === 'SIGKILL') child.kill('SIGCONT');
      await exited;
    },
  };
}

function exitOf(
  child: ChildProcess,
): Promise<{ code: number | null; signal: NodeJS.Signals | null }> {
  return new Promise((resolve) => {
    // `close`, not `exit`: the last lines are then read.
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
}
