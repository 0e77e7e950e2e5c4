import type { DatabaseSyncInstance } from '@photostructure/sqlite';
import { z } from 'zod';

import { errorText, fail, ok, type Result } from '../base/index.ts';
import {
  appError,
  type AppError,
  type Because,
  type OutboxItem,
  type RouteDecision,
} from '../shared/index.ts';
import type {
  DraftStore,
  OutboxStore,
  PaneSessionStore,
  RoleChange,
  RoleChangeStore,
  RouteStore,
  StoredRoute,
} from './ports.ts';

const emptyDraft = { text: '', binding: null, labels: [] } as const;

/** A failed write (disk full, file gone) is an expected failure; the caller keeps what a person typed. */
function writing<T>(work: () => Result<T, AppError>): Result<T, AppError> {
  try {
    return work();
  } catch (error) {
    return fail(
      appError('storage', `The database could not be written: ${errorText(error)}`, true),
    );
  }
}

/** JSON that this file wrote into its own columns; the generic says what. */
function json<T>() {
  return z.string().transform((text) => JSON.parse(text) as T);
}

const outboxRow = z
  .object({
    id: z.string(),
    pane_id: z.string(),
    domain: z.string(),
    session_key: z.string(),
    text: z.string(),
    because: json<Because>(),
    state: z.enum([
      'queued',
      'sending',
      'acknowledged',
      'answered',
      'uncertain',
      'interrupted',
      'failed',
    ]),
    gateway_id: z.string().nullable(),
    created_at_ms: z.number(),
    updated_at_ms: z.number(),
    problem: z.string().nullable(),
  })
  .transform((row): OutboxItem => ({
    id: row.id,
    paneId: row.pane_id,
    domain: row.domain,
    sessionKey: row.session_key,
    text: row.text,
    because: row.because,
    state: row.state,
    gatewayId: row.gateway_id,
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    problem: row.problem,
  }));

/** The outbox in SQLite. */
export function createOutboxStore(database: DatabaseSyncInstance): OutboxStore {
  const insert = database.prepare(`
    INSERT INTO outbox (id, pane_id, domain, session_key, text, because, state, gateway_id, created_at_ms, updated_at_ms, problem)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`);
  const update = database.prepare(
    'UPDATE outbox SET state = ?, gateway_id = ?, problem = ?, updated_at_ms = ? WHERE id = ?',
  );
  const remove = database.prepare('DELETE FROM outbox WHERE id = ?');
  const select = database.prepare('SELECT * FROM outbox WHERE id = ?');
  const selectOpen = database.prepare(
    "SELECT * FROM outbox WHERE state <> 'answered' ORDER BY position",
  );
  const prune = database.prepare(
    "DELETE FROM outbox WHERE state = 'answered' AND updated_at_ms < ?",
  );
  const pruneRoutes = database.prepare(
    'DELETE FROM route WHERE at_ms < ? AND message_id NOT IN (SELECT id FROM outbox)',
  );

  const get = (id: string): OutboxItem | null => outboxRow.nullable().parse(select.get(id) ?? null);
  return {
    get,
    insert: (item) =>
      writing(() => {
        const { changes } = insert.run(
          item.id,
          item.paneId,
          item.domain,
          item.sessionKey,
          item.text,
          JSON.stringify(item.because),
          item.state,
          item.gatewayId,
          item.createdAtMs,
          item.updatedAtMs,
          item.problem,
        );
        return changes === 1
          ? ok(null)
          : fail(appError('bad-input', `There is already a message with the id ${item.id}.`));
      }),
    update: (id, change) =>
      writing(() => {
        const before = get(id);
        if (before === null) return fail(noMessage(id));
        const after: OutboxItem = { ...before, ...change };
        update.run(after.state, after.gatewayId, after.problem, after.updatedAtMs, id);
        return ok(after);
      }),
    remove: (id) => writing(() => (remove.run(id).changes === 1 ? ok(null) : fail(noMessage(id)))),
    listOpen: () => z.array(outboxRow).parse(selectOpen.all()),
    pruneAnswered: (beforeMs) =>
      writing(() => {
        const { changes } = prune.run(beforeMs);
        pruneRoutes.run(beforeMs); // a crash in between leaves them to the next time
        return ok(changes);
      }),
  };
}

function noMessage(id: string): AppError {
  return appError('not-found', `There is no message with the id ${id}.`);
}

const draftRow = z.object({
  text: z.string(),
  binding: z.string().nullable(),
  labels: json<readonly string[]>(),
});

/** The composer's draft in SQLite. */
export function createDraftStore(database: DatabaseSyncInstance): DraftStore {
  const save = database.prepare(
    'INSERT OR REPLACE INTO draft (only, text, binding, labels) VALUES (1, ?, ?, ?)',
  );
  const load = database.prepare('SELECT text, binding, labels FROM draft');
  return {
    load: () => draftRow.nullable().parse(load.get() ?? null) ?? emptyDraft,
    save: (draft) =>
      writing(() => {
        save.run(draft.text, draft.binding, JSON.stringify(draft.labels));
        return ok(null);
      }),
  };
}

const routeRow = z
  .object({ message_id: z.string(), at_ms: z.number(), decision: json<RouteDecision>() })
  .transform((row): StoredRoute => ({
    messageId: row.message_id,
    atMs: row.at_ms,
    decision: row.decision,
  }));

/** The routes that were taken, in SQLite. */
export function createRouteStore(database: DatabaseSyncInstance): RouteStore {
  const insert = database.prepare(
    'INSERT INTO route (message_id, at_ms, decision) VALUES (?, ?, ?) ON CONFLICT (message_id) DO NOTHING',
  );
  const select = database.prepare('SELECT * FROM route WHERE message_id = ?');
  return {
    record: (route) =>
      writing(() => {
        insert.run(route.messageId, route.atMs, JSON.stringify({ ...route.decision, text: '' }));
        return ok(null);
      }),
    get: (messageId) => routeRow.nullable().parse(select.get(messageId) ?? null),
  };
}

/** Which session each pane shows, in SQLite. */
export function createPaneSessionStore(database: DatabaseSyncInstance): PaneSessionStore {
  const set = database.prepare(
    'INSERT OR REPLACE INTO pane_session (pane_id, session_key) VALUES (?, ?)',
  );
  const select = database.prepare('SELECT session_key FROM pane_session WHERE pane_id = ?');
  return {
    get: (paneId) =>
      z
        .object({ session_key: z.string() })
        .nullable()
        .parse(select.get(paneId) ?? null)?.session_key ?? null,
    set: (paneId, sessionKey) =>
      writing(() => {
        set.run(paneId, sessionKey);
        return ok(null);
      }),
  };
}

const roleChangeRow = z
  .object({ epoch: z.number(), at_ms: z.number(), gateway_id: z.string(), complete: z.number() })
  .transform((row): RoleChange => ({
    epoch: row.epoch,
    atMs: row.at_ms,
    gatewayId: row.gateway_id,
    complete: row.complete === 1,
  }));

/** When the roles of pairs changed, in SQLite. */
export function createRoleChangeStore(database: DatabaseSyncInstance): RoleChangeStore {
  const insert = database.prepare(
    'INSERT INTO role_change (pair_id, epoch, at_ms, gateway_id, complete) VALUES (?, ?, ?, ?, ?) ON CONFLICT (pair_id, epoch) DO NOTHING',
  );
  const select = database.prepare(
    'SELECT epoch, at_ms, gateway_id, complete FROM role_change WHERE pair_id = ? ORDER BY epoch DESC LIMIT 50',
  );
  return {
    record: (pairId, { epoch, atMs, gatewayId, complete }) =>
      writing(() => {
        insert.run(pairId, epoch, atMs, gatewayId, complete ? 1 : 0);
        return ok(null);
      }),
    list: (pairId) => z.array(roleChangeRow).parse(select.all(pairId)).toReversed(),
  };
}
