import { createHmac } from 'node:crypto';

import type { Hmac, TsigAlgorithm, TsigKey } from './tsig.ts';

/** HMAC-SHA256 and its longer sisters with a secret that stays in the function. */
export function createHmacWith(algorithm: TsigAlgorithm, secret: Uint8Array): Hmac {
  const hash = algorithm.slice('hmac-'.length);
  return (data) => new Uint8Array(createHmac(hash, secret).update(data).digest());
}

/** Makes a TSIG key from what `tsig-keygen` prints; null when the secret is not base64. `name` must be canonical. */
export function tsigKey(name: string, algorithm: TsigAlgorithm, secret: string): TsigKey | null {
  const bytes = Buffer.from(secret, 'base64');
  const isBase64 =
    bytes.length > 0 && bytes.toString('base64').replace(/=+$/u, '') === secret.replace(/=+$/u, '');
  return isBase64 ? { name, algorithm, hmac: createHmacWith(algorithm, bytes) } : null;
}

/** HMAC-SHA256 with a shared secret as people write it down. */
export function hmacSha256(secret: string): Hmac {
  return createHmacWith('hmac-sha256', Buffer.from(secret, 'utf8'));
}
