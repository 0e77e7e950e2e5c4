import { expect, test } from 'vitest';

import type { FailoverRow } from './round.ts';
import { failoversOf, parseRows } from './soak-rows.ts';

const row = (number: number, faults: readonly string[] = []): FailoverRow => ({
  kind: 'failover',
  number,
  cut: 'answer',
  from: 'attic',
  gapMs: 1,
  firstTokenMs: 1,
  firstTokenFailoverMs: 1,
  takeoverMs: 1,
  backMs: 1,
  lost: 0,
  twice: 0,
  overlapMs: 0,
  roleChanges: 1,
  withDuties: false,
  faults,
});

test('a file that was cut short in its last line is read up to there', () => {
  const text = `${JSON.stringify(row(1))}\n${JSON.stringify(row(2))}\n{"kind":"failover","num`;
  expect(parseRows(text)).toEqual([row(1), row(2)]);
});

test('what could not be played is no failover, and the order of the file does not count', () => {
  const broken = { kind: 'broken', number: 1, words: 'no start', evidence: '' } as const;
  expect(failoversOf([row(3), broken, row(2)]).map(({ number }) => number)).toEqual([2, 3]);
});
