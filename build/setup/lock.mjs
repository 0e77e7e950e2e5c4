// A lock between processes on one machine: two set-ups at once would otherwise undo each other's work.
//
// 1. The lock is a file made with `wx`: whoever creates it holds it.
// 2. The file names its holder's process; a holder that has died no longer holds it.
// 3. A stale lock is moved aside before it is removed; whoever finds a live one in its hand puts it back.

import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { say } from './report.mjs';

const pollMs = 250;
const namelessLimitMs = 10_000;

/**
 * Runs `run` while holding the lock at `path`; waits for another holder and says so.
 * @template T
 * @param {string} path
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function withLock(path, run) {
  mkdirSync(dirname(path), { recursive: true });
  let told = false;
  while (!tryTake(path)) {
    const holder = holderOf(path);
    if (holder === undefined ? isAbandoned(path) : !isAlive(holder)) {
      removeStale(path);
      continue;
    }
    if (!told) say(`waiting for another set-up (process ${holder ?? 'unknown'}) to finish`);
    told = true;
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  const release = () => rmSync(path, { force: true });
  process.once('exit', release);
  try {
    return await run();
  } finally {
    process.off('exit', release);
    release();
  }
}

/** @param {string} path @returns {boolean} */
function tryTake(path) {
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** @param {string} path @returns {number | undefined} the holder's process id; undefined while it is being written */
function holderOf(path) {
  try {
    return Number.parseInt(readFileSync(path, 'utf8'), 10) || undefined;
  } catch {
    return undefined;
  }
}

/** @param {number} pid @returns {boolean} */
function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

/** @param {string} path @returns {boolean} whether its holder died before it could write its name */
function isAbandoned(path) {
  const entry = statSync(path, { throwIfNoEntry: false });
  return entry !== undefined && Date.now() - entry.mtimeMs > namelessLimitMs;
}

/** @param {string} path */
function removeStale(path) {
  const aside = `${path}.stale-${process.pid}`;
  try {
    renameSync(path, aside);
    const holder = holderOf(aside);
    if (holder !== undefined && isAlive(holder)) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** @param {unknown} error @returns {unknown} */
function codeOf(error) {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}
