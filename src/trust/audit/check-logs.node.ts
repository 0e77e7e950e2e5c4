import { existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

import type { AuditView } from '../../shared/index.ts';
import { changeOfFormerLog } from './former-log.node.ts';
import type { Checkpoint, Verdict } from './format.ts';
import { readRecords } from './read-log.node.ts';
import { recordFiles, verifyLog } from './verify-log.node.ts';

/** What a check of one log found: the verdict of the verifier, and what else can be told of it here. */
export interface LogCheck extends Verdict {
  readonly folder: string;
  /** Crossings that a crash had ended, and the start after it told. */
  readonly told: number;
}

/** The logs of a trust folder: the one that is written, and those that were set aside, oldest first. */
export function logFolders(logFolder: string): readonly string[] {
  const parent = dirname(logFolder);
  const names = existsSync(parent) ? readdirSync(parent) : [];
  const aside = names.filter((name) => name.startsWith(`${basename(logFolder)}-until-`)).sort();
  return [...aside.map((name) => join(parent, name)), logFolder].filter(
    (folder) => recordFiles(folder).length > 0,
  );
}

/**
 * Checks one log whole; `pinned` and `firstKey` as of the verifier. `formerLog`: the decision log of earlier versions,
 * which must be as the log found it.
 */
export function checkLog(
  folder: string,
  formerLog: string,
  pinned: Pick<Checkpoint, 'size' | 'root' | 'time'> | null,
  firstKey: string | null,
): LogCheck {
  const verdict = verifyLog(folder, pinned, firstKey);
  const records = readRecords(folder);
  const migrated = records.find(({ record }) => record?.code === 'log.migrated')?.private;
  const change = migrated === undefined ? null : changeOfFormerLog(formerLog, migrated.detail);
  const told = records.filter(({ record }) => record?.code === 'crossing.unfinished').length;
  const { code, problems } = verdict;
  return {
    ...verdict,
    folder,
    told,
    code: change !== null && (code === 0 || code === 4) ? 2 : code,
    problems: change === null ? problems : [...problems, change],
  };
}

const states = { 0: 'holds', 2: 'altered', 3: 'cut', 4: 'unfinished' } as const;
const worstFirst = [2, 3, 4, 0] as const;

/** What the checks of all logs come to: the worst of them. */
export function worstOf(checks: readonly LogCheck[]): Verdict['code'] {
  return worstFirst.find((code) => checks.some((check) => check.code === code)) ?? 0;
}

/** The checks as a person is told of them. `checks`: the log that is written comes last. */
export function auditViewOf(
  checks: readonly LogCheck[],
  checkedAtMs: number,
): Omit<AuditView, 'keys'> {
  const total = (of: (check: LogCheck) => number): number =>
    checks.reduce((sum, check) => sum + of(check), 0);
  return {
    state: states[worstOf(checks)],
    checkedAtMs,
    records: total(({ size }) => size),
    sealed: total(({ sealed }) => sealed),
    sealedAtMs: checks.at(-1)?.sealedAt ?? null,
    problems: checks.flatMap(({ folder, problems }) =>
      problems.map((problem) => `${basename(folder)}: ${problem}`),
    ),
  };
}
