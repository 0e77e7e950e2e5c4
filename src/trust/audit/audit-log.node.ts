/**
 * The trust log on disk: JSON lines, appended only, in files of `segmentLines` records.
 *
 * Invariants
 * 1. `append` answers `ok` only when the record is on disk (written whole and synced). After a failure the log is as it was.
 * 2. A half-written last line, left by a crash, was never answered with `ok`, so nothing rests on it: it is cut off when
 *    the log is opened, and the cut is recorded.
 * 3. Each record holds the hash of the one before; a checkpoint over all of them is signed every `sealEvery` records,
 *    `sealAfterMs` after the first record without one, when `seal` is called, and when the log is closed.
 */
import { closeSync, existsSync, fstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { errorText, fail, ok, type Clock, type Random, type Result } from '../../base/index.ts';
import { appError, type AppError, type TrustDecision } from '../../shared/index.ts';
import type { AuditEntry, AuditLog } from '../ports.ts';
import { decisionOf, entryOf } from './entries.ts';
import type { AuditRecord, PrivatePart } from './format.ts';
import {
  keyLine,
  macOf,
  newAuditKeys,
  signCheckpoint,
  type AuditKeys,
  type AuditKeyStore,
} from './keys.node.ts';
import { appendLine, cutHalfLine, openForAppending, syncFolderOf } from './log-files.node.ts';
import { readFormerLog } from './former-log.node.ts';
import { advanced, readTail, segmentPath, type LogPosition } from './read-log.node.ts';
import { rootOf, sealEvery, sha256 } from './verify-log.node.ts';

const sealAfterMs = 60_000;
const segmentLines = 4_096;
const decisionsKept = 500;
const keysLastMs = 30 * 24 * 60 * 60_000;

export interface AuditLogOptions {
  readonly folder: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly keys: AuditKeyStore;
  /** The decision log of earlier versions, if there may be one; its hash is recorded, and it is left as it is. */
  readonly formerLog: string | null;
  /** What a new log has to say of one that was set aside. */
  readonly aside?: string | null;
}

/** Opens the log, making it if need be. Fails with `storage`: then nothing may cross. */
export function openAuditLog(
  options: AuditLogOptions,
): Result<AuditLog & { close(): void }, AppError> {
  const { folder, clock, random, keys } = options;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const isNew = !existsSync(segmentPath(folder, 1));
    const checkpoints = openForAppending(join(folder, 'checkpoints.jsonl'));
    cutHalfLine(checkpoints);
    const tail = readTail(folder);
    let { position } = tail;
    const former = options.formerLog === null ? null : readFormerLog(options.formerLog);
    const recent: TrustDecision[] = [
      ...(tail.decisions.length < decisionsKept ? (former?.decisions ?? []) : []),
      ...tail.decisions,
    ].slice(-decisionsKept);
    const opened = openSegment(folder, position);
    const { removed } = opened;
    let { file } = opened;
    position = { ...position, segmentSize: Math.max(0, position.segmentSize) };
    const { mac, signing } = currentKeys(folder, keys, clock.wallMs());
    let sealedSize = tail.sealedSize;
    let cancelSeal: (() => void) | null = null;

    const write = (entry: AuditEntry & { readonly count: number }): Result<null, AppError> => {
      try {
        if (position.segmentSize >= segmentLines) {
          const next = { ...position, segment: position.segment + 1, segmentSize: -1 };
          const nextFile = openSegment(folder, next).file;
          closeSync(file);
          file = nextFile;
          position = { ...next, segmentSize: 0 };
        }
        const { line, record } = lineOf(entry, position, clock, random, mac);
        appendLine(file, line);
        position = advanced(position, record, line);
        recent.push(decisionOf(entry, record));
        if (recent.length > decisionsKept) recent.shift();
      } catch (error) {
        return fail(unwritable(error));
      }
      if (position.size - sealedSize >= sealEvery) seal();
      else
        cancelSeal ??= clock.after(sealAfterMs, () => {
          seal();
        });
      return ok(null);
    };

    const seal = (): Result<null, AppError> => {
      cancelSeal?.();
      cancelSeal = null;
      if (sealedSize === position.size) return ok(null);
      try {
        const { size, tree } = position;
        const checkpoint = signCheckpoint(signing, {
          size,
          root: rootOf(tree),
          time: clock.wallMs(),
        });
        appendLine(checkpoints, JSON.stringify(checkpoint));
        sealedSize = size;
        keys.keepHead(checkpoint);
        return ok(null);
      } catch (error) {
        return fail(unwritable(error));
      }
    };

    const log: AuditLog & { close(): void } = {
      append: (entry) => write({ ...entry, count: 1 }),
      record: (decision, body) => write(entryOf(decision, position.epoch, body)),
      recent: (limit) => recent.slice(-limit).reverse(),
      seal,
      size: () => position.size,
      epoch: () => position.epoch,
      unfinished: () => [...position.open].map(([actId, seq]) => ({ actId, seq })),
      close: () => {
        seal();
        cancelSeal?.();
        closeSync(file);
        closeSync(checkpoints);
      },
    };

    const notes = [
      ...(removed === 0
        ? []
        : [
            note(
              'log.recovered',
              'half line',
              `${removed} bytes of a half-written last line were cut off; nothing rests on it`,
            ),
          ]),
      ...(typeof options.aside === 'string'
        ? [note('log.recovered', 'other keys', options.aside)]
        : []),
      ...(isNew && former !== null ? [note('log.migrated', 'former log', former.words)] : []),
      ...(keys.head !== null && keys.head.size > position.size
        ? [
            note(
              'log.cut',
              'missing records',
              `records ${position.size} to ${keys.head.size - 1} are missing`,
            ),
          ]
        : []),
    ];
    for (const entry of notes) {
      const written = write({ ...entry, epoch: position.epoch, count: 1 });
      if (!written.ok) {
        log.close();
        return written;
      }
    }
    return ok(log);
  } catch (error) {
    return fail(unwritable(error));
  }
}

/** Opens the file of a position, cutting a half line off its end; a new one begins with what comes before it. */
function openSegment(
  folder: string,
  { segment, segmentSize, size, last, tree, open, epoch }: LogPosition,
): { readonly file: number; readonly removed: number } {
  const path = segmentPath(folder, segment);
  const file = openForAppending(path);
  const removed = cutHalfLine(file);
  if (segmentSize < 0) {
    const before = { segment, first: size, prev: last, tree, open: [...open], epoch };
    appendLine(file, JSON.stringify(before));
    syncFolderOf(path);
  }
  return { file, removed };
}

function lineOf(
  entry: AuditEntry & { readonly count: number },
  { size, last }: LogPosition,
  clock: Clock,
  random: Random,
  macKey: string,
): { readonly line: string; readonly record: AuditRecord } {
  const secret: PrivatePart = {
    salt: random.id(),
    resource: entry.resource,
    rule: entry.rule,
    mac: entry.body === null ? null : macOf(macKey, entry.body),
    detail: entry.detail,
  };
  const record: AuditRecord = {
    seq: size,
    time: clock.wallMs(),
    mono: clock.bootMs(),
    epoch: entry.epoch,
    code: entry.code,
    principal: entry.principal,
    action: entry.action,
    from: entry.from,
    to: entry.to,
    effect: entry.effect,
    obligations: entry.obligations,
    actId: entry.actId,
    size: entry.body === null ? 0 : Buffer.byteLength(entry.body),
    count: entry.count,
    sealed: sha256(JSON.stringify(secret)),
    prev: last,
  };
  return { line: JSON.stringify({ record, private: secret }), record };
}

/** The keys to sign with from now on; older than a month, they sign their successor, if that can be kept. */
function currentKeys(folder: string, store: AuditKeyStore, wallMs: number): AuditKeys {
  const file = openForAppending(join(folder, 'keys.jsonl'));
  try {
    cutHalfLine(file);
    const { signing, madeAtMs, mac } = store.keys;
    if (fstatSync(file).size === 0)
      appendLine(file, JSON.stringify(keyLine(signing, madeAtMs, null)));
    if (wallMs - madeAtMs < keysLastMs) return store.keys;
    const next = { ...newAuditKeys(wallMs), mac };
    appendLine(file, JSON.stringify(keyLine(next.signing, wallMs, signing)));
    try {
      store.replace(next);
      return next;
    } catch {
      return store.keys;
    }
  } finally {
    closeSync(file);
  }
}

function note(code: AuditEntry['code'], rule: string, detail: string) {
  return {
    code,
    principal: 'app',
    action: 'recover',
    from: null,
    to: null,
    effect: 'allow',
    obligations: [],
    actId: null,
    resource: 'app',
    rule,
    detail,
    body: null,
  } as const;
}

function unwritable(error: unknown): AppError {
  return appError(
    'storage',
    `The trust log cannot be written, so nothing may cross: ${errorText(error)}`,
    true,
  );
}
