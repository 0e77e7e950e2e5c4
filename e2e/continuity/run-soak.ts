// npm run continuity:soak [-- --failovers 100] [--resume] [--duties]: kills the active one of two real OpenClaw gateways again and again in the middle of
// an answer. Raw rows are appended to bench-results/continuity-soak-*.jsonl as they come; --resume goes on with the newest file.
// --duties: every second failover with jobs and updates of Telegram. A failover that shows a fault leaves its timeline and logs beside the rows, and the soak goes on with a fresh pair. Exit code 1 when
// anything was lost, answered twice or otherwise at fault.

import { constants } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { describeMachine, loadWarning } from '../../build/bench/machine.ts';
import { errorText } from '../../src/base/index.ts';
import { runtimeFromEnvironment } from '../support/real-gateway.ts';
import { enterEvery } from './checks/failovers.ts';
import { startDuties, type Duties } from './duties.ts';
import { failoverSums, failoverTable } from './report.ts';
import { closeOpenRigs, startRig, type Rig } from './rig.ts';
import { playRound, type FailoverRow } from './round.ts';
import { failoversOf, openSoakFile, type SoakFile } from './soak-rows.ts';

const root = resolve(import.meta.dirname, '../..');
/** So often in a row it may fail to play a failover at all. */
const mostBroken = 5;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void closeOpenRigs().finally(() => process.exit(128 + constants.signals[signal]));
  });
process.exit(await run(process.argv.slice(2)));

async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      failovers: { type: 'string', default: '100' },
      resume: { type: 'boolean', default: false },
      duties: { type: 'boolean', default: false },
    },
  });
  const wanted = Number(values.failovers);
  if (!Number.isInteger(wanted) || wanted < 1) {
    process.stderr.write('--failovers takes a number from 1 on.\n');
    return 2;
  }
  const file = openSoakFile(new Date(), values.resume);
  const machine = describeMachine();
  file.add({ kind: 'run', at: new Date().toISOString(), machine });
  await soak(file, wanted, values.duties);
  const rows = failoversOf(file.rows);
  const { processor, cores, memoryMb, system } = machine;
  process.stdout.write(
    `\n${failoverTable(rows)}\n\n${failoverSums(rows)}\n${processor}, ${cores} cores, ${memoryMb} MB, ${system}\n${file.path}\n`,
  );
  const warning = loadWarning(machine);
  if (warning !== null) process.stdout.write(`${warning}\n`);
  return rows.length >= wanted && rows.every(({ faults }) => faults.length === 0) ? 0 : 1;
}

async function soak(file: SoakFile, wanted: number, withDuties: boolean): Promise<void> {
  let rig: Rig | null = null;
  let duties: Duties | null = null;
  let broken = 0;
  for (;;) {
    const number = nextNumber(failoversOf(file.rows), wanted);
    if (number === null || broken >= mostBroken) break;
    const evidence = join(file.folder, `from-${number}`);
    try {
      if (rig === null) {
        rig = await startRig(runtimeFromEnvironment(), {
          timeline: join(root, evidence, 'rig.txt'),
          telegram: withDuties,
        });
        duties = rig.telegram === null ? null : startDuties(rig, rig.telegram);
        await rig.settledOn('attic');
      }
      const startedMs = rig.now();
      const cut = number % enterEvery === 0 ? 'enter' : 'answer';
      const row = await playRound(rig, number, cut, number % 2 === 0 ? duties : null);
      broken = 0;
      file.add(row);
      process.stdout.write(`${lineOf(row, rig.now() - startedMs)}\n`);
      if (row.faults.length === 0) continue;
    } catch (error) {
      broken += 1;
      file.add({ kind: 'broken', number, words: errorText(error), evidence });
      process.stdout.write(`${number}  could not be played: ${errorText(error)}\n`);
    }
    // What went wrong stays in the conversation, so that the next one begins a conversation of its own.
    await rig?.stop();
    rig = null;
  }
  await rig?.stop();
}

/** The first failover that is missing; null when there is none. */
function nextNumber(rows: readonly FailoverRow[], wanted: number): number | null {
  const played = new Set(rows.map(({ number }) => number));
  for (let number = 1; number <= wanted; number += 1) if (!played.has(number)) return number;
  return null;
}

function lineOf(row: FailoverRow, tookMs: number): string {
  const ms = (value: number | null): string => (value === null ? '–' : String(Math.round(value)));
  return [
    `${row.faults.length === 0 ? '✓' : '✗'} ${String(row.number).padStart(4)}`,
    `${row.from} killed at ${row.cut}`,
    `first token ${ms(row.firstTokenMs)} / ${ms(row.firstTokenFailoverMs)} ms`,
    `gap ${ms(row.gapMs)} ms`,
    `round ${(tookMs / 1_000).toFixed(0)} s`,
    ...row.faults.map((fault) => `\n       ${fault}`),
  ].join('  ');
}
