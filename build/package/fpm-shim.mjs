#!/usr/bin/env node
// Stands in for fpm, which electron-builder would download: takes the arguments that electron-builder gives it for
// a deb and makes the package with dpkg-deb. An argument it does not know is an error, not a guess.

import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const text = /** @type {const} */ ({ type: 'string' });
const list = /** @type {const} */ ({ type: 'string', multiple: true });
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    source: { ...text, short: 's' },
    target: { ...text, short: 't' },
    depends: { ...list, short: 'd' },
    force: { type: 'boolean' },
    debug: { type: 'boolean' },
    log: text,
    name: text,
    version: text,
    iteration: text,
    architecture: text,
    maintainer: text,
    vendor: text,
    url: text,
    license: text,
    category: text,
    description: text,
    package: text,
    'after-install': text,
    'after-remove': text,
    'deb-priority': text,
    'deb-compression': text,
    'deb-recommends': list,
  },
});
if (values.target !== 'deb') throw new Error(`only deb can be made here, not ${values.target}`);

const staging = mkdtempSync(join(tmpdir(), 'switchyard-deb-'));
try {
  for (const mapping of positionals) place(mapping);
  const control = join(staging, 'DEBIAN');
  mkdirSync(control, { mode: 0o755 });
  chmodSync(staging, 0o755);
  writeFileSync(join(control, 'control'), controlFile(sizeInKibibytes(staging)));
  placeScript(values['after-install'], join(control, 'postinst'));
  placeScript(values['after-remove'], join(control, 'postrm'));
  // Level 1: a tenth larger than the default, and several times faster.
  const method = values['deb-compression'] === 'gz' ? 'gzip' : (values['deb-compression'] ?? 'xz');
  const file = required(values.package, 'package');
  execFileSync('dpkg-deb', ['--build', '--root-owner-group', `-Z${method}`, '-z1', staging, file], {
    stdio: 'inherit',
  });
} finally {
  rmSync(staging, { recursive: true, force: true });
}

/** @param {string} mapping `from=to`; a `from` that ends in a slash means what is in it */
function place(mapping) {
  const split = mapping.lastIndexOf('=');
  const [from, to] = [mapping.slice(0, split), join(staging, mapping.slice(split + 1))];
  mkdirSync(dirname(to), { recursive: true });
  cpSync(from, to, { recursive: true, verbatimSymlinks: true });
  if (!statSync(to).isDirectory()) chmodSync(to, 0o644);
}

/** @param {string | undefined} from @param {string} to */
function placeScript(from, to) {
  if (from === undefined) return;
  cpSync(from, to);
  chmodSync(to, 0o755);
}

/** @param {number} installedSize @returns {string} */
function controlFile(installedSize) {
  const version = values.iteration ? `${values.version}-${values.iteration}` : values.version;
  const fields = {
    Package: required(values.name, 'name'),
    Version: required(version, 'version'),
    Section: values.category ?? 'misc',
    Priority: values['deb-priority'] ?? 'optional',
    Architecture: required(values.architecture, 'architecture'),
    Maintainer: required(values.maintainer, 'maintainer'),
    'Installed-Size': String(installedSize),
    Depends: values.depends?.join(', '),
    Recommends: values['deb-recommends']?.join(', '),
    Homepage: values.url,
    Description: description(values.description ?? ''),
  };
  return Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([name, value]) => `${name}: ${value}\n`)
    .join('');
}

/** @param {string} given @returns {string} a synopsis and, indented, what follows; empty lines are dots */
function description(given) {
  const [synopsis = '', ...rest] = given.trim().split('\n');
  return [synopsis.trim(), ...rest.map((line) => ` ${line.trim() || '.'}`)].join('\n');
}

/** @param {string} folder @returns {number} */
function sizeInKibibytes(folder) {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0);
  return Math.ceil(bytes / 1024);
}

/** @param {string | undefined} value @param {string} name @returns {string} */
function required(value, name) {
  if (value) return value;
  throw new Error(`fpm-shim: --${name} is missing`);
}
