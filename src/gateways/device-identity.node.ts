import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';

import { z } from 'zod';

import type { SecretVault } from '../store/index.ts';
import { secretOwner, type DeviceKey } from './model.ts';
import type { DeviceTokenStore } from './ports.ts';

const storedKey = z
  .object({ publicKeyPem: z.string(), privateKeyPem: z.string() })
  .transform((key) => ({ ...key, deviceId: fingerprint(key.publicKeyPem) }));
const storedToken = z.object({ token: z.string().min(1), scopes: z.array(z.string()) });

/** The identity of this app towards one gateway, kept in the vault; a gateway cannot recognise it at another one. */
export interface DeviceIdentity {
  /** The key; made and kept at the first call. */
  key(): Promise<DeviceKey>;
  readonly tokens: DeviceTokenStore;
  /** Forgets key and tokens; the next call begins a new identity. */
  forget(): Promise<void>;
}

/** Opens (or begins) the identity towards `gatewayId` at `address`, which is left out for a managed gateway alone. */
export function createDeviceIdentity(
  vault: SecretVault,
  gatewayId: string,
  address?: string,
): DeviceIdentity {
  const owner = secretOwner(gatewayId, address);
  let loading: Promise<DeviceKey> | undefined;
  const tokenName = (role: string): string => `device-token:${owner}:${role}`;
  return {
    key: () => {
      // One load for all callers, or two first connections would make two keys; a failed one is tried again.
      loading ??= loadOrCreate(vault, `device-key:${owner}`).catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
    tokens: {
      load: async (role) => parse(storedToken, await vault.get(tokenName(role))),
      store: (role, token) => vault.set(tokenName(role), JSON.stringify(token)),
      clear: (role) => vault.delete(tokenName(role)),
    },
    forget: async () => {
      loading = undefined;
      await vault.delete(tokenName('operator'));
      await vault.delete(`device-key:${owner}`);
    },
  };
}

async function loadOrCreate(vault: SecretVault, name: string): Promise<DeviceKey> {
  const kept = parse(storedKey, await vault.get(name));
  if (kept !== null) return kept;
  const pair = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const key = { publicKeyPem: pair.publicKey, privateKeyPem: pair.privateKey };
  await vault.set(name, JSON.stringify(key));
  return { ...key, deviceId: fingerprint(key.publicKeyPem) };
}

function parse<T>(schema: z.ZodType<T>, text: string | null): T | null {
  if (text === null) return null;
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    return null; // an entry that cannot be read is replaced; the gateway then asks to pair again
  }
}

/** The 32 bytes of an Ed25519 public key: the end of its DER form. */
export function rawPublicKey(publicKeyPem: string): Buffer {
  return createPublicKey(publicKeyPem).export({ type: 'spki', format: 'der' }).subarray(-32);
}

/** Signs text with an Ed25519 private key; base64url, as the protocol wants it. */
export function signText(privateKeyPem: string, text: string): string {
  return sign(null, Buffer.from(text), privateKeyPem).toString('base64url');
}

function fingerprint(publicKeyPem: string): string {
  return createHash('sha256').update(rawPublicKey(publicKeyPem)).digest('hex');
}
