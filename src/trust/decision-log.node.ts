/**
 * The decision log on disk: JSON lines, appended only.
 *
 * Invariants
 * 1. `record` answers `ok` only when the line is on disk (written whole and synced). After a failure it does not pretend
 *    to work again until a line could be written: the half line is taken back first.
 * 2. A half-written last line, left by a crash, was never answered with `ok`, so nothing rests on it: it is cut off when
 *    the log is opened, and the cut is recorded.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { errorText, fail, ok, type Clock, type Result } from '../base/index.ts';
import { appError, type AppError, type TrustDecision } from '../shared/index.ts';
import { decisionLine, parseDecisionLine } from './decision-log.ts';
import type { DecisionLog, Digest } from './ports.ts';

/** Enough for several hundred decisions. */
const tailBytes = 256 * 1024;

/** The log's file in the trust folder of a profile. */
export function decisionLogPath(trustFolder: string): string {
  return join(trustFolder, 'decisions.jsonl');
}

/** SHA-256 in hexadecimal. Of a short text it can be guessed; keyed digests come with the audit of issue 5. */
export const sha256: Digest = (text) => createHash('sha256').update(text).digest('hex');

/** Opens the log for appending, making it (owner only) if need be. Fails with `storage`: then nothing may cross. */
export function openDecisionLog(
  path: string,
  clock: Clock,
): Result<DecisionLog & { close(): void }, AppError> {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const file = openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
    const removed = cutHalfLine(file);
    const log: DecisionLog = {
      record: (decision) => append(file, decisionLine(decision)),
      recent: (limit) => readTail(file).slice(-limit).reverse(),
    };
    const recovered = removed === 0 ? ok(null) : log.record(recovery(clock.wallMs(), removed));
    if (!recovered.ok) {
      closeSync(file);
      return recovered;
    }
    return ok({
      ...log,
      close: () => {
        closeSync(file);
      },
    });
  } catch (error) {
    return fail(unwritable(error));
  }
}

function append(file: number, line: string): Result<null, AppError> {
  try {
    const sizeBefore = fstatSync(file).size;
    try {
      const bytes = Buffer.from(line);
      if (writeSync(file, bytes) !== bytes.length)
        throw new Error('the line was written in part only');
      fdatasyncSync(file);
      return ok(null);
    } catch (error) {
      ftruncateSync(file, sizeBefore);
      throw error;
    }
  } catch (error) {
    return fail(unwritable(error));
  }
}

/** Cuts what follows the last line break; answers how many bytes that were. */
function cutHalfLine(file: number): number {
  const { size } = fstatSync(file);
  let end = size;
  const chunk = Buffer.alloc(Math.min(size, tailBytes));
  while (end > 0) {
    const start = Math.max(0, end - chunk.length);
    readSync(file, chunk, 0, end - start, start);
    const lineBreak = chunk.subarray(0, end - start).lastIndexOf(0x0a);
    if (lineBreak !== -1) {
      end = start + lineBreak + 1;
      break;
    }
    end = start;
  }
  if (end < size) ftruncateSync(file, end);
  return size - end;
}

function readTail(file: number): readonly TrustDecision[] {
  const { size } = fstatSync(file);
  const start = Math.max(0, size - tailBytes);
  const chunk = Buffer.alloc(size - start);
  readSync(file, chunk, 0, chunk.length, start);
  const lines = chunk
    .toString('utf8')
    .split('\n')
    .slice(start === 0 ? 0 : 1, -1);
  return lines.flatMap((line) => {
    const parsed = parseDecisionLine(line);
    return parsed.ok ? [parsed.value] : [];
  });
}

function recovery(atMs: number, bytes: number): TrustDecision {
  return {
    atMs,
    principal: 'app',
    action: 'recover',
    resource: 'app',
    effect: 'allow',
    rule: 'half line',
    count: 1,
    detail: `${bytes} bytes of a half-written last line were cut off; nothing rests on it`,
  };
}

function unwritable(error: unknown): AppError {
  return appError(
    'storage',
    `The trust log cannot be written, so nothing may cross: ${errorText(error)}`,
    true,
  );
}
