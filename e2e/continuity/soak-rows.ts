/** The raw rows of the soak: one JSON object a line, kept between runs, so that a long form can be resumed. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Machine } from '../../build/bench/machine.ts';
import { root } from '../../build/bench/results-file.ts';
import type { FailoverRow } from './round.ts';

/** Where and when a run of the soak began. */
export interface RunRow {
  readonly kind: 'run';
  readonly at: string;
  readonly machine: Machine;
}

/** A failover that could not be played to its end. It is played again by `--resume`. */
export interface BrokenRow {
  readonly kind: 'broken';
  readonly number: number;
  readonly words: string;
  /** The folder with what happened, from the root of the repository. */
  readonly evidence: string;
}

export type SoakRow = RunRow | FailoverRow | BrokenRow;

export interface SoakFile {
  /** From the root of the repository. */
  readonly path: string;
  /** Beside it, for timelines and logs. */
  readonly folder: string;
  readonly rows: readonly SoakRow[];
  add(row: SoakRow): void;
}

const folder = join(root, 'bench-results');

/** Opens a new file, or with `resume` the newest one, if there is one. */
export function openSoakFile(at: Date, resume: boolean): SoakFile {
  mkdirSync(folder, { recursive: true });
  const newest = readdirSync(folder)
    .filter((name) => /^continuity-soak-.*\.jsonl$/u.test(name))
    .sort()
    .at(-1);
  const stamp = at.toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const name = resume && newest !== undefined ? newest : `continuity-soak-${stamp}.jsonl`;
  const path = join(folder, name);
  const rows = existsSync(path) ? parseRows(readFileSync(path, 'utf8')) : [];
  return {
    path: join('bench-results', name),
    folder: join('bench-results', name.replace(/\.jsonl$/u, '')),
    rows,
    add: (row) => {
      rows.push(row);
      appendFileSync(path, `${JSON.stringify(row)}\n`);
    },
  };
}

/** The rows of a file; a last line that was cut short is none. */
export function parseRows(text: string): SoakRow[] {
  return text
    .split('\n')
    .filter((line) => line.endsWith('}'))
    .map((line) => JSON.parse(line) as SoakRow);
}

/** The failovers of a file, by number; of one that was played twice, the last. */
export function failoversOf(rows: readonly SoakRow[]): readonly FailoverRow[] {
  const byNumber = new Map(
    rows.flatMap((row) => (row.kind === 'failover' ? [[row.number, row] as const] : [])),
  );
  return [...byNumber.values()].toSorted((one, other) => one.number - other.number);
}
