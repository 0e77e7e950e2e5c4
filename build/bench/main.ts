// npm run bench -- NAME: measures, prints a table, writes JSON under bench-results/. It fails when something cannot be
// measured, never because a figure is bad.

import { constants } from 'node:os';

import { createLifetime } from '../../src/base/index.ts';
import type { Lifetime } from '../../src/base/index.ts';
import { benchApp } from './app-bench.ts';
import { parseBenchArguments } from './arguments.ts';

const usageExitCode = 64;

const benches: Readonly<Record<string, (trials: number, lifetime: Lifetime) => Promise<void>>> = {
  app: benchApp,
};

const usage = `usage: npm run bench -- NAME [--trials N]
  app         cold start, memory and round trips, beside an empty Electron window
  --trials N  starts of each, 10 unless told
`;

const lifetime = createLifetime();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Every time, not once: a second Ctrl-C must not cut the clean-up short.
  process.on(signal, () => {
    void lifetime.stop().finally(() => process.exit(128 + constants.signals[signal]));
  });
}

const parsed = parseBenchArguments(process.argv.slice(2), Object.keys(benches));
if (parsed.ok) {
  try {
    await benches[parsed.value.name]?.(parsed.value.trials, lifetime);
  } catch (error) {
    if (!lifetime.signal.aborted) {
      process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    }
  } finally {
    await lifetime.stop();
  }
} else {
  process.stderr.write(`${parsed.error}\n${usage}`);
  process.exitCode = usageExitCode;
}
