import { mkdirSync, renameSync, statSync } from 'node:fs';
import { appendFile } from 'node:fs/promises';
import { dirname } from 'node:path';

const defaultMaxBytes = 5_000_000;

export interface LineSink {
  write(line: string): void;
  /** Settles when everything written so far is in the file, or was lost with a disk that takes nothing. */
  close(): Promise<void>;
}

export interface LogFileOptions {
  /** One of those who write into a file keeps it from growing: what is over `maxBytes` goes to `<path>.old`. */
  readonly rotate: boolean;
  readonly maxBytes?: number;
}

/**
 * Appends lines to a file that several processes may append to. Lines are written in the background, in order: a slow disk
 * must not stop the timers of a guardian, and a full one must not end it.
 */
export function openLogFile(path: string, options: LogFileOptions): LineSink {
  const { maxBytes = defaultMaxBytes } = options;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  let waiting = '';
  let writing: Promise<void> | null = null;

  const writeAll = async (): Promise<void> => {
    while (waiting !== '') {
      const text = waiting;
      waiting = '';
      if (options.rotate) rotateAbove(path, maxBytes);
      await appendFile(path, text, { mode: 0o600 }).catch(() => undefined);
    }
    writing = null;
  };

  return {
    write: (line) => {
      waiting += `${line}\n`;
      writing ??= writeAll();
    },
    close: async () => {
      await writing;
    },
  };
}

function rotateAbove(path: string, maxBytes: number): void {
  try {
    if (statSync(path).size > maxBytes) renameSync(path, `${path}.old`);
  } catch {
    // It is not there yet, or cannot be moved: then it is only appended to.
  }
}
