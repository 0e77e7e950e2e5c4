import { parseArgs } from 'node:util';

import { fail, ok } from '../../src/base/index.ts';
import type { Result } from '../../src/base/index.ts';

export interface BenchArguments {
  readonly name: string;
  readonly trials: number;
  /** Goes on with what an earlier run began. */
  readonly resume: boolean;
  /** Words that narrow down what is measured; empty: everything. */
  readonly only: readonly string[];
}

const mostTrials = 1_000;

/**
 * Reads `NAME [--trials N] [--resume] [--only WORD,WORD]`.
 * @param benches the benchmarks there are, with their number of trials unless told
 * @returns what to run, or in words why nothing can be run
 */
export function parseBenchArguments(
  args: readonly string[],
  benches: Readonly<Record<string, { readonly trials: number }>>,
): Result<BenchArguments, string> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...args],
      options: {
        trials: { type: 'string' },
        resume: { type: 'boolean', default: false },
        only: { type: 'string', default: '' },
      },
      allowPositionals: true,
    });
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const [name, ...rest] = parsed.positionals;
  if (name === undefined) return fail('Which benchmark?');
  const bench = Object.hasOwn(benches, name) ? benches[name] : undefined;
  if (bench === undefined) return fail(`There is no benchmark "${name}".`);
  if (rest.length > 0) return fail('One benchmark at a time.');
  const trials = Number(parsed.values.trials ?? bench.trials);
  if (!Number.isInteger(trials) || trials < 1 || trials > mostTrials)
    return fail(`--trials takes a whole number from 1 to ${mostTrials}.`);
  const only = parsed.values.only
    .split(',')
    .map((word) => word.trim())
    .filter(Boolean);
  return ok({ name, trials, resume: parsed.values.resume, only });
}
