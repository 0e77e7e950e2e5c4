// npm run ha:sim -- --seeds N [--from K] | --seed S [--trace]: simulated pairs, ten virtual minutes each.
// Exit code 0: no seed broke a rule.

import { parseArgs } from 'node:util';

import { spread, workerJob } from '../../../base/testing/spread.node.ts';
import { faultText } from './faults.ts';
import { shrink, simulate } from './simulate.ts';
import { emptyTotals, runSeeds, totalsOf } from './totals.ts';
import type { SeedRange, Totals } from './totals.ts';

const seedsPerJob = 100;
const shrunkAtMost = 5;

function wholeNumber(text: string, least: number): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < least)
    throw new RangeError(`${text} is not a number of seeds`);
  return value;
}

/** Runs one seed and tells everything. */
function replay(seed: number, isTraced: boolean): number {
  const onTrace = (line: string): void => void process.stdout.write(`${line}\n`);
  const result = simulate(seed, isTraced ? { onTrace } : {});
  process.stdout.write(`seed ${String(seed)}: ${result.violation ?? 'nothing broken'}\n`);
  process.stdout.write(
    `${String(result.events)} events, ${String(result.roleChanges)} changes of role, trace ${result.traceHash}\n`,
  );
  for (const fault of result.faults) process.stdout.write(`  ${faultText(fault)}\n`);
  return result.violation === null ? 0 : 1;
}

async function runMany(count: number, from: number): Promise<number> {
  const startedMs = performance.now();
  const jobs: SeedRange[] = [];
  for (let seed = from; seed < from + count; seed += seedsPerJob)
    jobs.push({ from: seed, count: Math.min(seedsPerJob, from + count - seed) });
  let totals = emptyTotals;
  await spread(import.meta.filename, jobs, (answer) => {
    const part = answer as Totals;
    totals = totalsOf(totals, part);
    for (const { seed, violation } of part.broken) {
      process.stdout.write(`✗ seed ${String(seed)}, ${violation}\n`);
      if (totals.broken.length <= shrunkAtMost)
        for (const fault of shrink(seed, simulate(seed).faults))
          process.stdout.write(`    needs  ${faultText(fault)}\n`);
      process.stdout.write(`    replay npm run ha:sim -- --seed ${String(seed)} --trace\n`);
    }
  });
  const seconds = (performance.now() - startedMs) / 1000;
  const facts = [
    `${String(totals.seeds)} seeds of 10 virtual minutes`,
    `${totals.events.toLocaleString('en')} events`,
    `${totals.faults.toLocaleString('en')} faults`,
    `${totals.roleChanges.toLocaleString('en')} changes of role`,
    `${totals.acknowledged.toLocaleString('en')} answers taken, ${String(totals.staleRefused)} refused as stale`,
    `${String(totals.broken.length)} broken`,
    `${seconds.toFixed(1)} s`,
  ];
  process.stdout.write(`${facts.join(', ')}\n`);
  return totals.broken.length === 0 ? 0 : 1;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: '1000' },
      from: { type: 'string', default: '1' },
      seed: { type: 'string' },
      trace: { type: 'boolean', default: false },
    },
  });
  return values.seed === undefined
    ? runMany(wholeNumber(values.seeds, 1), wholeNumber(values.from, 0))
    : replay(wholeNumber(values.seed, 0), values.trace);
}

const isWorker = workerJob(async (range) => runSeeds(range as SeedRange));
if (!isWorker) process.exitCode = await main();
