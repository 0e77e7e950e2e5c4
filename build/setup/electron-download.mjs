// The official download, by electron's own installer, which neither reports progress nor gives up by itself.
//
// 1. It has `stallLimitMs` to make progress: without a new byte for that long, it is stopped.
// 2. A download that failed is remembered for a day, so that the next command does not wait for it again.
// 3. A stopped or failed installer leaves no half dist folder.

import { spawn } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { cacheDir, inRoot } from './paths.mjs';
import { say, seconds } from './report.mjs';

const stallLimitMs = 15_000;
const rememberMs = 24 * 60 * 60 * 1000;

/**
 * @param {string} packageDir node_modules/electron
 * @param {string} node
 * @returns {Promise<string | undefined>} why there is no Electron, or undefined after success
 */
export async function tryOfficialDownload(packageDir, node) {
  if (process.env['ELECTRON_SKIP_BINARY_DOWNLOAD']) return 'ELECTRON_SKIP_BINARY_DOWNLOAD is set';
  const { version } = JSON.parse(readFileSync(join(packageDir, 'package.json'), 'utf8'));
  const memoryPath = join(cacheDir(), 'electron-download-failed.json');
  const remembered = rememberedFailure(memoryPath, version);
  if (remembered !== undefined) return remembered;

  return await withLock(inRoot('.cache', 'electron-download.lock'), async () => {
    if (existsSync(join(packageDir, 'path.txt'))) return undefined;
    const startedMs = performance.now();
    const failure = await runInstaller(packageDir, node);
    if (failure === undefined) {
      say(`✓ Electron ${version} (official download) (${seconds(startedMs)})`);
      rmSync(memoryPath, { force: true });
      return undefined;
    }
    for (const name of ['dist', 'path.txt'])
      rmSync(join(packageDir, name), { recursive: true, force: true });
    mkdirSync(cacheDir(), { recursive: true });
    writeFileSync(memoryPath, JSON.stringify({ version, atMs: Date.now(), reason: failure }));
    say(
      `– Electron ${version}: no official download (${failure}; ${seconds(startedMs)}). Not tried again for a day.`,
    );
    return failure;
  });
}

/** @param {string} path @param {string} version @returns {string | undefined} */
function rememberedFailure(path, version) {
  try {
    const memory = JSON.parse(readFileSync(path, 'utf8'));
    const ageMs = Date.now() - memory.atMs;
    return memory.version === version && ageMs >= 0 && ageMs < rememberMs
      ? memory.reason
      : undefined;
  } catch {
    return undefined;
  }
}

/** @param {string} packageDir @param {string} node @returns {Promise<string | undefined>} why it failed */
function runInstaller(packageDir, node) {
  // The installer downloads into the temporary folder; one of its own shows whether bytes arrive.
  const folder = join(cacheDir(), `electron-download-${process.pid}`);
  mkdirSync(folder, { recursive: true });
  return new Promise((resolve) => {
    const child = spawn(node, [join(packageDir, 'install.js')], {
      env: { ...process.env, TMPDIR: folder, TEMP: folder, TMP: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    let output = '';
    let stalled = false;
    let bytes = 0;
    let progressAtMs = performance.now();
    child.stderr.setEncoding('utf8').on('data', (text) => (output += text));
    const watch = setInterval(() => {
      const now = bytesIn(folder) + bytesIn(join(packageDir, 'dist'));
      if (now !== bytes) [bytes, progressAtMs] = [now, performance.now()];
      if (performance.now() - progressAtMs < stallLimitMs) return;
      stalled = true;
      child.kill('SIGKILL');
    }, 250);
    /** @param {string | undefined} failure */
    const finish = (failure) => {
      clearInterval(watch);
      rmSync(folder, { recursive: true, force: true });
      resolve(failure);
    };
    child.once('error', (error) => finish(error.message));
    child.once('close', (code) => {
      if (stalled) finish(`no progress for ${stallLimitMs / 1000} s`);
      else finish(code === 0 ? undefined : shortReason(output));
    });
  });
}

/** @param {string} output the installer's stack trace @returns {string} its first line that says something */
function shortReason(output) {
  const lines = output.split('\n').map((line) => line.trim());
  const line =
    lines.find((text) => /Error|E[A-Z]{4,}/.test(text)) ?? lines.find((text) => text !== '');
  return (line ?? 'the installer failed').slice(0, 160);
}

/** @param {string} folder @returns {number} */
function bytesIn(folder) {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .map((name) => statSync(join(folder, name), { throwIfNoEntry: false }))
      .reduce((sum, entry) => sum + (entry?.isFile() ? entry.size : 0), 0);
  } catch {
    return 0;
  }
}
