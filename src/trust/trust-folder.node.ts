import { join } from 'node:path';

import { errorText, fail, ok, type Clock, type Logger, type Result } from '../base/index.ts';
import type { AppError, AuditView } from '../shared/index.ts';
import type { SecretVault } from '../store/index.ts';
import { auditViewOf, checkLog, logFolders } from './audit/check-logs.node.ts';
import { exportLog } from './audit/export-log.node.ts';
import { vaultKeyStore } from './audit/vault-keys.node.ts';
import { fileChoicesStore } from './choices.node.ts';
import { onCutRequest } from './cut-request.node.ts';
import { decisionLogPath, formerLogPath, openDecisionLog, sha256 } from './decision-log.node.ts';
import type { TrustFolder } from './ports.ts';
import { fileTrustStore } from './trust-store.node.ts';

/**
 * Opens what trust keeps in its folder of a profile. The keys of its log are in the keychain; without one, in a file beside
 * it. Fails with `storage` when the log cannot be opened: then nothing may cross.
 */
export async function openTrustFolder(options: {
  readonly folder: string;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<Result<TrustFolder, AppError>> {
  const { folder, vault, clock, logger } = options;
  const keychain = vault.kind === 'keyring' ? await vaultKeyStore(vault, clock.wallMs) : null;
  const logFolder = decisionLogPath(folder);
  const opened = openDecisionLog(logFolder, clock, keychain ?? undefined);
  if (!opened.ok) return opened;
  const log = opened.value;
  const keys = keychain === null ? 'file' : 'keychain';
  return ok({
    log: {
      ...log,
      close: async () => {
        log.close();
        await keychain?.settled();
      },
    },
    store: fileTrustStore(join(folder, 'trust.json')),
    choices: fileChoicesStore(join(folder, 'choices.json')),
    digest: sha256,
    verify: (): AuditView => {
      try {
        const former = formerLogPath(logFolder);
        const checks = logFolders(logFolder).map((one) =>
          checkLog(one, former, one === logFolder ? (keychain?.head ?? null) : null, null),
        );
        return { ...auditViewOf(checks, clock.wallMs()), keys };
      } catch (error) {
        const nothing = auditViewOf([], clock.wallMs());
        return { ...nothing, state: 'unreadable', problems: [errorText(error)], keys };
      }
    },
    exportLog: (redacted) => {
      const sealed = log.seal();
      if (!sealed.ok) return fail(sealed.error.message);
      const last = log.size() - 1;
      const exported = exportLog(logFolder, { first: 0, last, redacted });
      if (!exported.ok) return exported;
      const { records } = exported.value;
      return ok({
        text: `${JSON.stringify(exported.value, null, 1)}\n`,
        records: records.length,
      });
    },
    onCutRequest: (cut) =>
      onCutRequest(folder, cut, (error) => {
        logger.warn('requests to cut trust are not heard', { error: errorText(error) });
      }),
  });
}
