// npm test: every check of the project, one after the other, and one closing line `N passed, N failed`.
//
// 1. A step that fails does not stop the next one, unless that one would be pointless.
// 2. What did not run did not pass: skipped tests, a crashed runner and an empty run count as failed.
// 3. The closing line is the last one, alone, on stdout.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { buildApp, buildNodeEntries } from './build.mjs';
import { withDisplay } from './setup/display.mjs';
import { inRoot } from './setup/paths.mjs';
import { seconds } from './setup/report.mjs';
import { resolveRuntimes } from './setup/runtimes.mjs';
import { countPlaywright, countVitest } from './test-counts.mjs';

const stepLimitMs = 20 * 60_000;

/** Tests against a real gateway or a real Electron; `npm run check` leaves them out. */
const needsRuntimes = '**/*.{real,electron,contract}.test.ts';

/** @typedef {import('./test-counts.mjs').Counts} Counts */

/** The parts that can be asked for by name. */
const parts = /** @type {const} */ ({
  all: ['format', 'lint', 'types', 'unused', 'build', 'unit', 'e2e'],
  check: ['format', 'lint', 'types', 'quick'],
  unit: ['build', 'unit'],
  e2e: ['build', 'e2e'],
});

/** @param {readonly string[]} args a part, and after it what goes to vitest or Playwright (a file, `-t name`) @returns {Promise<number>} */
export async function test(args) {
  const [part = 'all', ...filter] = args;
  if (!Object.hasOwn(parts, part)) {
    process.stderr.write(
      `There is no part "${part}" of the tests.\nusage: npm test [-- ${Object.keys(parts).join('|')}]\n`,
    );
    return 2;
  }
  const names = parts[/** @type {keyof typeof parts} */ (part)];
  const { node, env } = await resolveRuntimes(
    part === 'check' ? {} : { gateway: true, electron: true, libraries: true, testPrograms: true },
  );
  mkdirSync(inRoot('.cache', 'test-results'), { recursive: true });

  const steps = describeSteps(node, env, filter);
  /** @type {{ name: string, counts: Counts, took: string }[]} */
  const results = [];
  for (const name of names) {
    process.stdout.write(`\n── ${name} ──\n`);
    const startedMs = performance.now();
    const hasBrokenBuild = results.some(
      (result) => result.name === 'build' && result.counts.failed > 0,
    );
    const isPointless = name === 'e2e' && hasBrokenBuild;
    const counts = isPointless
      ? failure('not run, because the build failed')
      : await attempt(steps[name]);
    results.push({ name, counts, took: seconds(startedMs) });
  }
  return summarise(results);
}

/**
 * @param {string} node
 * @param {Record<string, string>} env
 * @param {readonly string[]} filter
 */
function describeSteps(node, env, filter) {
  const tool = (/** @type {string} */ path) => inRoot('node_modules', ...path.split('/'));
  const check = async (/** @type {string} */ path, /** @type {readonly string[]} */ args) =>
    asOneCheck(await runStreaming(node, [tool(path), ...args], env));
  const vitest = async (
    /** @type {readonly string[]} */ options,
    /** @type {Record<string, string>} */ display,
  ) => {
    const report = freshReport('unit.json');
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
    const args = [tool('vitest/vitest.mjs'), 'run', ...reporters, ...options, ...filter];
    const ending = await runStreaming(node, args, { ...env, ...display });
    return countVitest(readReport(report), ending);
  };
  return {
    format: () => check('prettier/bin/prettier.cjs', ['--check', '--log-level', 'warn', '.']),
    lint: () => check('eslint/bin/eslint.js', ['--max-warnings', '0', '.']),
    types: () => check('typescript/bin/tsc', ['--build', '--pretty']),
    unused: () => check('knip/bin/knip.js', ['--no-progress']),
    build: async () => {
      await buildApp(node);
      await buildNodeEntries(node);
      return asOneCheck('');
    },
    quick: () => vitest(['--exclude', needsRuntimes], {}),
    unit: () => withDisplay((display) => vitest([], display)),
    e2e: () =>
      withDisplay(async (display) => {
        const report = freshReport('e2e.json');
        const args = [tool('@playwright/test/cli.js'), 'test', '--project=app', ...filter];
        const ending = await runStreaming(node, args, {
          ...env,
          ...display,
          PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD: '1',
        });
        return countPlaywright(readReport(report), ending);
      }),
  };
}

/** @param {string} name @returns {string} where a runner writes its report; nothing old is there */
function freshReport(name) {
  const path = inRoot('.cache', 'test-results', name);
  rmSync(path, { force: true });
  return path;
}

/** @param {string} path @returns {unknown} the report, or undefined when the runner left none */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * @param {string} ending how the program failed; empty when it did not
 * @returns {Counts}
 */
function asOneCheck(ending) {
  return ending === '' ? { passed: 1, failed: 0, notes: [] } : failure(ending);
}

/** @param {string} note @returns {Counts} */
function failure(note) {
  return { passed: 0, failed: 1, notes: [note] };
}

/**
 * A step that cannot even run (the build fails, there is no display) is a failed check, and the others still run.
 * @param {() => Promise<Counts>} run
 * @returns {Promise<Counts>}
 */
async function attempt(run) {
  try {
    return await run();
  } catch (error) {
    process.stdout.write(`${error instanceof Error ? error.message : String(error)}
`);
    return failure('could not run');
  }
}

/**
 * Runs a program with its output on ours.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {Record<string, string>} env
 * @returns {Promise<string>} how it failed, in words; empty when it ended well
 */
function runStreaming(command, args, env) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: inRoot(),
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      child.kill('SIGKILL');
    }, stepLimitMs);
    const stop = () => child.kill('SIGTERM');
    process.once('SIGTERM', stop);
    child.once('error', (error) => resolve(`could not be started: ${error.message}`));
    child.once('exit', (code, signal) => {
      clearTimeout(timer);
      process.off('SIGTERM', stop);
      if (isLate) resolve(`stopped after ${stepLimitMs / 60_000} minutes`);
      else if (signal !== null) resolve(`ended by ${signal}`);
      else resolve(code === 0 ? '' : `exit code ${code}`);
    });
  });
}

/**
 * @param {readonly { name: string, counts: Counts, took: string }[]} results
 * @returns {number} the exit code
 */
function summarise(results) {
  process.stdout.write('\n');
  let passed = 0;
  let failed = 0;
  for (const { name, counts, took } of results) {
    passed += counts.passed;
    failed += counts.failed;
    const mark = counts.failed === 0 ? '✓' : '✗';
    const notes = counts.notes.length === 0 ? '' : `  ${counts.notes.join('; ')}`;
    process.stdout.write(
      `${mark} ${name.padEnd(8)} ${took.padStart(8)}  ${counts.passed} passed, ${counts.failed} failed${notes}\n`,
    );
  }
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
  return failed === 0 && passed > 0 ? 0 : 1;
}
