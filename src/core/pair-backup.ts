/**
 * Backups before a pair touches a gateway for the first time.
 *
 * Invariants
 * 1. One at a time, and one gateway after the other: two at once would only fight for the disk.
 * 2. It succeeds only if every gateway that has anything to keep has a backup that was verified.
 */
import { fail, ok } from '../base/index.ts';
import type { Clock, Result } from '../base/index.ts';
import type {
  BackedUpPart,
  BackupFailure,
  GatewayBackup,
  GatewayBackups,
} from '../gateways/index.ts';
import { appError } from '../shared/index.ts';
import type { AppError, BackupProgress, BackupView, Translate } from '../shared/index.ts';

export interface PairBackups {
  /** Backs up gateways that run here. What fails says why; nothing of a pair may be done then without the person's word. */
  make(gatewayIds: readonly string[]): Promise<Result<null, AppError>>;
  cancel(): void;
  /** The newest backup of each of the gateways that has one. */
  newest(gatewayIds: readonly string[]): Promise<readonly BackupView[]>;
}

export interface PairBackupPorts {
  readonly backups: GatewayBackups;
  readonly nameOf: (gatewayId: string) => string;
  readonly changed: (progress: readonly BackupProgress[]) => void;
  readonly clock: Clock;
  readonly t: Translate;
}

/** Makes the backups of one app. */
export function createPairBackups(ports: PairBackupPorts): PairBackups {
  const { backups, nameOf, clock, t } = ports;
  let running: AbortController | null = null;
  let progress: readonly BackupProgress[] = [];

  const show = (next: BackupProgress): void => {
    progress = progress.map((each) => (each.gatewayId === next.gatewayId ? next : each));
    ports.changed(progress);
  };
  const viewOf = (backup: GatewayBackup): BackupView => ({
    ...backup,
    name: nameOf(backup.gatewayId),
  });

  const makeOne = async (
    gatewayId: string,
    signal: AbortSignal,
  ): Promise<Result<null, AppError>> => {
    const one = { gatewayId, name: nameOf(gatewayId) };
    if (!(await backups.hasState(gatewayId))) {
      show({ ...one, state: 'empty' });
      return ok(null);
    }
    const sinceMs = clock.wallMs();
    const wrote = (bytes: number): void => {
      show({ ...one, state: 'making', bytes, sinceMs });
    };
    wrote(0);
    const made = await backups.make(gatewayId, {
      signal,
      wrote,
      notes: (backup, parts) => restoreNotes(viewOf(backup), parts, backups.command, t),
    });
    if (made.ok) {
      show({ ...one, state: 'made', backup: viewOf(made.value) });
      return ok(null);
    }
    const words = failureWords(one.name, made.error, t);
    show({ ...one, state: 'failed', words });
    const isCancelled = made.error.kind === 'cancelled';
    return fail(appError(isCancelled ? 'denied' : 'storage', words, true));
  };

  return {
    make: async (gatewayIds) => {
      if (running !== null) return fail(appError('denied', t('backup.running'), true)); // invariant 1
      const mine = new AbortController();
      running = mine;
      try {
        progress = gatewayIds.map((gatewayId) => ({
          gatewayId,
          name: nameOf(gatewayId),
          state: 'waiting',
        }));
        ports.changed(progress);
        for (const gatewayId of gatewayIds) {
          const made = await makeOne(gatewayId, mine.signal);
          if (!made.ok) return made;
        }
        return ok(null);
      } finally {
        running = null;
      }
    },
    cancel: () => running?.abort(),
    newest: async (gatewayIds) => {
      const found = await Promise.all(gatewayIds.map((id) => backups.list(id)));
      return found.flatMap(([newest]) => (newest === undefined ? [] : [viewOf(newest)]));
    },
  };
}

function failureWords(name: string, { kind, detail }: BackupFailure, t: Translate): string {
  return t(`backup.${kind}`, { name, detail });
}

/** How to go back to a backup, for a person with a terminal. */
export function restoreNotes(
  backup: BackupView,
  parts: readonly BackedUpPart[],
  command: string,
  t: Translate,
): string {
  const { name, version, path } = backup;
  const time = new Date(backup.madeAtMs).toISOString();
  const unpacked = `${path.slice(0, -'.tar.gz'.length)}-unpacked`;
  const quoted = (word: string): string => JSON.stringify(word);
  // The settings file is Switchyard's own: it is written anew at each start.
  const moved = parts.filter(({ kind }) => kind !== 'config');
  return [
    t('backup.notes.title', { name, time, version }),
    '',
    t('backup.notes.secrets'),
    '',
    `1. ${t('backup.notes.stop')}`,
    `2. ${t('backup.notes.unpack')}`,
    `     ${command} backup restore ${quoted(path)} --target ${quoted(unpacked)}`,
    `3. ${t('backup.notes.move')}`,
    ...moved.flatMap(({ sourcePath, archivePath }) => [
      `     mv ${quoted(sourcePath)} ${quoted(`${sourcePath}.before-restore`)}`,
      `     mv ${quoted(`${unpacked}/${archivePath}`)} ${quoted(sourcePath)}`,
    ]),
    `4. ${t('backup.notes.start')}`,
    '',
  ].join('\n');
}
