/**
 * The files of the log, as far as they are written.
 *
 * Invariants
 * 1. `appendLine` answers only when the whole line is on disk; when it throws, the file is as long as before.
 * 2. Files are readable by their owner only.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

const chunkBytes = 64 * 1024;

/** Opens a file for appending, making it if need be. Throws when that is not possible. */
export function openForAppending(path: string): number {
  return openSync(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, 0o600);
}

/** Appends a line, or throws and leaves the file as it was (invariant 1). */
export function appendLine(file: number, line: string): void {
  const { size } = fstatSync(file);
  try {
    const bytes = Buffer.from(`${line}\n`);
    if (writeSync(file, bytes) !== bytes.length)
      throw new Error('the line was written in part only');
    fdatasyncSync(file);
  } catch (error) {
    ftruncateSync(file, size);
    throw error;
  }
}

/** Makes a new file's name survive a power cut. */
export function syncFolderOf(path: string): void {
  if (process.platform === 'win32') return; // its folders cannot be opened, and need it not
  const folder = openSync(dirname(path), 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

/** Cuts what follows the last line break; answers how many bytes that were. */
export function cutHalfLine(file: number): number {
  const { size } = fstatSync(file);
  let end = size;
  const chunk = Buffer.alloc(Math.min(size, chunkBytes));
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
