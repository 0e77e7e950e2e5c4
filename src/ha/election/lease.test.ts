import { describe, expect, it } from 'vitest';

import { timed } from '../testing/told-node.ts';
import { leaseEndMs, takeoverWaitMs } from './lease.ts';

describe('the arithmetic of a lease', () => {
  it('ends it for the holder before anybody else may take it, whatever the clocks do within bounds', () => {
    for (const slow of [0.99, 1, 1.01])
      for (const fast of [0.99, 1, 1.01])
        expect(leaseEndMs(timed, 0) / slow).toBeLessThan(takeoverWaitMs(timed) / fast);
  });

  it('counts it from the sending', () => {
    expect(leaseEndMs(timed, 1_000)).toBe(1_000 + 1_980 - 100);
  });

  it('has no end and needs no wait with a lock', () => {
    expect(leaseEndMs({ kind: 'held' }, 5)).toBe(Number.POSITIVE_INFINITY);
    expect(takeoverWaitMs({ kind: 'held' })).toBe(0);
  });
});
