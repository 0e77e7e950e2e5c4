import { describe, expect, it } from 'vitest';

import { emptyCell, fenceCell, grantCell, mayAct } from './lease-cell.ts';

describe('the lease cell', () => {
  const granted = grantCell(emptyCell(), { epoch: 3, seq: 10, untilMs: 1_000 });

  it('does not let a gateway act that was told nothing', () => {
    expect(mayAct(emptyCell(), 0)).toBe(false);
  });

  it('lets it act until the lease ends, and not at that moment', () => {
    expect(mayAct(granted, 999)).toBe(true);
    expect(mayAct(granted, 1_000)).toBe(false);
  });

  it('fails closed on a time that is none', () => {
    expect(mayAct(granted, Number.NaN)).toBe(false);
    expect(mayAct(grantCell(emptyCell(), { epoch: 1, seq: 1, untilMs: Number.NaN }), 0)).toBe(
      false,
    );
  });

  it('is not brought back by a grant that the fence overtook', () => {
    const fenced = fenceCell(granted, { seq: 12 });
    const late = grantCell(fenced, { epoch: 3, seq: 11, untilMs: 9_000 });
    expect(late).toBe(fenced);
    expect(mayAct(late, 0)).toBe(false);
  });

  it('lets the fence win at the same order number, whichever came first', () => {
    const fenced = fenceCell(granted, { seq: 10 });
    expect(mayAct(fenced, 0)).toBe(false);
    expect(grantCell(fenced, { epoch: 3, seq: 10, untilMs: 9_000 })).toBe(fenced);
  });

  it('ignores a fence that a newer grant overtook', () => {
    expect(fenceCell(granted, { seq: 9 })).toBe(granted);
  });

  it('never goes back in epoch, fenced or not', () => {
    expect(grantCell(granted, { epoch: 2, seq: 11, untilMs: 9_000 })).toBe(granted);
    const fenced = fenceCell(granted, { seq: 12 });
    expect(grantCell(fenced, { epoch: 2, seq: 13, untilMs: 9_000 })).toBe(fenced);
  });

  it('lets a renewal move the end of the lease', () => {
    const renewed = grantCell(granted, { epoch: 3, seq: 11, untilMs: 2_000 });
    expect(mayAct(renewed, 1_500)).toBe(true);
  });

  it('acts without end on a lease that is held', () => {
    const held = grantCell(emptyCell(), { epoch: 1, seq: 1, untilMs: Infinity });
    expect(mayAct(held, Number.MAX_SAFE_INTEGER)).toBe(true);
  });
});
