import { createEmitter, fail, ok } from '../../base/index.ts';
import { appError, type OutboxItem } from '../../shared/index.ts';
import type { Settings, SettingsProblem, StoredDraft } from '../model.ts';
import type { AppDatabase, RoleChange, SettingsFile, StoredRoute } from '../ports.ts';
import { defaultSettings } from '../settings-schema.ts';

/** The stores of a profile without a disk; held to the real ones by `store-conformance.ts`. */
export function memoryDatabase(): AppDatabase {
  const items = new Map<string, OutboxItem>();
  const routes = new Map<string, StoredRoute>();
  const sessions = new Map<string, string>();
  const roleChanges = new Map<string, readonly RoleChange[]>();
  let draft: StoredDraft = { text: '', binding: null, labels: [] };
  const noMessage = (id: string) =>
    fail(appError('not-found', `There is no message with the id ${id}.`));
  return {
    outbox: {
      insert: (item) => {
        if (items.has(item.id))
          return fail(appError('bad-input', `There is already a message with the id ${item.id}.`));
        items.set(item.id, item);
        return ok(null);
      },
      update: (id, change) => {
        const before = items.get(id);
        if (before === undefined) return noMessage(id);
        const after = { ...before, ...change };
        items.set(id, after);
        return ok(after);
      },
      remove: (id) => (items.delete(id) ? ok(null) : noMessage(id)),
      get: (id) => items.get(id) ?? null,
      listOpen: () => [...items.values()].filter((item) => item.state !== 'answered'),
      pruneAnswered: (beforeMs) => {
        const old = [...items.values()].filter(
          (item) => item.state === 'answered' && item.updatedAtMs < beforeMs,
        );
        for (const item of old) items.delete(item.id);
        for (const { messageId, atMs } of [...routes.values()])
          if (atMs < beforeMs && !items.has(messageId)) routes.delete(messageId);
        return ok(old.length);
      },
    },
    drafts: {
      load: () => draft,
      save: (next) => {
        draft = next;
        return ok(null);
      },
    },
    routes: {
      record: (route) => {
        if (!routes.has(route.messageId))
          routes.set(route.messageId, { ...route, decision: { ...route.decision, text: '' } });
        return ok(null);
      },
      get: (messageId) => routes.get(messageId) ?? null,
    },
    sessions: {
      get: (paneId) => sessions.get(paneId) ?? null,
      set: (paneId, sessionKey) => {
        sessions.set(paneId, sessionKey);
        return ok(null);
      },
    },
    roleChanges: {
      record: (pairId, change) => {
        const known = roleChanges.get(pairId) ?? [];
        if (!known.some(({ epoch }) => epoch === change.epoch))
          roleChanges.set(
            pairId,
            [...known, change].sort((a, b) => a.epoch - b.epoch),
          );
        return ok(null);
      },
      list: (pairId) => (roleChanges.get(pairId) ?? []).slice(-50),
    },
    close: () => undefined,
  };
}

/** A settings file without a disk. `breakWith` makes it faulty, as a person's edit would. */
export interface MemorySettingsFile extends SettingsFile {
  breakWith(problems: readonly SettingsProblem[]): void;
}

/** Makes a settings file that holds `initial`. */
export function memorySettingsFile(initial: Settings = defaultSettings): MemorySettingsFile {
  const changed = createEmitter<undefined>();
  let current = initial;
  let problems: readonly SettingsProblem[] = [];
  return {
    path: 'settings.json',
    current: () => current,
    problems: () => problems,
    onChange: (listener) => changed.on(listener),
    update: (change) => {
      if (problems.length > 0)
        return Promise.resolve(fail(appError('storage', 'The settings file has a fault.')));
      current = change(current);
      changed.emit(undefined);
      return Promise.resolve(ok(current));
    },
    close: () => Promise.resolve(),
    breakWith: (faults) => {
      problems = faults;
      changed.emit(undefined);
    },
  };
}
