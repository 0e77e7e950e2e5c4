import { createWriteStream, existsSync, mkdirSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';

import type { LogSink } from './logger.ts';

/**
 * Writes entries as JSON lines to `path`; the log of the last run is kept as `<path>.old`.
 * Writing is asynchronous: the last lines before a crash of the process may be lost.
 */
export function fileSink(path: string): { readonly sink: LogSink; close(): Promise<void> } {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  if (existsSync(path)) renameSync(path, `${path}.old`);
  const stream = createWriteStream(path, { flags: 'a', mode: 0o600 });
  return {
    sink: (entry) => {
      const { at, fields, ...rest } = entry;
      stream.write(`${JSON.stringify({ at: new Date(at).toISOString(), ...rest, ...fields })}\n`);
    },
    close: () =>
      new Promise((resolve) => {
        stream.end(resolve);
      }),
  };
}
