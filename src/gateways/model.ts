import type { GatewaySettings } from '../store/index.ts';
import { gatewayOrigin } from './url.ts';

/** A gateway entry of the settings file; `kind` tells who runs it and where its token comes from. */
export type GatewayConfig = GatewaySettings;
export type ManagedGateway = Extract<GatewayConfig, { readonly kind: 'managed' }>;

/** The key this app proves itself with to one gateway: an Ed25519 pair and the fingerprint of its public half. */
export interface DeviceKey {
  /** SHA-256 of the raw public key, hexadecimal. */
  readonly deviceId: string;
  readonly publicKeyPem: string;
  readonly privateKeyPem: string;
}

/** What a gateway issued to a paired device; it connects without the shared token. */
export interface DeviceToken {
  readonly token: string;
  readonly scopes: readonly string[];
}

/** One event frame of a gateway. The payload is data from outside: nobody may trust its shape. */
export interface GatewayEvent {
  readonly event: string;
  readonly payload: unknown;
}

/**
 * Why a request has no answer.
 * `sent` decides what may be done next: false means that it never left and may be repeated freely; true means that the
 * gateway may have acted on it. `rejected` is the gateway's own word, every other kind is ours.
 */
export interface GatewayFailure {
  readonly kind: 'offline' | 'timeout' | 'rejected' | 'aborted';
  readonly sent: boolean;
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
  readonly retryAfterMs?: number;
}

/** What the supervisor knows of a managed gateway's process; wall milliseconds. */
export type ProcessState =
  | { readonly phase: 'stopped'; readonly sinceMs: number }
  | { readonly phase: 'starting'; readonly sinceMs: number }
  | {
      readonly phase: 'running';
      readonly sinceMs: number;
      readonly pid: number;
      readonly adopted: boolean;
    }
  | { readonly phase: 'stopping'; readonly sinceMs: number }
  | {
      readonly phase: 'failed';
      readonly sinceMs: number;
      readonly reason: 'exited' | 'crash-loop' | 'config' | 'port-in-use' | 'no-runtime';
      readonly detail: string;
      /** When it is tried again without being told; null when it waits for a person. */
      readonly retryAtMs: number | null;
    };

/**
 * What the secrets of a gateway are kept under. A secret goes only to the address it was given for, so that `address` is
 * part of it; it is left out for a managed gateway alone, whose secrets are for a process of ours, on whatever port.
 */
export function secretOwner(gatewayId: string, address?: string): string {
  if (address === undefined) return gatewayId;
  return `${gatewayId}@${gatewayOrigin(address) ?? 'nowhere'}`;
}

/** The name of a gateway's shared token in the vault; `address` as of `secretOwner`. */
export function gatewayTokenName(gatewayId: string, address?: string): string {
  return `gateway-token:${secretOwner(gatewayId, address)}`;
}
