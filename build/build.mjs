// Builds the app and the Node programs into out/, when something they are made of has changed.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { withLock } from './setup/lock.mjs';
import { hash, inRoot } from './setup/paths.mjs';
import { step } from './setup/report.mjs';
import { requireSuccess, runProgram } from './setup/run-program.mjs';

const sources = ['src', 'resources'];
const settings = [
  'package.json',
  'package-lock.json',
  'electron.vite.config.ts',
  'build/node-entries.config.ts',
  'build/gateway-plugin.config.ts',
  'build/gateway-runtime/package.json',
];

/** @param {string} node @returns {Promise<void>} Main, preload and renderer. */
export async function buildApp(node) {
  await buildIfChanged('app', 'app (main, preload, renderer)', async () => {
    const tool = inRoot('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
    const env = { ...process.env, NODE_ENV: 'production' };
    const result = await runProgram(node, [tool, 'build', '--logLevel', 'warn'], {
      cwd: inRoot(),
      env,
    });
    requireSuccess(result, 'The app could not be built:');
  });
}

/**
 * @param {string} node
 * @returns {Promise<void>} what runs on plain Node: guardian, route, trust, headless, and the plugin inside our gateways
 */
export async function buildNodeEntries(node) {
  await buildIfChanged(
    'node',
    'Node programs (guardian, route, trust, headless, plugin)',
    async () => {
      const tool = inRoot('node_modules', 'vite', 'bin', 'vite.js');
      for (const config of ['node-entries.config.ts', 'gateway-plugin.config.ts']) {
        const result = await runProgram(
          node,
          [tool, 'build', '--config', inRoot('build', config)],
          {
            cwd: inRoot(),
            env: { ...process.env, NODE_ENV: 'production' },
          },
        );
        requireSuccess(result, 'The Node programs could not be built:');
      }
    },
  );
}

/**
 * @param {string} part
 * @param {string} name
 * @param {() => Promise<void>} build
 */
async function buildIfChanged(part, name, build) {
  const stampPath = inRoot('.cache', `build-${part}.stamp`);
  await withLock(inRoot('.cache', `build-${part}.lock`), async () => {
    const wanted = inputsHash();
    const isBuilt = existsSync(inRoot('out', part === 'app' ? 'main' : 'node'));
    if (isBuilt && existsSync(stampPath) && readFileSync(stampPath, 'utf8') === wanted) return;
    rmSync(stampPath, { force: true });
    await step(`build: ${name}`, build);
    mkdirSync(dirname(stampPath), { recursive: true });
    writeFileSync(stampPath, wanted);
  });
}

/** @returns {string} changes when anything does that ends up in out/; tests do not */
function inputsHash() {
  const files = sources.flatMap((folder) => filesIn(folder)).sort();
  return hash(...[...settings, ...files].flatMap((path) => [path, readFileSync(inRoot(path))]));
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  if (!existsSync(inRoot(folder))) return [];
  return readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(inRoot().length + 1));
}
