import { summarise } from './statistics.ts';
import type { ColdStart, SubjectName } from './cold-start.ts';
import type { TableRow } from './table.ts';

/** One turn of the benchmark: both subjects, one right after the other. */
export interface Trial {
  readonly app: ColdStart;
  readonly empty: ColdStart;
}

const subjectNames: Readonly<Record<SubjectName, string>> = {
  app: 'Switchyard',
  empty: 'empty window',
};

/** The lines of the table; a difference is taken within a trial, so that a slow minute of the machine is on both sides. */
export function appTable(trials: readonly Trial[]): readonly TableRow[] {
  const row = (
    what: string,
    subject: SubjectName,
    pick: (start: ColdStart) => number | null | readonly number[],
    target?: string,
  ): TableRow => ({
    what,
    subject: subjectNames[subject],
    summary: summarise(trials.flatMap((trial) => pick(trial[subject]) ?? [])),
    ...(target === undefined ? {} : { target }),
  });
  const both = (
    what: string,
    pick: (start: ColdStart) => number | null | readonly number[],
    target?: string,
  ): readonly TableRow[] => [row(what, 'app', pick, target), row(what, 'empty', pick)];
  const difference = (
    what: string,
    pick: (start: ColdStart) => number | null,
    target?: string,
  ): TableRow => ({
    what,
    subject: 'difference',
    summary: summarise(
      trials.flatMap(({ app, empty }) => {
        const [more, less] = [pick(app), pick(empty)];
        return more === null || less === null ? [] : [more - less];
      }),
    ),
    ...(target === undefined ? {} : { target }),
  });
  return [
    ...both('spawn to first paint, ms', (start) => start.firstPaintMs, 'at most 1,000'),
    difference('spawn to first paint, ms', (start) => start.firstPaintMs),
    row('spawn to usable, ms', 'app', (start) => start.usableMs),
    row('spawn to both gateways ready, ms', 'app', (start) => start.readyMs),
    ...both('memory, MB', memoryMb),
    difference('memory, MB', memoryMb, 'at most 120'),
    ...both('processes', (start) => start.memory?.length ?? null),
    ...both('IPC round trip, each call, µs', (start) => start.ping.samplesUs),
    ...both('IPC round trip, mean of a start, µs', (start) => start.ping.meanUs),
    row('composer.preview, each call, µs', 'app', (start) => start.preview?.samplesUs ?? null),
  ];
}

/** What a reader must know to read the table. */
export function appNotes(trials: readonly Trial[]): readonly string[] {
  const late = trials.filter(({ app }) => app.isUsableLate).length;
  return [
    'Each start has a fresh profile and two gateway doubles; the two subjects take turns at going first.',
    'Both run with --disable-gpu and --remote-debugging-port=0; the main process has no debugger, the shell’s page gets one as it comes up.',
    'The program files are in the disk cache: cold is the process, not the disk.',
    'Memory is the proportional set size of Electron’s processes 2 s after the gateways were ready, 1 MB = 1024 kB; gateways and guardian are not in it.',
    'The page’s clock moves in steps of 100 µs: single calls are that coarse, the mean of a start is not.',
    ...(late === 0
      ? []
      : [
          `In ${late} of ${trials.length} starts the composer was there before it was looked for; usable is an upper bound there.`,
        ]),
    ...(memoryUnread(trials) ? ['Memory could not be read on this system.'] : []),
  ];
}

/** A start as it goes into the file: single calls summed up, everything else as measured. */
export function rawRow(start: ColdStart): unknown {
  const { ping, preview, ...rest } = start;
  return {
    ...rest,
    memoryMb: memoryMb(start),
    ping: { meanUs: ping.meanUs, ...summarise(ping.samplesUs) },
    preview: preview === null ? null : { meanUs: preview.meanUs, ...summarise(preview.samplesUs) },
  };
}

function memoryMb({ memory }: ColdStart): number | null {
  return memory === null ? null : memory.reduce((sum, { pssKb }) => sum + pssKb, 0) / 1024;
}

function memoryUnread(trials: readonly Trial[]): boolean {
  return trials.some(({ app, empty }) => app.memory === null || empty.memory === null);
}
