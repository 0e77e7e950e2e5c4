/**
 * How trust is cut from outside the app: a file in the trust folder asks for it. Whoever can write there may only ask for
 * less trust, never for more.
 *
 * Invariants
 * 1. A request is gone only after the app that saw it has cut trust, on disk.
 * 2. A request that nobody took stands: the next start cuts.
 */
import { existsSync, mkdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const fileName = 'cut';

/** Asks for all trust to be cut. Throws when the folder cannot be written. */
export function requestCut(trustFolder: string): void {
  mkdirSync(trustFolder, { recursive: true, mode: 0o700 });
  writeFileSync(join(trustFolder, fileName), '', { mode: 0o600 });
}

/** Whether a request stands. */
export function isCutRequested(trustFolder: string): boolean {
  return existsSync(join(trustFolder, fileName));
}

/**
 * Calls `cut` for a request that stands, and for each that comes; it answers whether that is on disk. Returns how to end.
 * `failed` is told when the folder cannot be watched.
 */
export function onCutRequest(
  trustFolder: string,
  cut: () => boolean,
  failed: (error: unknown) => void,
): () => void {
  const take = (): void => {
    if (isCutRequested(trustFolder) && cut()) rmSync(join(trustFolder, fileName), { force: true });
  };
  mkdirSync(trustFolder, { recursive: true, mode: 0o700 });
  try {
    const watcher = watch(trustFolder, { persistent: false }, (_event, name) => {
      if (name === fileName || name === null) take();
    });
    watcher.on('error', failed);
    take();
    return () => {
      watcher.close();
    };
  } catch (error) {
    failed(error);
    take();
    return () => undefined;
  }
}
