import { describe, expect, it } from 'vitest';

import { summarise } from './statistics.ts';

describe('a summary', () => {
  it('of nothing is nothing', () => {
    expect(summarise([])).toBeNull();
  });

  it('sorts by size, not by digits, and leaves the sample alone', () => {
    const values = [100, 9, 20];
    expect(summarise(values)).toEqual({ count: 3, min: 9, median: 20, p99: null, max: 100 });
    expect(values).toEqual([100, 9, 20]);
  });

  it('takes the middle of an even number of values', () => {
    expect(summarise([1, 2, 4, 8])?.median).toBe(3);
  });

  it('has a 99th percentile from a hundred values on', () => {
    const upTo = (count: number): number[] =>
      Array.from({ length: count }, (_, index) => index + 1);
    expect(summarise(upTo(99))?.p99).toBeNull();
    expect(summarise(upTo(100))?.p99).toBe(99);
    expect(summarise(upTo(1_000))?.p99).toBe(990);
  });
});
