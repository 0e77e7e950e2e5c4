import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { inRoot } from './setup/paths.mjs';
import { SetupError } from './setup/report.mjs';

/**
 * @typedef {object} Ending
 * @property {number | null} code
 * @property {NodeJS.Signals | null} signal
 */

/**
 * Runs a program that has the terminal until it ends. Ctrl-C reaches it directly (it is in our process group), so we
 * wait for it to finish its own way; a SIGTERM or SIGHUP sent to us alone is passed on. With `ownGroup` the program gets a
 * process group of its own and Ctrl-C reaches it through us alone: Electron's helpers die of a Ctrl-C that reaches them,
 * and take the main process with them before it has put anything in order.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: Record<string, string | undefined>, cwd?: string, ownGroup?: boolean }} [options] `env` is added to ours
 * @returns {Promise<Ending>}
 */
export function runForeground(command, args, options = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd: options.cwd ?? inRoot(),
      env: { ...process.env, ...options.env },
      stdio: 'inherit',
      detached: options.ownGroup === true && process.platform !== 'win32',
    });
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal);
    const wait = () => {
      if (options.ownGroup === true) child.kill('SIGINT');
    };
    const done = () => {
      process.off('SIGTERM', pass).off('SIGHUP', pass).off('SIGINT', wait);
    };
    process.on('SIGTERM', pass).on('SIGHUP', pass).on('SIGINT', wait);
    child.once('error', (error) => {
      done();
      reject(new SetupError(`${command} could not be started: ${error.message}`));
    });
    child.once('exit', (code, signal) => {
      done();
      resolve({ code, signal });
    });
  });
}

/** @param {Ending} ending @returns {number} as a shell would give it */
export function exitCodeOf({ code, signal }) {
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal]);
}
