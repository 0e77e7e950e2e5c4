// npm run test:continuity [-- --only failovers,storm]: what a failover does to a conversation, with two real OpenClaw gateways, the real
// guardian and the app's core. Prints a line for each check, keeps one JSON line, a timeline and the logs of each under bench-results/.
// Exit code 1 when one does not hold, 2 when none can be played.

import { appendFileSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { labObstacle } from '../failover/lab/commands.ts';
import { closeOpenLabs } from '../failover/lab/lab.ts';
import { nameChecks, type NameCheck } from '../failover/names/names-check.ts';
import { runtimeFromEnvironment } from '../support/real-gateway.ts';
import { backlogCheck } from './checks/backlog.ts';
import { diskCheck } from './checks/disk.ts';
import { divergenceCheck } from './checks/divergence.ts';
import { dutyCheck } from './checks/duties.ts';
import { failoverCheck } from './checks/failovers.ts';
import { faultCheck } from './checks/faults.ts';
import { handoffCheck } from './checks/handoffs.ts';
import { stormCheck } from './checks/storm.ts';
import { closeOpenRigs } from './rig.ts';
import { play, type Outcome } from './stage.ts';

const root = resolve(import.meta.dirname, '../..');
/** Each on a pair of its own on this computer; those by name on two hosts, which are network namespaces. */
const checks: readonly NameCheck[] = [
  ...[
    failoverCheck,
    handoffCheck,
    faultCheck,
    stormCheck,
    backlogCheck,
    divergenceCheck,
    diskCheck,
    dutyCheck,
  ].map((check) => ({
    name: check.name,
    title: check.title,
    play: (timeline: string) => play(check, runtimeFromEnvironment(), timeline),
  })),
  ...nameChecks.map((check) => ({ ...check, play: (timeline: string) => inLab(check, timeline) })),
];

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void Promise.all([closeOpenRigs(), closeOpenLabs()]).finally(() =>
      process.exit(128 + constants.signals[signal]),
    );
  });
process.exit(await run(process.argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...args], options: { only: { type: 'string' } } });
  const only = values.only?.split(',');
  const chosen = checks.filter(({ name }) => only === undefined || only.includes(name));
  if (chosen.length === 0) {
    process.stderr.write(
      `There is no check ${values.only ?? ''}; there are ${checks.map(({ name }) => name).join(', ')}.\n`,
    );
    return 2;
  }
  const stamp = new Date().toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const folder = join('bench-results', `continuity-${stamp}`);
  mkdirSync(join(root, folder), { recursive: true });
  const outcomes: Outcome[] = [];
  for (const check of chosen) {
    const timeline = join(root, folder, `${check.name}.txt`);
    const outcome = await check.play(timeline);
    outcomes.push(outcome);
    appendFileSync(join(root, folder, 'outcomes.jsonl'), `${JSON.stringify(outcome)}\n`);
    process.stdout.write(`${linesOf(outcome)}\n`);
  }
  const failed = outcomes.filter(({ ok }) => !ok).length;
  const tookMs = outcomes.reduce((sum, outcome) => sum + outcome.tookMs, 0);
  process.stdout.write(
    `\n${outcomes.length - failed} hold, ${failed} do not, in ${(tookMs / 60_000).toFixed(1)} minutes\n${folder}\n`,
  );
  return failed === 0 ? 0 : 1;
}

/** What cannot be played did not pass. */
async function inLab({ name, title, play: playIt }: NameCheck, timeline: string): Promise<Outcome> {
  const obstacle = labObstacle();
  if (obstacle === null) return playIt(timeline);
  const faults = [`cannot be played here: ${obstacle}`];
  return { name, title, ok: false, faults, figures: [], tookMs: 0 };
}

function linesOf({ ok, name, title, figures, faults, tookMs }: Outcome): string {
  return [
    `${ok ? '✓' : '✗'} ${name.padEnd(11)}${`${Math.round(tookMs / 1_000)} s`.padStart(6)}  ${title}`,
    ...figures.map((figure) => `      ${figure}`),
    ...faults.map((fault) => `    ✗ ${fault}`),
  ].join('\n');
}
