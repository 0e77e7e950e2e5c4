import { describe, expect, it } from 'vitest';

import { quantile, quantileInterval } from './quantiles.ts';

describe('quantiles', () => {
  it('are values of the sample', () => {
    expect(quantile([3, 1, 2, 4], 0.5)).toBe(2);
    expect(quantile([3, 1, 2, 4], 0.9)).toBe(4);
    expect(quantile([], 0.5)).toBeNull();
  });

  it('have an interval around them that is the same each time', () => {
    const values = Array.from({ length: 40 }, (_, index) => index);
    const interval = quantileInterval(values, 0.5);
    expect(interval).toEqual(quantileInterval(values, 0.5));
    expect(interval?.[0]).toBeLessThan(20);
    expect(interval?.[1]).toBeGreaterThan(19);
    expect(quantileInterval([1, 2], 0.5)).toBeNull();
  });
});
