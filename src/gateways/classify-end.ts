import {
  ConnectErrorDetailCodes as codes,
  readConnectErrorDetailCode,
  readPairingConnectErrorDetails,
} from '@openclaw/gateway-protocol/connect-error-details';

import type { RefusalReason } from '../shared/index.ts';
import type { WireEnd } from './ports.ts';

/** What the end of an attempt that never became ready means for the next step. */
export type AttemptOutcome =
  | { readonly kind: 'starting'; readonly retryMs: number }
  | { readonly kind: 'pairing'; readonly requestId: string | null }
  /** `retryMs`: null when only a person can change the outcome. */
  | {
      readonly kind: 'refused';
      readonly reason: RefusalReason;
      readonly detail: string;
      readonly retryMs: number | null;
    }
  | {
      readonly kind: 'offline';
      readonly reason: 'unreachable' | 'closed';
      readonly detail: string;
    };

const lockedOutRetryMs = 30_000;
const startupCloseCode = 1013;
/** No closing frame came: the process died, or the network did. */
const cutOffCode = 1006;
const startupRetryMs = 500;

/** Reads why an attempt failed. `address` is named where nothing answers. Pure; every field of `end` is untrusted. */
export function classifyEnd(end: WireEnd, address: string): AttemptOutcome {
  const { error } = end;
  if (error?.startupRetryMs != null) return { kind: 'starting', retryMs: error.startupRetryMs };
  if (end.closeCode === startupCloseCode) return { kind: 'starting', retryMs: startupRetryMs };
  const detailCode = readConnectErrorDetailCode(error?.details);
  if (detailCode === codes.PAIRING_REQUIRED) {
    return {
      kind: 'pairing',
      requestId: readPairingConnectErrorDetails(error?.details)?.requestId ?? null,
    };
  }
  const words = error === null ? endWords(end) : plainWords(error.message);
  if (detailCode === codes.AUTH_RATE_LIMITED) {
    return {
      kind: 'refused',
      reason: 'other',
      detail: words,
      retryMs: Math.max(lockedOutRetryMs, error?.retryAfterMs ?? 0),
    };
  }
  const reason = detailCode === null ? null : refusalReason(detailCode);
  if (reason !== null) return { kind: 'refused', reason, detail: words, retryMs: null };
  if (!end.opened && error !== null && !answered(error.details))
    return { kind: 'offline', reason: 'unreachable', detail: address };
  return { kind: 'offline', reason: 'closed', detail: words };
}

/** How a connection ended, for people. */
export function endWords(end: WireEnd): string {
  if (end.reason !== '') return plainWords(end.reason);
  return end.closeCode === cutOffCode ? 'it was cut off' : `closed with code ${end.closeCode}`;
}

function refusalReason(detailCode: string): RefusalReason | null {
  switch (detailCode) {
    case codes.AUTH_TOKEN_MISSING:
    case codes.AUTH_PASSWORD_MISSING:
    case codes.AUTH_REQUIRED:
      return 'token-missing';
    case codes.AUTH_TOKEN_MISMATCH:
    case codes.AUTH_PASSWORD_MISMATCH:
    case codes.AUTH_BOOTSTRAP_TOKEN_INVALID:
    case codes.AUTH_UNAUTHORIZED:
      return 'token-wrong';
    case codes.AUTH_SCOPE_MISMATCH:
      return 'scopes';
    case codes.PROTOCOL_MISMATCH:
    case codes.CLIENT_VERSION_MISMATCH:
      return 'version';
    case codes.AUTH_DEVICE_TOKEN_MISMATCH:
    case codes.DEVICE_IDENTITY_REQUIRED:
      return 'device';
    default:
      if (detailCode.startsWith('DEVICE_AUTH_')) return 'device';
      return detailCode.startsWith('AUTH_') ? 'other' : null;
  }
}

/** Whether something spoke HTTP there: then the address is right as far as it goes, and "nothing answers" would be a lie. */
function answered(details: unknown): boolean {
  return typeof details === 'object' && details !== null && 'httpStatus' in details;
}

/** Text from a peer as one short line. */
function plainWords(text: string): string {
  return text.replace(/\s+/gu, ' ').trim().slice(0, 200);
}
