// npm run bench -- NAME: measures, prints a table, writes JSON under bench-results/. It fails when something cannot be
// measured, never because a figure is bad.

import { constants } from 'node:os';

import { createLifetime } from '../../src/base/index.ts';
import type { Lifetime } from '../../src/base/index.ts';
import { benchApp } from './app-bench.ts';
import { parseBenchArguments } from './arguments.ts';
import type { BenchArguments } from './arguments.ts';
import { benchFailover } from './failover-bench.ts';
import { benchTrust } from './trust-bench.ts';

const usageExitCode = 64;

interface Bench {
  /** Unless told. */
  readonly trials: number;
  readonly run: (wanted: BenchArguments, lifetime: Lifetime) => Promise<void>;
}

const benches: Readonly<Record<string, Bench>> = {
  app: { trials: 10, run: ({ trials }, lifetime) => benchApp(trials, lifetime) },
  failover: { trials: 20, run: benchFailover },
  trust: { trials: 1_000, run: ({ trials }, lifetime) => benchTrust(trials, lifetime) },
};

const usage = `usage: npm run bench -- NAME [--trials N] [--resume] [--only WORD,WORD]
  app         cold start, memory and round trips, beside an empty Electron window
  failover    gap and overlap by fault, false failovers, cost, beside keepalived (Linux, root, namespaces)
  trust       what a call costs, and how soon a cut holds
  --trials N  of each, 10 for app, 20 for failover, 1,000 cuts for trust unless told
  --resume    failover: goes on with the newest raw file
  --only …    failover: faults (crash, freeze, lie, host loss, handoff, partition, busy, cost) and beginnings of subjects
`;

const lifetime = createLifetime();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // Every time, not once: a second Ctrl-C must not cut the clean-up short.
  process.on(signal, () => {
    void lifetime.stop().finally(() => process.exit(128 + constants.signals[signal]));
  });
}

const parsed = parseBenchArguments(process.argv.slice(2), benches);
if (parsed.ok) {
  try {
    await benches[parsed.value.name]?.run(parsed.value, lifetime);
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
