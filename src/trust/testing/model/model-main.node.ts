// npm run trust -- model [--small] [--mutants] [--diff STEPS] [--seed N] [--only TEXT]: explores the reference model; with
// --mutants, removes one rule after the other from the model and from the broker; with --diff, runs random sequences
// through both. Exit code 0: every state was seen and none is wrong; every mutant is found, in both; no difference.
import { parseArgs } from 'node:util';

import { seededRandom } from '../../../base/testing/seeded-random.ts';
import { spread, workerJob } from '../../../base/testing/spread.node.ts';
import { randomRun } from './beside.ts';
import { killMutant } from './kill.node.ts';
import { mutants } from './mutants.ts';
import {
  allSearches,
  exploreModel,
  fullSearches,
  smallSearches,
  wide,
  wideLatch,
} from './searches.ts';
import { shipped } from './subject.node.ts';

const stepsOfSequence = 400;
const sequencesOfJob = 100;

type Job =
  | { readonly kind: 'search' | 'mutant'; readonly name: string }
  | { readonly kind: 'diff'; readonly from: number; readonly count: number };

interface Outcome {
  readonly ok: boolean;
  /** States, or steps. */
  readonly size: number;
  readonly left: number;
  readonly taken: number;
  readonly text: string;
}

function search(name: string): Outcome {
  const bounds = allSearches.find((one) => one.name === name)!;
  const startedMs = performance.now();
  const found = exploreModel(bounds, [], { maxStates: Infinity, samples: 0 });
  const took = ((performance.now() - startedMs) / 1000).toFixed(1);
  const facts = [
    `${found.states.toLocaleString('en')} states`,
    `${found.transitions.toLocaleString('en')} transitions`,
    `depth ${String(found.depth)}`,
    found.complete ? 'complete' : 'BROKEN',
    `${found.violation === null ? '0' : '1'} violations`,
    `${took} s`,
  ];
  const trace = found.violation?.trace.map(({ label }) => label).join(' > ') ?? '';
  const wrong = found.violation === null ? '' : `\n  ${found.violation.problem}\n  ${trace}`;
  const text = `${name}: ${facts.join(', ')}${wrong}`;
  return { ok: found.complete, size: found.states, left: 0, taken: 0, text };
}

async function mutant(name: string): Promise<Outcome> {
  const killed = await killMutant(mutants.find((one) => one.name === name)!);
  const model = killed.trace === null ? 'NOT FOUND in the model' : `model: ${killed.problem}`;
  const broker =
    killed.difference === null
      ? 'NOT FOUND in the broker'
      : `broker, step ${String(killed.difference.step)}: ${killed.difference.broker}`;
  const text = `without “${name}”\n    ${model}\n    ${killed.trace?.join(' > ') ?? ''}\n    ${broker}`;
  return { ok: killed.isKilled, size: killed.states, left: 0, taken: 0, text };
}

function sequences(from: number, count: number): Outcome {
  let left = 0;
  let taken = 0;
  let size = 0;
  for (let seed = from; seed < from + count; seed += 1) {
    const bounds = seed % 2 === 0 ? wide : wideLatch;
    const run = randomRun(shipped, bounds, stepsOfSequence, seededRandom(seed).unit);
    left += run.left;
    taken += run.taken;
    size += run.steps;
    if (run.difference !== null) {
      const { event, model, broker } = run.difference;
      const text = `seed ${String(seed)}, “${event}”\n  model  ${model}\n  broker ${broker}\n  after  ${run.events.join(' > ')}`;
      return { ok: false, size, left, taken, text };
    }
  }
  return { ok: true, size, left, taken, text: '' };
}

function jobsOf(values: {
  readonly small: boolean;
  readonly mutants: boolean;
  readonly diff?: string;
  readonly seed: string;
  readonly only: string;
}): readonly Job[] {
  if (values.diff !== undefined) {
    const count = Math.ceil(Number(values.diff) / stepsOfSequence);
    const first = Number(values.seed);
    return Array.from({ length: Math.ceil(count / sequencesOfJob) }, (_, index) => ({
      kind: 'diff',
      from: first + index * sequencesOfJob,
      count: Math.min(sequencesOfJob, count - index * sequencesOfJob),
    }));
  }
  const kind = values.mutants ? 'mutant' : 'search';
  const names = values.mutants
    ? mutants.map(({ name }) => name)
    : (values.small ? smallSearches : fullSearches).map(({ name }) => name);
  return names.filter((name) => name.includes(values.only)).map((name) => ({ kind, name }));
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      small: { type: 'boolean', default: false },
      mutants: { type: 'boolean', default: false },
      diff: { type: 'string' },
      seed: { type: 'string', default: '1' },
      only: { type: 'string', default: '' },
    },
  });
  const jobs = jobsOf(values);
  const startedMs = performance.now();
  const total = { size: 0, left: 0, taken: 0, failed: 0 };
  await spread(import.meta.filename, jobs, (answer) => {
    const { ok, size, left, taken, text } = answer as Outcome;
    total.size += size;
    total.left += left;
    total.taken += taken;
    if (!ok) total.failed += 1;
    if (text !== '') process.stdout.write(`${ok ? '✓' : '✗'} ${text}\n`);
  });
  const took = ((performance.now() - startedMs) / 1000).toFixed(1);
  const facts =
    values.diff === undefined
      ? [
          `${String(jobs.length)} ${values.mutants ? 'mutants' : 'searches'}`,
          `${total.size.toLocaleString('en')} states`,
        ]
      : [
          `${total.size.toLocaleString('en')} steps beside each other`,
          `${total.left.toLocaleString('en')} texts left`,
          `${total.taken.toLocaleString('en')} replies`,
        ];
  const failed = values.diff === undefined ? 'failed' : 'differences';
  process.stdout.write(
    `\n${[...facts, `${String(total.failed)} ${failed}`, `${took} s`].join(', ')}\n`,
  );
  return total.failed === 0 && jobs.length > 0 ? 0 : 1;
}

const isWorker = workerJob(async (job) => {
  const given = job as Job;
  switch (given.kind) {
    case 'search':
      return search(given.name);
    case 'mutant':
      return mutant(given.name);
    case 'diff':
      return sequences(given.from, given.count);
  }
});
if (!isWorker) process.exitCode = await main();
