import { spawn } from 'node:child_process';
import { SetupError } from './report.mjs';

/**
 * @typedef {object} ProgramResult
 * @property {number} code exit code; 127 when it could not be started, 128 + n after signal n is reported as 128
 * @property {string} output what it wrote to stdout and stderr, in order
 * @property {string} stdout
 */

/**
 * Runs a program to its end and keeps what it wrote.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, inherit?: boolean }} [options] `inherit`: show its output instead
 * @returns {Promise<ProgramResult>}
 */
export function runProgram(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: options.inherit ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    let stdout = '';
    child.stdout?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
      stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      output += text;
    });
    child.once('error', (error) => resolve({ code: 127, output: error.message, stdout }));
    child.once('close', (code) => resolve({ code: code ?? 128, output, stdout }));
  });
}

/**
 * Runs npm: the one that runs us, when there is one.
 * @param {readonly string[]} args
 * @param {string} cwd
 * @returns {Promise<ProgramResult>}
 */
export function runNpm(args, cwd) {
  const npm = process.env['npm_execpath'];
  const env = cleanNpmEnvironment();
  if (npm !== undefined && /\.c?js$/.test(npm)) {
    return runProgram(process.execPath, [npm, ...args], { cwd, env });
  }
  // Windows starts npm through a command file, which needs the shell; our arguments hold no spaces.
  return process.platform === 'win32'
    ? runProgram('cmd.exe', ['/d', '/s', '/c', 'npm', ...args], { cwd, env })
    : runProgram('npm', args, { cwd, env });
}

/** What the outer npm says about its own project must not reach the inner one; its settings (proxy, cache) must. */
function cleanNpmEnvironment() {
  const outer =
    /^npm_(lifecycle_|package_|command$|config_(local_prefix|prefix|global_prefix|workspace)$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !outer.test(name)));
}

/**
 * @param {ProgramResult} result
 * @param {string} what what failed and what to do about it
 */
export function requireSuccess(result, what) {
  if (result.code === 0) return;
  const lines = result.output.trim().split('\n');
  const shown = lines.length <= 40 ? lines : [...lines.slice(0, 20), '…', ...lines.slice(-20)];
  const tail = shown.join('\n  ');
  throw new SetupError(`${what}\n  ${tail}`);
}
