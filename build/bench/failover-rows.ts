/** The raw rows of the failover bench: one JSON object a line, kept between runs, so that a long form can be resumed. */
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { CostRow } from '../../e2e/failover/trial/cost.ts';
import type { BusyRow, TrialRow } from '../../e2e/failover/trial/trial.ts';
import { root } from './results-file.ts';

/** A trial that could not be made: the pair did not come up. It is tried again by `--resume`. */
export interface BrokenRow {
  readonly kind: 'broken';
  readonly key: string;
  readonly words: string;
}

export type FailoverRow = TrialRow | BusyRow | CostRow | BrokenRow;

export interface RawFile {
  /** From the root of the repository. */
  readonly path: string;
  readonly rows: FailoverRow[];
  add(row: FailoverRow): void;
}

const folder = join(root, 'bench-results');

/** Opens a new raw file, or with `resume` the newest one. */
export function openRawFile(at: Date, resume: boolean): RawFile {
  mkdirSync(folder, { recursive: true });
  const newest = readdirSync(folder)
    .filter((name) => /^failover-.*\.jsonl$/u.test(name))
    .sort()
    .at(-1);
  const stamp = at.toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const name = resume && newest !== undefined ? newest : `failover-${stamp}.jsonl`;
  const rows = readRows(join(folder, name));
  return {
    path: join('bench-results', name),
    rows,
    add: (row) => {
      rows.push(row);
      appendFileSync(join(folder, name), `${JSON.stringify(row)}\n`);
    },
  };
}

/** What tells a row from the others of its kind. */
export function rowKey(row: FailoverRow): string {
  switch (row.kind) {
    case 'trial':
      return `${row.subject}/${row.fault}/${row.trial}`;
    case 'busy':
      return `${row.subject}/busy ${row.loops}/${row.trial}`;
    case 'cost':
      return `${row.subject}/cost`;
    case 'broken':
      return `broken ${row.key}`;
  }
}

function readRows(path: string): FailoverRow[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line.endsWith('}')) // the last one may have been cut short
    .map((line) => JSON.parse(line) as FailoverRow);
}
