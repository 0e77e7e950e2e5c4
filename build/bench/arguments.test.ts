import { describe, expect, it } from 'vitest';

import { parseBenchArguments } from './arguments.ts';

const names = { app: { trials: 10 }, other: { trials: 20 } };

describe('the arguments of a benchmark', () => {
  it('are a name, and as many trials as it has unless told', () => {
    expect(parseBenchArguments(['app'], names)).toEqual({
      ok: true,
      value: { name: 'app', trials: 10, resume: false, only: [] },
    });
    expect(parseBenchArguments(['app', '--trials', '3'], names)).toEqual({
      ok: true,
      value: { name: 'app', trials: 3, resume: false, only: [] },
    });
    expect(parseBenchArguments(['other', '--resume', '--only', 'crash, ours'], names)).toEqual({
      ok: true,
      value: { name: 'other', trials: 20, resume: true, only: ['crash', 'ours'] },
    });
  });

  it.each([
    [[], 'Which benchmark?'],
    [['toString'], 'There is no benchmark "toString".'],
    [['app', 'app'], 'One benchmark at a time.'],
    [['app', '--trials', '0'], '--trials takes a whole number from 1 to 1000.'],
    [['app', '--trials', 'many'], '--trials takes a whole number from 1 to 1000.'],
  ])('%j cannot be run', (args, error) => {
    expect(parseBenchArguments(args, names)).toEqual({ ok: false, error });
  });

  it('refuse an option that nobody knows', () => {
    expect(parseBenchArguments(['app', '--fast'], names).ok).toBe(false);
  });
});
