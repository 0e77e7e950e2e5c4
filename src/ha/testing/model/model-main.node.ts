// npm run ha:model [-- --small] [--mutants] [--only TEXT] [--cap STATES]: explores the shipped election.
// Exit code 0: every search saw all states within its bounds, none breaks a rule, all samples recover; with --mutants:
// every mutant gives a counterexample.

import { parseArgs } from 'node:util';

import type { Bounds } from './bounds.ts';
import { chartOf } from './chart.ts';
import { explore, happensExactly } from './explore.ts';
import { recovered } from './liveness.ts';
import { mutants } from './mutants.ts';
import { loadMutant } from './mutate.node.ts';
import { allSearches, smallSearches } from './searches.ts';
import { shipped } from './subject.ts';
import { spread, workerJob } from '../../../base/testing/spread.node.ts';

const samples = 2_000;

interface Outcome {
  readonly ok: boolean;
  readonly states: number;
  readonly text: string;
}

interface Job {
  readonly kind: 'searches' | 'mutants';
  readonly name: string;
  readonly maxStates: number;
}

function exploreBounds(bounds: Bounds, maxStates: number): Outcome {
  const startedMs = performance.now();
  const found = explore(shipped, bounds, { maxStates, samples });
  const took = (performance.now() - startedMs) / 1000;
  const stuck = found.samples.filter((parts) => recovered(shipped, bounds, parts) === null);
  const facts = [
    `${found.states.toLocaleString('en')} states`,
    `${found.transitions.toLocaleString('en')} transitions`,
    `depth ${String(found.depth)}`,
    found.complete ? 'complete' : found.violation === null ? 'CUT SHORT' : 'BROKEN',
    `${String(found.samples.length - stuck.length)} of ${String(found.samples.length)} recover`,
    `${took.toFixed(1)} s`,
    `(${found.parts}, ${(found.bytes / 1e6).toFixed(0)} MB)`,
  ];
  const lines = [`${bounds.name}: ${facts.join(', ')}`];
  if (found.violation !== null) lines.push(chartOf(found.violation));
  if (stuck[0] !== undefined) lines.push(`never acts again from: ${JSON.stringify(stuck[0])}`);
  const ok = found.complete && stuck.length === 0;
  return { ok, states: found.states, text: lines.join('\n') };
}

async function killMutant(guard: string, maxStates: number): Promise<Outcome> {
  const { changes, bounds, world } = mutants.find((one) => one.guard === guard)!;
  const startedMs = performance.now();
  const subject = await loadMutant(changes);
  const mutated = { ...bounds, ...world };
  const { states, violation } = explore(subject, mutated, { maxStates, samples: 0 });
  const isReal = violation !== null && happensExactly(subject, mutated, violation);
  const took = `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
  const head = `without “${guard}”: ${states.toLocaleString('en')} states, ${took}`;
  if (violation === null) return { ok: false, states, text: `${head}: NO COUNTEREXAMPLE` };
  const chart = chartOf(violation);
  const text = isReal ? `${head}\n${chart}\n` : `${head}: ONLY WITHIN THESE BOUNDS\n${chart}\n`;
  return { ok: isReal, states, text };
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      small: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      cap: { type: 'string', default: '24000000' },
    },
  });
  const maxStates = Number(values.cap);
  const kind = values.mutants ? 'mutants' : 'searches';
  const names = values.mutants
    ? mutants.map(({ guard }) => guard)
    : (values.small ? smallSearches : allSearches).map(({ name }) => name);
  const jobs = names
    .filter((name) => name.includes(values.only))
    .map((name): Job => ({ kind, name, maxStates }));

  const startedMs = performance.now();
  let states = 0;
  let failed = 0;
  await spread(import.meta.filename, jobs, (outcome) => {
    const { ok, states: seen, text } = outcome as Outcome;
    states += seen;
    if (!ok) failed += 1;
    process.stdout.write(`${ok ? '✓' : '✗'} ${text}\n`);
  });
  const took = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(
    `\n${String(jobs.length)} ${kind}, ${states.toLocaleString('en')} states, ${String(failed)} failed, ${took} s\n`,
  );
  return failed === 0 && jobs.length > 0 ? 0 : 1;
}

const isWorker = workerJob(async (job) => {
  const { kind, name, maxStates } = job as Job;
  if (kind === 'mutants') return killMutant(name, maxStates);
  return exploreBounds(
    allSearches.find((one) => one.name === name)!,
    maxStates,
  );
});
if (!isWorker) process.exitCode = await main();
