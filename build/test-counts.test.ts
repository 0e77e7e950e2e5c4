import { describe, expect, test } from 'vitest';

import { countPlaywright, countVitest } from './test-counts.mjs';

function vitestReport(changes: object = {}): object {
  return {
    numPassedTests: 3,
    numFailedTests: 0,
    numPendingTests: 0,
    numTodoTests: 0,
    testResults: [{ status: 'passed', assertionResults: [{}, {}, {}] }],
    ...changes,
  };
}

describe('what vitest reports', () => {
  test('passed tests count', () => {
    expect(countVitest(vitestReport(), '')).toEqual({ passed: 3, failed: 0, notes: [] });
  });

  test.each([
    ['a failed test', { numFailedTests: 1 }, 'exit code 1'],
    ['a skipped test', { numPendingTests: 1 }, ''],
    ['a test to be written', { numTodoTests: 1 }, ''],
    [
      'a file that cannot be loaded',
      { testResults: [{ status: 'failed', assertionResults: [] }] },
      'exit code 1',
    ],
    ['an error outside the tests', {}, 'exit code 1'],
    ['an empty run', { numPassedTests: 0 }, ''],
  ])('%s is one failure', (_name, changes, ending) => {
    expect(countVitest(vitestReport(changes), ending).failed).toBe(1);
  });

  test('a runner that left no report is one failure', () => {
    expect(countVitest(undefined, 'ended by SIGKILL')).toEqual({
      passed: 0,
      failed: 1,
      notes: ['the runner left no report: ended by SIGKILL'],
    });
  });
});

describe('what Playwright reports', () => {
  const stats = { expected: 2, unexpected: 0, flaky: 0, skipped: 0 };

  test('passed tests count', () => {
    expect(countPlaywright({ stats, errors: [] }, '')).toEqual({ passed: 2, failed: 0, notes: [] });
  });

  test.each(['unexpected', 'flaky', 'skipped'])('an %s test is one failure', (kind) => {
    expect(countPlaywright({ stats: { ...stats, [kind]: 1 }, errors: [] }, '').failed).toBe(1);
  });

  test('no tests at all is a failure', () => {
    const report = { stats: { ...stats, expected: 0 }, errors: [{ message: 'No tests found' }] };
    expect(countPlaywright(report, 'exit code 1')).toMatchObject({ passed: 0, failed: 1 });
  });
});
