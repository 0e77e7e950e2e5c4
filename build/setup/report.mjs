// How set-up talks to the person: one line a step on stderr, so that stdout stays for the command itself.

/** A failure that a person can act on. Its message says what happened and what to do; no stack is shown. */
export class SetupError extends Error {}

/**
 * Runs one step and prints what it did and how long it took.
 * @template T
 * @param {string} name what the step does, in words
 * @param {() => Promise<T>} run
 * @returns {Promise<T>}
 */
export async function step(name, run) {
  const startedMs = performance.now();
  if (process.stderr.isTTY) process.stderr.write(`… ${name}`);
  const clear = process.stderr.isTTY ? '\r\u001b[K' : '';
  try {
    const value = await run();
    process.stderr.write(`${clear}✓ ${name} (${seconds(startedMs)})\n`);
    return value;
  } catch (error) {
    process.stderr.write(`${clear}✗ ${name} (${seconds(startedMs)})\n`);
    throw error;
  }
}

/**
 * One line that is no step: a choice made, a fallback taken.
 * @param {string} line
 */
export function say(line) {
  process.stderr.write(`${line}\n`);
}

/**
 * @param {number} startedMs a `performance.now()` taken earlier
 * @returns {string} the time since then, in seconds with one decimal
 */
export function seconds(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
