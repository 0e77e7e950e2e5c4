import { createHash } from 'node:crypto';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository. */
export const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');

/** @param {string[]} parts @returns {string} a path inside the repository */
export function inRoot(...parts) {
  return join(root, ...parts);
}

/**
 * The per-user cache for what is large and shared between clones (Electron, the gateway runtime).
 * @returns {string}
 */
export function cacheDir() {
  const { SWITCHYARD_CACHE, XDG_CACHE_HOME, LOCALAPPDATA } = process.env;
  if (SWITCHYARD_CACHE) return resolve(SWITCHYARD_CACHE);
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'switchyard');
  if (process.platform === 'win32' && LOCALAPPDATA)
    return join(LOCALAPPDATA, 'switchyard', 'cache');
  return join(XDG_CACHE_HOME || join(homedir(), '.cache'), 'switchyard');
}

/** @param {...(string | Buffer)} parts @returns {string} SHA-256 of the parts, in hex */
export function hash(...parts) {
  const digest = createHash('sha256');
  for (const part of parts) digest.update(part).update('\0');
  return digest.digest('hex');
}
