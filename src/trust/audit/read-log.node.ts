import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

import type { TrustDecision } from '../../shared/index.ts';
import { decisionOf } from './entries.ts';
import type { AuditRecord, Checkpoint, PrivatePart } from './format.ts';
import { exactJson, leafHash, noHash, recordFiles, withLeaf } from './verify-log.node.ts';

/** Where a log ends. */
export interface LogPosition {
  /** Number of the file that is written to, from 1. */
  readonly segment: number;
  /** Records in it; negative: it has no first line yet. */
  readonly segmentSize: number;
  /** Records in all. */
  readonly size: number;
  /** Hash of the last one. */
  readonly last: string;
  readonly tree: readonly string[];
  /** Crossings that were begun and have no end: their record. */
  readonly open: ReadonlyMap<string, number>;
  readonly epoch: number;
}

export interface LogTail {
  readonly position: LogPosition;
  readonly decisions: readonly TrustDecision[];
  /** How many records the last checkpoint covers. */
  readonly sealedSize: number;
}

const header = z.strictObject({
  segment: z.int().positive(),
  first: z.int().nonnegative(),
  prev: z.string(),
  tree: z.array(z.string()),
  open: z.array(z.tuple([z.string(), z.int()])),
  epoch: z.int().nonnegative(),
});

/** The file of a segment. */
export function segmentPath(folder: string, segment: number): string {
  return join(folder, `records-${String(segment).padStart(6, '0')}.jsonl`);
}

/**
 * Reads the last file of a log, and what its first line says of those before. It does not verify: an altered line counts as
 * it stands, so that the log goes on and `verify` finds it. Earlier files are read only where a first line is unreadable.
 */
export function readTail(folder: string): LogTail {
  const files = recordFiles(folder);
  let start = files.length;
  let before: z.infer<typeof header> | null = null;
  while (start > 0 && before === null) {
    start -= 1;
    before = headerOf(linesOf(join(folder, files[start] ?? ''))[0] ?? '');
  }
  let position: LogPosition = {
    segment: Math.max(1, files.length),
    segmentSize: -1,
    size: before?.first ?? 0,
    last: before?.prev ?? noHash,
    tree: before?.tree ?? [],
    open: new Map(before?.open ?? []),
    epoch: before?.epoch ?? 0,
  };
  const decisions: TrustDecision[] = [];
  for (const name of files.slice(start)) {
    const [first, ...lines] = linesOf(join(folder, name));
    position = { ...position, segmentSize: first === undefined ? -1 : 0 };
    for (const line of lines) {
      const parsed = exactJson(line) as { record?: AuditRecord; private?: PrivatePart } | null;
      position = advanced(position, parsed?.record, line);
      if (parsed?.record !== undefined && parsed.private !== undefined)
        decisions.push(decisionOf({ ...parsed.record, ...parsed.private }, parsed.record));
    }
  }
  return { position, decisions, sealedSize: sealedSize(folder) };
}

/** All records of a log with their leaves, in order; unreadable lines have no record. */
export function readRecords(folder: string): readonly {
  readonly leaf: string;
  readonly record?: AuditRecord;
  readonly private?: PrivatePart;
}[] {
  return recordFiles(folder).flatMap((name) =>
    linesOf(join(folder, name))
      .slice(1)
      .map((line) => {
        const parsed = exactJson(line) as { record?: AuditRecord; private?: PrivatePart } | null;
        return { ...parsed, leaf: leafOf(parsed?.record, line) };
      }),
  );
}

/** Where the log ends after one more line; `record`: undefined where it cannot be read. */
export function advanced(
  position: LogPosition,
  record: AuditRecord | undefined,
  line: string,
): LogPosition {
  const leaf = leafOf(record, line);
  const open = new Map(position.open);
  if (record?.code === 'crossing.intent') open.set(record.actId ?? '', position.size);
  else if (record?.code === 'crossing.outcome' || record?.code === 'crossing.unfinished')
    open.delete(record.actId ?? '');
  return {
    ...position,
    segmentSize: position.segmentSize + 1,
    size: position.size + 1,
    last: leaf,
    tree: withLeaf(position.tree, position.size, leaf),
    open,
    epoch: Math.max(position.epoch, record?.epoch ?? 0),
  };
}

function leafOf(record: AuditRecord | undefined, line: string): string {
  return leafHash(record === undefined ? line : JSON.stringify(record));
}

function headerOf(line: string): z.infer<typeof header> | null {
  const parsed = header.safeParse(exactJson(line));
  return parsed.success ? parsed.data : null;
}

function linesOf(path: string): readonly string[] {
  return readFileSync(path, 'utf8').split('\n').slice(0, -1);
}

function sealedSize(folder: string): number {
  const path = join(folder, 'checkpoints.jsonl');
  if (!existsSync(path)) return 0;
  const last = exactJson(linesOf(path).at(-1) ?? '') as Checkpoint | null;
  return last?.size ?? 0;
}
