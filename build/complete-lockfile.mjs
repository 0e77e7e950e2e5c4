// Completes package-lock.json after it was written where the registry is a partial mirror. Native packages name a
// variant for each system as an optional dependency; npm drops those that the mirror does not have, and `npm ci` then
// refuses the lockfile as out of step. The variant's version is pinned by the package that names it, and its system
// is in its name, so the entry can be written without seeing it.
// Run by hand after `npm install`: node build/complete-lockfile.mjs [package-lock.json]

import { readFileSync, writeFileSync } from 'node:fs';

const path = process.argv[2] ?? 'package-lock.json';
const lock = JSON.parse(readFileSync(path, 'utf8'));
const systems = [
  'android',
  'darwin',
  'freebsd',
  'linux',
  'netbsd',
  'openbsd',
  'openharmony',
  'sunos',
  'win32',
];
const processors = [
  'arm',
  'arm64',
  'ia32',
  'loong64',
  'ppc64',
  'riscv64',
  's390x',
  'wasm32',
  'x64',
];

const added = [];
for (const [place, entry] of Object.entries(lock.packages)) {
  if (place === '') continue;
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    const words = name.split(/[/-]/);
    const os = systems.filter((system) => words.includes(system));
    const cpu = processors.filter((processor) => words.includes(processor));
    // Without a pinned version or a system in its name it may be wanted here: npm has to say what it is.
    if (!/^\d+\.\d+\.\d+/.test(version) || cpu.length === 0) {
      throw new Error(
        `${place} wants ${name}@${version}, which cannot be derived; lock it where it can be fetched`,
      );
    }
    lock.packages[`node_modules/${name}`] = {
      version,
      cpu,
      ...(entry.dev === true ? { dev: true } : {}),
      optional: true,
      ...(os.length === 0 ? {} : { os }),
    };
    added.push(`${name}@${version}`);
  }
}

lock.packages = Object.fromEntries(
  Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, 'en')),
);
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
process.stdout.write(added.map((name) => `added ${name}\n`).join(''));

/** @param {string} place @param {string} name @returns {boolean} whether a package at `place` finds `name` in the lockfile */
function isLocked(place, name) {
  for (
    let folder = place;
    ;
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/') - 1))
  ) {
    const prefix = folder === '' ? '' : `${folder}/`;
    if (lock.packages[`${prefix}node_modules/${name}`] !== undefined) return true;
    if (folder === '') return false;
  }
}
