import { closeSync, mkdirSync, openSync, readSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';

import type { DatabaseSyncInstance } from '@photostructure/sqlite';

import { errorText, fail, ok, type Result } from '../base/index.ts';
import { appError, type AppError } from '../shared/index.ts';
import type { AppDatabase } from './ports.ts';
import {
  createDraftStore,
  createOutboxStore,
  createPaneSessionStore,
  createRoleChangeStore,
  createRouteStore,
} from './repositories.node.ts';

/** `migrations[n]` brings a database from version n to n + 1. Never changed once shipped; a new one is added instead. */
const migrations: readonly string[] = [
  `
  CREATE TABLE outbox (
    position INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    pane_id TEXT NOT NULL,
    domain TEXT NOT NULL,
    session_key TEXT NOT NULL,
    text TEXT NOT NULL,
    because TEXT NOT NULL,
    state TEXT NOT NULL,
    gateway_id TEXT,
    created_at_ms INTEGER NOT NULL,
    updated_at_ms INTEGER NOT NULL,
    problem TEXT
  ) STRICT;
  CREATE INDEX outbox_by_pane ON outbox (pane_id, position);
  CREATE INDEX outbox_by_state ON outbox (state, position);
  CREATE TABLE draft (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    text TEXT NOT NULL,
    binding TEXT,
    labels TEXT NOT NULL
  ) STRICT;
  CREATE TABLE route (
    message_id TEXT PRIMARY KEY,
    at_ms INTEGER NOT NULL,
    decision TEXT NOT NULL
  ) STRICT;
  CREATE INDEX route_by_time ON route (at_ms);
  CREATE TABLE pane_session (
    pane_id TEXT PRIMARY KEY,
    session_key TEXT NOT NULL
  ) STRICT;
  `,
  // A route no longer repeats the text of its message.
  `
  UPDATE route SET decision = json_set(decision, '$.text', '');
  DROP INDEX outbox_by_pane;
  `,
  `
  CREATE TABLE role_change (
    pair_id TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    at_ms INTEGER NOT NULL,
    gateway_id TEXT NOT NULL,
    complete INTEGER NOT NULL,
    PRIMARY KEY (pair_id, epoch)
  ) STRICT;
  `,
];

/** A path that is none: everything is in memory and gone with `close`. */
const inMemory = ':memory:';
const fileHeader = 'SQLite format 3\0';

/**
 * Opens a profile's database, making or upgrading it. What a call wrote is on disk when it returns (write-ahead log,
 * `synchronous = FULL`). Fails with `storage` and words for people when the file is damaged, from a newer version or
 * cannot be opened; the file is then left untouched. The path `:memory:` keeps nothing.
 */
export function openDatabase(path: string): Result<AppDatabase, AppError> {
  let database: DatabaseSyncInstance | undefined;
  try {
    if (path !== inMemory && !prepareFile(path))
      return fail(appError('storage', `${path}: it is not a database of Switchyard`));
    database = new (loadSqlite().DatabaseSync)(path, { timeout: 2_000 });
    const problem = inspect(database) ?? prepare(database);
    if (problem !== null) {
      database.close();
      return fail(appError('storage', `${path}: ${problem}`));
    }
    const opened = database;
    return ok({
      outbox: createOutboxStore(opened),
      drafts: createDraftStore(opened),
      routes: createRouteStore(opened),
      sessions: createPaneSessionStore(opened),
      roleChanges: createRoleChangeStore(opened),
      close: () => {
        emptyLog(opened);
        opened.close();
      },
    });
  } catch (error) {
    database?.close();
    return fail(appError('storage', `${path}: ${errorText(error)}`));
  }
}

/** Loaded when needed: it has a native part, which programs that open no database (route, trust, guardian) do not carry. */
function loadSqlite(): typeof import('@photostructure/sqlite') {
  return createRequire(import.meta.url)(
    '@photostructure/sqlite',
  ) as typeof import('@photostructure/sqlite');
}

/**
 * Makes the file if need be, readable by its owner only: SQLite gives its side files the permissions of the main one.
 * False when something else is in it: SQLite takes a short file that is no database for an empty one and overwrites it.
 */
function prepareFile(path: string): boolean {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const file = openSync(path, 'a+', 0o600);
  try {
    const start = Buffer.alloc(fileHeader.length);
    const length = readSync(file, start, 0, start.length, 0);
    return length === 0 || start.toString('latin1') === fileHeader;
  } finally {
    closeSync(file);
  }
}

function inspect(database: DatabaseSyncInstance): string | null {
  const version = readVersion(database);
  if (version > migrations.length)
    return `it was written by a newer Switchyard (version ${version}; this one knows ${migrations.length})`;
  const check = readPragma(database, 'quick_check(1)');
  return check === 'ok' ? null : `it is damaged: ${String(check)}`;
}

function prepare(database: DatabaseSyncInstance): string | null {
  database.exec(
    // What is forgotten is overwritten, not only unlinked.
    'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF; PRAGMA secure_delete = ON;',
  );
  for (const [index, migration] of migrations.entries()) {
    if (index < readVersion(database)) continue;
    database.exec('BEGIN IMMEDIATE');
    try {
      database.exec(migration);
      database.exec(`PRAGMA user_version = ${index + 1}`);
      database.exec('COMMIT');
    } catch (error) {
      database.exec('ROLLBACK');
      return `it could not be upgraded to version ${index + 1}: ${errorText(error)}`;
    }
  }
  return null;
}

/** What was overwritten or forgotten would still be in the write-ahead log, which this binding's `close` leaves as it is. */
function emptyLog(database: DatabaseSyncInstance): void {
  try {
    database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  } catch {
    // A full disk, for one. Nothing is lost: the next opening reads the log.
  }
}

function readVersion(database: DatabaseSyncInstance): number {
  const version = readPragma(database, 'user_version');
  return typeof version === 'number' ? version : 0;
}

function readPragma(database: DatabaseSyncInstance, pragma: string): unknown {
  const row: unknown = database.prepare(`PRAGMA ${pragma}`).get();
  return typeof row === 'object' && row !== null ? Object.values(row)[0] : undefined;
}
