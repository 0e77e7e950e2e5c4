import { DatabaseSync } from 'node:sqlite';

/**
 * Takes an exclusive lock on `path` without waiting; null if another process (or another holder here) has it.
 * It is an SQLite file lock, which the kernel frees when the process ends in whatever way: there is no stale lock to
 * judge, which a lock file with a process number in it would need. Throws when the file cannot be opened.
 */
export function takeExclusiveLock(path: string): (() => void) | null {
  const database = new DatabaseSync(path);
  try {
    database.exec('PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (isBusy(error)) return null;
    throw error;
  }
  return () => {
    database.close();
  };
}

function isBusy(error: unknown): boolean {
  const sqliteBusy = 5;
  return error instanceof Error && 'errcode' in error && error.errcode === sqliteBusy;
}
