import { expect, it } from 'vitest';

import { createStateTable } from './state-table.ts';

it('keeps states whole, in the order in which they were found', () => {
  const table = createStateTable(3);
  for (let state = 0; state < 200_000; state += 1)
    expect(table.add([state % 7, state, -state], state - 1, 1)).toBe(true);
  expect(table.add([0, 0, 0], 5, 5)).toBe(false);
  const words: number[] = [];
  table.load(123_456, words);
  expect(words).toEqual([123_456 % 7, 123_456, -123_456]);
  expect(table.parentOf(123_456)).toBe(123_455);
});
