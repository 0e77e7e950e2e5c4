import { describe, expect, it } from 'vitest';

import { firstTerms, mostMinutes, readTerms } from './grant-terms.ts';

const widest = { calls: 10, bytesEach: 2000, forMs: 30 * 60_000 };
const typed = { calls: '3', bytesEach: '500', minutes: '10' };

describe('the terms of a grant', () => {
  it('begins with little, and within the widest', () => {
    expect(firstTerms(widest)).toEqual(typed);
    expect(firstTerms({ calls: 2, bytesEach: 80, forMs: 120_000 })).toEqual({
      calls: '2',
      bytesEach: '80',
      minutes: '2',
    });
    expect(mostMinutes(widest)).toBe(30);
  });

  it('reads whole numbers up to the widest', () => {
    expect(readTerms(typed, widest)).toEqual({ calls: 3, bytesEach: 500, forMs: 600_000 });
    expect(readTerms({ calls: ' 10 ', bytesEach: '2000', minutes: '30' }, widest)).toEqual(widest);
  });

  it.each([
    { calls: '0' },
    { calls: '11' },
    { calls: '1.5' },
    { calls: '-1' },
    { calls: '1e1' },
    { calls: '' },
    { bytesEach: '2001' },
    { minutes: '31' },
    { minutes: 'ten' },
  ])('refuses %j', (part) => {
    expect(readTerms({ ...typed, ...part }, widest)).toBeNull();
  });
});
