import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  sign,
} from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

import { replaceFile } from '../../base/index.node.ts';
import type { Checkpoint, KeyLine } from './format.ts';
import { checkpointText, keyId, keyText } from './verify-log.node.ts';

const keys = z.strictObject({
  /** Ed25519, PKCS#8, base64. */
  signing: z.string(),
  /** For HMAC-SHA-256, base64. */
  mac: z.string(),
  /** Wall milliseconds. */
  madeAtMs: z.number(),
});

/** The secret keys of a log. They belong in the system's keychain; see `AuditKeyStore`. */
export type AuditKeys = z.infer<typeof keys>;

/** Where the keys of the log are kept, and, if it is a place that cannot be rolled back, how far the log got. */
export interface AuditKeyStore {
  readonly keys: AuditKeys;
  /** Keeps new keys in place of these; throws when that fails. */
  replace(next: AuditKeys): void;
  /** The last checkpoint it was told; null where none is kept. */
  readonly head: Checkpoint | null;
  /** Told each new checkpoint. Must not throw: a checkpoint that is not kept costs nothing but this proof. */
  keepHead(head: Checkpoint): void;
}

/** Makes keys. */
export function newAuditKeys(madeAtMs: number): AuditKeys {
  const pair = generateKeyPairSync('ed25519');
  return {
    signing: pair.privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
    mac: randomBytes(32).toString('base64'),
    madeAtMs,
  };
}

/**
 * Keeps the keys in a file that only its owner can read: whoever can read it can sign, so this proves less than a keychain.
 * It keeps no head: a file beside the log would be rolled back together with it. Throws when it can be neither read nor made.
 */
export function fileKeyStore(path: string, wallMs: () => number): AuditKeyStore {
  const replace = (next: AuditKeys): void => {
    replaceFile(path, `${JSON.stringify(next)}\n`);
  };
  const stored = existsSync(path) ? keys.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
  const current = stored ?? newAuditKeys(wallMs());
  if (stored === null) replace(current);
  return { keys: current, replace, head: null, keepHead: () => undefined };
}

/** Reads keys as they were kept; null: there are none, or none that can be read. */
export function readAuditKeys(text: string | null): AuditKeys | null {
  try {
    return text === null ? null : keys.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

/** The id of the key that signs with these. */
export function signingKeyId({ signing }: AuditKeys): string {
  return keyId(publicKeyOf(signing));
}

/** Signs a checkpoint. */
export function signCheckpoint(
  signing: string,
  of: Pick<Checkpoint, 'size' | 'root' | 'time'>,
): Checkpoint {
  return {
    size: of.size,
    root: of.root,
    time: of.time,
    key: keyId(publicKeyOf(signing)),
    signature: signed(signing, checkpointText(of)),
  };
}

/** The line that makes a key one of the log: the first, or signed by the key before it. */
export function keyLine(signing: string, time: number, before: string | null): KeyLine {
  const line = { public: publicKeyOf(signing), time };
  return {
    key: keyId(line.public),
    ...line,
    by: before === null ? null : keyId(publicKeyOf(before)),
    signature: before === null ? null : signed(before, keyText(line)),
  };
}

/** HMAC-SHA-256 in hexadecimal. */
export function macOf(key: string, text: string): string {
  return createHmac('sha256', Buffer.from(key, 'base64')).update(text).digest('hex');
}

function publicKeyOf(signing: string): string {
  return createPublicKey(privateKeyOf(signing))
    .export({ format: 'der', type: 'spki' })
    .toString('base64');
}

function signed(signing: string, text: string): string {
  return sign(null, Buffer.from(text), privateKeyOf(signing)).toString('base64');
}

function privateKeyOf(signing: string) {
  return createPrivateKey({ key: Buffer.from(signing, 'base64'), format: 'der', type: 'pkcs8' });
}
