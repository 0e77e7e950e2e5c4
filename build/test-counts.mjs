// Reads what the test runners report. Rule: what did not run did not pass.

/**
 * @typedef {object} Counts
 * @property {number} passed
 * @property {number} failed
 * @property {string[]} notes what a person should know besides the numbers
 */

/**
 * @param {any} report vitest's JSON report, or undefined when there is none
 * @param {string} ending how the runner failed; empty when it ended well
 * @returns {Counts}
 */
export function countVitest(report, ending) {
  if (report === undefined) return crashed(ending);
  const skipped = report.numPendingTests + report.numTodoTests;
  // A file that cannot be loaded has no tests in it that could fail.
  const brokenFiles = report.testResults.filter(
    (/** @type {any} */ file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  return complete(
    { passed: report.numPassedTests, failed: report.numFailedTests, skipped, broken: brokenFiles },
    ending,
  );
}

/**
 * @param {any} report Playwright's JSON report, or undefined when there is none
 * @param {string} ending how the runner failed; empty when it ended well
 * @returns {Counts}
 */
export function countPlaywright(report, ending) {
  if (report === undefined) return crashed(ending);
  const { expected, unexpected, flaky, skipped } = report.stats;
  return complete(
    { passed: expected, failed: unexpected + flaky, skipped, broken: report.errors.length },
    ending,
  );
}

/**
 * @param {{ passed: number, failed: number, skipped: number, broken: number }} found
 * @param {string} ending
 * @returns {Counts}
 */
function complete(found, ending) {
  const notes = [];
  let failed = found.failed + found.skipped + found.broken;
  if (found.skipped > 0) notes.push(`${found.skipped} skipped, counted as failed`);
  if (found.broken > 0) notes.push(`${found.broken} could not be loaded`);
  if (ending !== '' && failed === 0) {
    failed = 1;
    notes.push(`the runner failed outside the tests: ${ending}`);
  }
  if (found.passed === 0 && failed === 0) {
    failed = 1;
    notes.push('nothing ran');
  }
  return { passed: found.passed, failed, notes };
}

/** @param {string} ending @returns {Counts} */
function crashed(ending) {
  return {
    passed: 0,
    failed: 1,
    notes: [`the runner left no report: ${ending || 'it ended without one'}`],
  };
}
