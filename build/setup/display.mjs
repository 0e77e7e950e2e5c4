import { spawn } from 'node:child_process';
import { SetupError, say } from './report.mjs';

const startLimitMs = 10_000;

/** @returns {boolean} whether windows can be shown without help */
export function hasDisplay() {
  return (
    process.platform !== 'linux' ||
    Boolean(process.env['DISPLAY'] || process.env['WAYLAND_DISPLAY'])
  );
}

/**
 * Runs `use` with a display: the one that is there, or an Xvfb of our own on a free number, which ends with it.
 * @template T
 * @param {(environment: { DISPLAY?: string }) => Promise<T>} use
 * @returns {Promise<T>}
 */
export async function withDisplay(use) {
  if (hasDisplay()) return use({});
  const { display, stop } = await startXvfb();
  say(`there is no display: using Xvfb ${display}`);
  process.once('exit', stop);
  try {
    return await use({ DISPLAY: display });
  } finally {
    process.off('exit', stop);
    stop();
  }
}

/** @returns {Promise<{ display: string, stop: () => void }>} */
function startXvfb() {
  return new Promise((resolve, reject) => {
    // -displayfd: Xvfb finds a free number and tells it on file 3 once it accepts clients.
    const args = ['-displayfd', '3', '-screen', '0', '1600x1000x24', '-nolisten', 'tcp'];
    // Not in our process group: Ctrl-C must not take the display away before the app has ended.
    const child = spawn('Xvfb', args, {
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      detached: true,
    });
    let errors = '';
    child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => (errors += text));
    const timer = setTimeout(() => child.kill('SIGKILL'), startLimitMs);
    const fail = (/** @type {string} */ reason) => {
      clearTimeout(timer);
      reject(
        new SetupError(
          `Xvfb did not start (${reason}). Set DISPLAY to a running X server and try again.`,
        ),
      );
    };
    child.once('error', (error) => fail(error.message));
    child.once('exit', () => fail(errors.trim().split('\n').at(-1) ?? 'no reason given'));
    let number = '';
    child.stdio[3]?.on('data', (/** @type {Buffer} */ chunk) => {
      number += chunk.toString();
      if (!number.includes('\n')) return;
      clearTimeout(timer);
      resolve({ display: `:${number.trim()}`, stop: () => child.kill('SIGTERM') });
    });
  });
}
