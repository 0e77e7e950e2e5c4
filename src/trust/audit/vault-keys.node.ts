import type { SecretVault } from '../../store/index.ts';
import type { Checkpoint } from './format.ts';
import { newAuditKeys, readAuditKeys, type AuditKeys, type AuditKeyStore } from './keys.node.ts';
import { exactJson } from './verify-log.node.ts';

const keysName = 'trust-log-keys';
const headName = 'trust-log-head';

/**
 * Keeps the keys of the log in the system's keychain, and with them how far the log got: a place that is not rolled back
 * together with the log's files. Makes keys where there are none. Never rejects: a keychain that fails in the middle of a
 * run is logged by the vault, and the keys of this run stay usable.
 */
export async function vaultKeyStore(
  vault: SecretVault,
  wallMs: () => number,
): Promise<AuditKeyStore & { readonly settled: () => Promise<void> }> {
  let writing = Promise.resolve();
  const write = (name: string, value: unknown): void => {
    writing = writing.then(() => vault.set(name, JSON.stringify(value)));
  };
  const stored = readAuditKeys(await vault.get(keysName));
  const keys: AuditKeys = stored ?? newAuditKeys(wallMs());
  if (stored === null) {
    write(keysName, keys);
    await vault.delete(headName);
  }
  const head = stored === null ? null : readHead(await vault.get(headName));
  await writing;
  return {
    keys,
    head,
    replace: (next) => {
      write(keysName, next);
    },
    keepHead: (next) => {
      write(headName, next);
    },
    settled: () => writing,
  };
}

function readHead(text: string | null): Checkpoint | null {
  const value = text === null ? null : (exactJson(text) as Checkpoint | null);
  return typeof value?.size === 'number' && typeof value.root === 'string' ? value : null;
}
