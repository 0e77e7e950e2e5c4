import type { Lifetime } from '../../src/base/index.ts';
import { closeOpenLabs } from '../../e2e/failover/lab/lab.ts';
import { labObstacle } from '../../e2e/failover/lab/commands.ts';
import { keepalivedVersion } from '../../e2e/failover/rival/keepalived.ts';
import { measureCost } from '../../e2e/failover/trial/cost.ts';
import { subjectNames, type SubjectName } from '../../e2e/failover/trial/subjects.ts';
import { applies, faultNames, runBusy, runTrial } from '../../e2e/failover/trial/trial.ts';
import type { BenchArguments } from './arguments.ts';
import { busyTable, costTable, failoverNotes, gapTable } from './failover-report.ts';
import { openRawFile, rowKey, type FailoverRow } from './failover-rows.ts';
import { describeMachine, loadWarning } from './machine.ts';
import { writeResults } from './results-file.ts';

const busyLoops = [4, 16];

interface Task {
  readonly key: string;
  readonly run: () => Promise<FailoverRow>;
}

/**
 * Gap and overlap of a failover by fault, false failovers on a busy machine and the cost of a healthy pair, beside
 * keepalived. Every row is kept as it comes; rejects when the machine cannot hold the lab, or nothing could be measured.
 */
export async function benchFailover(wanted: BenchArguments, lifetime: Lifetime): Promise<void> {
  const obstacle = labObstacle();
  if (obstacle !== null) throw new Error(`The failover bench cannot run here: ${obstacle}.`);
  lifetime.add(closeOpenLabs);
  const startedAt = new Date();
  const machine = describeMachine();
  const warning = loadWarning(machine);
  if (warning !== null) say(`\n${warning}`);
  const rival = keepalivedVersion();
  const raw = openRawFile(startedAt, wanted.resume);
  const done = new Set(raw.rows.map(rowKey));
  const tasks = tasksOf(wanted, rival !== null).filter(({ key }) => !done.has(key));
  say(`\n${tasks.length} measurements to make; rows go into ${raw.path}\n`);

  for (const [index, task] of tasks.entries()) {
    const row = await attempt(task);
    if (lifetime.signal.aborted) return;
    raw.add(row);
    say(`${index + 1} of ${tasks.length}: ${task.key}: ${wordsOf(row)}`);
  }

  const broken = raw.rows.filter((row) => row.kind === 'broken').length;
  const tables = [
    gapTable(raw.rows, subjectNames),
    busyTable(raw.rows, subjectNames),
    costTable(raw.rows),
  ].filter((table) => table !== null);
  if (tables.length === 0) throw new Error('Nothing could be measured.');
  const notes = [
    rival === null
      ? 'There is no keepalived on this machine: nothing stands beside our figures.'
      : `The rival is keepalived ${rival}.`,
    ...failoverNotes,
    ...(broken === 0
      ? []
      : [`${broken} trials could not be made: the pair did not come up. They are rows too.`]),
    ...(warning === null ? [] : [warning]),
  ];
  const path = writeResults('failover', startedAt, {
    bench: 'failover',
    startedAt: startedAt.toISOString(),
    machine,
    trials: wanted.trials,
    raw: raw.path,
    notes,
    tables,
  });
  say(`
${machine.processor}, ${machine.cores} cores, ${machine.memoryMb.toLocaleString('en')} MB · ${machine.system} · load ${machine.load.toFixed(2)}

${tables.join('\n\n')}

${notes.map((note) => `- ${note}`).join('\n')}
${path}`);
}

/** All measurements, subjects taking turns within a round, so that a slow minute of the machine falls on all of them. */
function tasksOf({ trials, only }: BenchArguments, hasRival: boolean): readonly Task[] {
  const kinds = [...faultNames, 'busy', 'cost'];
  const wantedKinds = only.filter((word) => kinds.includes(word));
  const wantedSubjects = only.filter((word) => !kinds.includes(word));
  const isWanted = (kind: string): boolean =>
    wantedKinds.length === 0 || wantedKinds.includes(kind);
  const subjects = subjectNames.filter(
    (name) =>
      (hasRival || !name.startsWith('keepalived')) &&
      (wantedSubjects.length === 0 || wantedSubjects.some((word) => name.startsWith(word))),
  );
  if (subjects.length === 0)
    throw new Error(`No fault and no subject is called ${wantedSubjects.join(', ')}.`);
  const tasks: Task[] = [];
  for (let trial = 0; trial < trials; trial += 1)
    for (const fault of faultNames.filter(isWanted))
      for (const subject of subjects.filter((each) => applies(fault, each)))
        tasks.push({
          key: `${subject}/${fault}/${trial}`,
          run: () => runTrial(subject, fault, trial),
        });
  if (isWanted('busy'))
    for (const loops of busyLoops)
      for (const subject of subjects) tasks.push(busyTask(subject, loops));
  if (isWanted('cost'))
    for (const subject of subjects)
      tasks.push({ key: `${subject}/cost`, run: () => measureCost(subject) });
  return tasks;
}

function busyTask(subject: SubjectName, loops: number): Task {
  return { key: `${subject}/busy ${loops}/0`, run: () => runBusy(subject, loops, 0) };
}

async function attempt({ key, run }: Task): Promise<FailoverRow> {
  try {
    return await run();
  } catch (error) {
    return { kind: 'broken', key, words: error instanceof Error ? error.message : String(error) };
  }
}

function wordsOf(row: FailoverRow): string {
  switch (row.kind) {
    case 'trial': {
      const gap = row.gapMs === null ? 'nobody took over' : `gap ${Math.round(row.gapMs)} ms`;
      return `${gap}, overlap ${Math.round(row.overlapMs)} ms`;
    }
    case 'busy':
      return `${row.changes} changes, longest silence ${Math.round(row.silenceMs)} ms`;
    case 'cost':
      return `${row.cpuPercent.toFixed(2)} % of a core, ${row.rssMb.toFixed(1)} MB`;
    case 'broken':
      return `not measured: ${row.words}`;
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
