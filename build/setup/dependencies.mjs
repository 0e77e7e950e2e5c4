import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { withLock } from './lock.mjs';
import { hash, inRoot } from './paths.mjs';
import { step } from './report.mjs';
import { requireSuccess, runNpm } from './run-program.mjs';

const stampPath = inRoot('node_modules', '.switchyard-stamp');

/** Installs what package-lock.json names, unless it is there already. Install scripts never run. */
export async function ensureDependencies() {
  const wanted = wantedStamp();
  if (isSatisfied(wanted)) return;
  await withLock(inRoot('.cache', 'dependencies.lock'), async () => {
    if (isSatisfied(wanted)) return;
    await step('dependencies (npm ci)', async () => {
      const result = await runNpm(['ci', '--ignore-scripts', '--no-fund', '--no-audit'], inRoot());
      requireSuccess(
        result,
        'The dependencies could not be installed. Check the network and the disk, then try again; npm said:',
      );
      writeFileSync(stampPath, wanted);
    });
  });
}

/** @returns {string} changes when the dependencies do, but not when a script in package.json does */
function wantedStamp() {
  const manifest = readJson(inRoot('package.json'));
  const { dependencies, optionalDependencies, devDependencies, overrides } = manifest;
  return hash(
    JSON.stringify({ dependencies, optionalDependencies, devDependencies, overrides }),
    readFileSync(inRoot('package-lock.json')),
  );
}

/** @param {string} wanted @returns {boolean} */
function isSatisfied(wanted) {
  if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return true;
  if (!matchesInstalled()) return false;
  writeFileSync(stampPath, wanted);
  return true;
}

/**
 * Somebody who ran `npm install` by hand has everything too: npm keeps its own record of what it put there.
 * @returns {boolean}
 */
function matchesInstalled() {
  const recordPath = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(recordPath)) return false;
  /** @typedef {{ version?: string, integrity?: string, optional?: boolean }} Entry */
  /** @type {Record<string, Entry>} */
  const installed = readJson(recordPath).packages ?? {};
  /** @type {Record<string, Entry>} */
  const locked = readJson(inRoot('package-lock.json')).packages ?? {};
  return Object.entries(locked).every(([path, entry]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return entry.optional === true;
    return found.version === entry.version && found.integrity === entry.integrity;
  });
}

/** @param {string} path @returns {any} */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}
