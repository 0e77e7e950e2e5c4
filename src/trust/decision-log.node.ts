import { dirname, join } from 'node:path';

import { systemRandom, type Clock, type Result } from '../base/index.ts';
import { errorText, fail } from '../base/index.ts';
import { appError, type AppError } from '../shared/index.ts';
import { openAuditLog } from './audit/audit-log.node.ts';
import { fileKeyStore, type AuditKeyStore } from './audit/keys.node.ts';
import { setAside } from './audit/set-aside.node.ts';
import { sha256 as hashOf } from './audit/verify-log.node.ts';
import type { AuditLog, Digest } from './ports.ts';

/** The log's folder in the trust folder of a profile. */
export function decisionLogPath(trustFolder: string): string {
  return join(trustFolder, 'log');
}

/** The decision log of earlier versions, in the same trust folder. */
export function formerLogPath(logFolder: string): string {
  return join(dirname(logFolder), 'decisions.jsonl');
}

/** SHA-256 in hexadecimal. */
export const sha256: Digest = (text) => hashOf(text);

/**
 * Opens the trust log in a folder, making it (owner only) if need be. Fails with `storage`: then nothing may cross.
 * @param keys where its keys are; without it, in a file beside the log
 */
export function openDecisionLog(
  folder: string,
  clock: Clock,
  keys?: AuditKeyStore,
): Result<AuditLog & { close(): void }, AppError> {
  try {
    const wallMs = clock.wallMs();
    const store = keys ?? fileKeyStore(join(dirname(folder), 'log-keys.json'), () => wallMs);
    return openAuditLog({
      folder,
      clock,
      random: systemRandom(),
      keys: store,
      formerLog: formerLogPath(folder),
      aside: setAside(folder, store.keys, wallMs),
    });
  } catch (error) {
    return fail(
      appError('storage', `The keys of the trust log cannot be read: ${errorText(error)}`, true),
    );
  }
}
