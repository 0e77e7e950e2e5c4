// npm run test:scenarios [-- --only 1,2,9] [--profile fast]: plays the fault scenarios in network namespaces, prints a table, keeps one JSON
// line and one timeline each under bench-results/. Exit code 1 when one does not hold, 2 when none can be played.

import { appendFileSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { failoverProfiles } from '../../src/shared/index.ts';
import { labObstacle } from './lab/commands.ts';
import { closeOpenLabs } from './lab/lab.ts';
import { scenarios } from './scenarios/catalogue.ts';
import { play, type Outcome } from './scenarios/stage.ts';

const root = resolve(import.meta.dirname, '../..');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void closeOpenLabs().finally(() => process.exit(128 + constants.signals[signal]));
  });
process.exitCode = await run(process.argv.slice(2));

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: { only: { type: 'string' }, profile: { type: 'string', default: 'default' } },
  });
  const profile = failoverProfiles.find((name) => name === values.profile);
  if (profile === undefined) {
    process.stderr.write(
      `There is no profile ${values.profile}; there are ${failoverProfiles.join(', ')}.\n`,
    );
    return 2;
  }
  const obstacle = labObstacle();
  const only = values.only?.split(',').map(Number);
  const chosen = scenarios.filter(({ number }) => only === undefined || only.includes(number));
  if (obstacle !== null || chosen.length === 0) {
    process.stderr.write(
      obstacle === null
        ? `There is no scenario ${values.only ?? ''}; there are ${[...new Set(scenarios.map(({ number }) => number))].join(', ')}.\n`
        : `The scenarios cannot be played here: ${obstacle}.\n`,
    );
    return 2;
  }
  const stamp = new Date().toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const folder = join('bench-results', `scenarios-${stamp}`);
  mkdirSync(join(root, folder), { recursive: true });
  const outcomes: Outcome[] = [];
  for (const [index, scenario] of chosen.entries()) {
    const outcome = await play(
      scenario,
      join(root, folder, `${String(scenario.number).padStart(2, '0')}-${index}.txt`),
      profile,
    );
    outcomes.push(outcome);
    appendFileSync(join(root, folder, 'outcomes.jsonl'), `${JSON.stringify(outcome)}\n`);
    process.stdout.write(`${lineOf(outcome)}\n`);
  }
  const failed = outcomes.filter(({ ok }) => !ok).length;
  const splitBrainMs = outcomes.reduce((sum, outcome) => sum + outcome.splitBrainMs, 0);
  process.stdout.write(
    `\n${outcomes.length - failed} hold, ${failed} do not; split-brain seconds: ${(splitBrainMs / 1_000).toFixed(3)}\n${folder}\n`,
  );
  return failed === 0 ? 0 : 1;
}

function lineOf(outcome: Outcome): string {
  const number = (value: number | null): string =>
    (value === null ? '–' : `${Math.round(value)} ms`).padStart(8);
  return [
    outcome.ok ? '✓' : '✗',
    String(outcome.number).padStart(2),
    outcome.title.padEnd(66),
    `changes ${outcome.changes}`,
    `gap ${number(outcome.gapMs)}`,
    `margin ${number(outcome.marginMs)}`,
    `split brain ${number(outcome.splitBrainMs)}`,
    ...outcome.faults.map((fault) => `\n      ${fault}`),
  ].join('  ');
}
