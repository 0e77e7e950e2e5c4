import { existsSync } from 'node:fs';
import { join } from 'node:path';

import type { Lifetime } from '../../src/base/index.ts';
import { appNotes, appTable, rawRow } from './app-report.ts';
import type { Trial } from './app-report.ts';
import { measureColdStart } from './cold-start.ts';
import { describeMachine, loadWarning } from './machine.ts';
import { root, writeResults } from './results-file.ts';
import { renderTable } from './table.ts';

/**
 * Cold start, memory and round trips of the built app beside those of an empty Electron window. Rejects when something
 * does not start at all; a slow figure is a figure.
 */
export async function benchApp(trialCount: number, lifetime: Lifetime): Promise<void> {
  const executable = process.env['SWITCHYARD_ELECTRON'];
  if (executable === undefined || !existsSync(executable) || !existsSync(join(root, 'out', 'main')))
    throw new Error(
      'The app is not built, or there is no Electron: run it through “npm run bench -- app”.',
    );
  const startedAt = new Date();
  const machine = describeMachine();
  const warning = loadWarning(machine);
  if (warning !== null) say(`\n${warning}`);
  say('');

  const trials: Trial[] = [];
  for (let index = 0; index < trialCount; index += 1) {
    const trial = await runTrial(index % 2 === 0, executable, lifetime);
    trials.push(trial);
    say(
      `trial ${index + 1} of ${trialCount}: first paint ${Math.round(trial.app.firstPaintMs)} ms, empty window ${Math.round(trial.empty.firstPaintMs)} ms`,
    );
  }

  const rows = appTable(trials);
  const electron = trials[0]?.app.electron ?? 'unknown';
  const notes = [...appNotes(trials), ...(warning === null ? [] : [warning])];
  const path = writeResults('app', startedAt, {
    bench: 'app',
    startedAt: startedAt.toISOString(),
    machine: { ...machine, electron },
    trials: trialCount,
    notes,
    table: rows,
    rows: trials.map(({ app, empty }) => ({ app: rawRow(app), empty: rawRow(empty) })),
  });
  say(`
${trialCount} starts of each · Electron ${electron} · ${machine.processor}, ${machine.cores} cores, ${machine.memoryMb.toLocaleString('en')} MB · ${machine.system} · load ${machine.load.toFixed(2)}

${renderTable(rows)}

${notes.map((note) => `- ${note}`).join('\n')}
${path}`);
}

async function runTrial(
  isAppFirst: boolean,
  executable: string,
  lifetime: Lifetime,
): Promise<Trial> {
  if (isAppFirst) {
    const app = await measureColdStart('app', executable, lifetime);
    return { app, empty: await measureColdStart('empty', executable, lifetime) };
  }
  const empty = await measureColdStart('empty', executable, lifetime);
  return { app: await measureColdStart('app', executable, lifetime), empty };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
