import { describe, expect, it } from 'vitest';

import { parseBenchArguments } from './arguments.ts';

const names = ['app'];

describe('the arguments of a benchmark', () => {
  it('are a name, and ten trials unless told', () => {
    expect(parseBenchArguments(['app'], names)).toEqual({
      ok: true,
      value: { name: 'app', trials: 10 },
    });
    expect(parseBenchArguments(['app', '--trials', '3'], names)).toEqual({
      ok: true,
      value: { name: 'app', trials: 3 },
    });
  });

  it.each([
    [[], 'Which benchmark?'],
    [['failover'], 'There is no benchmark "failover".'],
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
