/**
 * Credentials in the system's keyring, or in memory where there is none.
 *
 * Invariants
 * 1. No name or value of a secret reaches a log, and no value reaches a file of ours.
 * 2. A vault answers within `limitMs`: a locked keyring may wait for a person for ever.
 * 3. What was set in this run can be read in this run, whatever became of the keyring.
 */
import { createHash } from 'node:crypto';
import { resolve } from 'node:path';

import { delay, systemRandom, type Clock, type Logger } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import type { SecretVault } from './ports.ts';

const service = 'Switchyard';
const limitMs = 3_000;

/** The part of keytar that is used. */
export interface Keyring {
  getPassword(service: string, account: string): Promise<string | null>;
  setPassword(service: string, account: string, password: string): Promise<void>;
  deletePassword(service: string, account: string): Promise<boolean>;
}

/**
 * Opens the vault of the profile in `home`. The keyring is tried once (write, read, delete); when it does not do what it
 * should within three seconds, the vault is in memory and `detail` says why. Entries of different profiles are apart.
 */
export async function openVault(
  home: string,
  logger: Logger,
  options: { readonly loadKeyring?: () => Promise<Keyring>; readonly clock?: Clock } = {},
): Promise<SecretVault> {
  const clock = options.clock ?? systemClock();
  const profile = createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16);
  const opened = await within(clock, async () => {
    const keyring = await (options.loadKeyring ?? loadKeytar)();
    await probe(keyring, `${profile}/probe`);
    return keyring;
  });
  if (!opened.ok) {
    logger.warn('no keyring: secrets are kept in memory', { reason: opened.reason });
    return memoryVault(opened.reason);
  }
  return keyringVault(opened.value, profile, clock, logger);
}

/** A vault that forgets everything at the end. `reason`: why there is no keyring, for people. */
function memoryVault(reason: string): SecretVault {
  const secrets = new Map<string, string>();
  return {
    kind: 'memory',
    detail: reason,
    get: (name) => Promise.resolve(secrets.get(name) ?? null),
    set: (name, value) => {
      secrets.set(name, value);
      return Promise.resolve();
    },
    delete: (name) => {
      secrets.delete(name);
      return Promise.resolve();
    },
  };
}

function keyringVault(
  keyring: Keyring,
  profile: string,
  clock: Clock,
  logger: Logger,
): SecretVault {
  /** Values of this run (invariant 3); null: deleted in this run. */
  const latest = new Map<string, string | null>();
  const attempt = async <T>(what: string, work: () => Promise<T>): Promise<T | null> => {
    const outcome = await within(clock, work);
    if (outcome.ok) return outcome.value;
    logger.warn('the keyring failed', { operation: what, reason: outcome.reason });
    return null;
  };
  return {
    kind: 'keyring',
    detail: keyringName(process.platform),
    get: async (name) => {
      const known = latest.get(name);
      return known === undefined
        ? attempt('read', () => keyring.getPassword(service, `${profile}/${name}`))
        : known;
    },
    set: async (name, value) => {
      latest.set(name, value);
      await attempt('write', () => keyring.setPassword(service, `${profile}/${name}`, value));
    },
    delete: async (name) => {
      latest.set(name, null);
      await attempt('delete', () => keyring.deletePassword(service, `${profile}/${name}`));
    },
  };
}

/** Loading fails where the system's keyring library is missing (on Linux: libsecret). */
async function loadKeytar(): Promise<Keyring> {
  const loaded: { readonly default: Keyring } = await import('@github/keytar');
  return loaded.default;
}

async function probe(keyring: Keyring, account: string): Promise<void> {
  const value = systemRandom().id();
  await keyring.setPassword(service, account, value);
  const read = await keyring.getPassword(service, account);
  await keyring.deletePassword(service, account);
  if (read !== value) throw new Error('the keyring did not give back what it was given');
}

type Outcome<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: string };

async function within<T>(clock: Clock, work: () => Promise<T>): Promise<Outcome<T>> {
  const done = new AbortController();
  const late = delay(clock, limitMs, done.signal).then((): Outcome<T> => ({
    ok: false,
    reason: `the keyring did not answer within ${limitMs / 1000} s; it may be locked`,
  }));
  const outcome = work().then(
    (value): Outcome<T> => ({ ok: true, value }),
    (error: unknown): Outcome<T> => ({
      ok: false,
      reason: error instanceof Error ? error.message : String(error),
    }),
  );
  try {
    return await Promise.race([outcome, late]);
  } finally {
    done.abort();
  }
}

function keyringName(platform: NodeJS.Platform): string {
  if (platform === 'darwin') return 'macOS keychain';
  return platform === 'win32' ? 'Windows Credential Manager' : 'Secret Service keyring';
}
