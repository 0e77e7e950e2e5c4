import { parseArgs } from 'node:util';

import { fail, ok } from '../../src/base/index.ts';
import type { Result } from '../../src/base/index.ts';

export interface BenchArguments {
  readonly name: string;
  readonly trials: number;
}

const mostTrials = 1_000;

/**
 * Reads `NAME [--trials N]`.
 * @param names the benchmarks there are
 * @returns what to run, or in words why nothing can be run
 */
export function parseBenchArguments(
  args: readonly string[],
  names: readonly string[],
): Result<BenchArguments, string> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: { trials: { type: 'string', default: '10' } },
      allowPositionals: true,
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const [name, ...rest] = parsed.positionals;
  const trials = Number(parsed.values.trials);
  if (name === undefined) return fail('Which benchmark?');
  if (!names.includes(name)) return fail(`There is no benchmark "${name}".`);
  if (rest.length > 0) return fail('One benchmark at a time.');
  if (!Number.isInteger(trials) || trials < 1 || trials > mostTrials)
    return fail(`--trials takes a whole number from 1 to ${mostTrials}.`);
  return ok({ name, trials });
}
