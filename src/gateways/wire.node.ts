import {
  GatewayClient,
  GatewayClientRequestError,
  GatewayClientRequestTimeoutError,
  isGatewayProtocolResponseError,
} from '@openclaw/gateway-client';
import { readConnectErrorDetailCode } from '@openclaw/gateway-protocol/connect-error-details';
import { resolveGatewayStartupRetryAfterMs } from '@openclaw/gateway-protocol/startup-unavailable';
import { PROTOCOL_VERSION } from '@openclaw/gateway-protocol/version';

import { fail, ok } from '../base/index.ts';
import { rawPublicKey, signText } from './device-identity.node.ts';
import type { GatewayFailure } from './model.ts';
import type { CreateWire, WireEnd, WireError } from './ports.ts';

/**
 * One attempt through OpenClaw's official client: challenge, signature, request correlation and silence detection are its
 * work. Its reconnect loop is cut by stopping it at its first end (see connection.ts).
 *
 * It names itself `gateway-client` in mode `ui`, the identity meant for third parties, and gives no display name.
 */
export const createNodeWire: CreateWire = (options, events) => {
  let done = false;
  let connectError: Error | null = null;

  function end(closeCode: number, reason: string, opened: boolean): void {
    if (done) return;
    done = true;
    client.stop();
    events.ended({
      closeCode,
      reason,
      opened,
      error: connectError === null ? null : wireError(connectError),
    } satisfies WireEnd);
  }

  const client = new GatewayClient({
    url: options.url,
    ...(options.tlsFingerprint === null ? {} : { tlsFingerprint: options.tlsFingerprint }),
    ...(options.token === null ? {} : { token: options.token }),
    clientName: 'gateway-client',
    mode: 'ui',
    clientVersion: options.clientVersion,
    platform: process.platform,
    role: options.role,
    scopes: [...options.scopes],
    caps: [...options.capabilities],
    minProtocol: PROTOCOL_VERSION,
    maxProtocol: PROTOCOL_VERSION,
    env: {}, // OPENCLAW_* variables of this process must not change what is allowed
    deviceIdentity: options.deviceKey,
    notifyOnStartupRetry: true,
    hostDeps: {
      signDevicePayload: signText,
      publicKeyRawBase64UrlFromPem: (pem) => rawPublicKey(pem).toString('base64url'),
      loadDeviceAuthToken: () =>
        options.deviceToken === null
          ? null
          : { token: options.deviceToken.token, scopes: [...options.deviceToken.scopes] },
      storeDeviceAuthToken: ({ role, token, scopes }) => {
        events.deviceTokenIssued(role, { token, scopes });
      },
      clearDeviceAuthToken: ({ role }) => {
        events.deviceTokenRejected(role);
      },
    },
    onHelloOk: (hello) => {
      if (done) return;
      events.ready({
        version: hello.server.version,
        protocol: hello.protocol,
        scopes: hello.auth.scopes,
      });
    },
    onEvent: (frame) => {
      if (!done) events.event({ event: frame.event, payload: frame.payload });
    },
    onConnectError: (error) => {
      connectError = error;
    },
    onClose: (code, reason, info) => {
      connectError ??= info?.connectError ?? null;
      end(code, reason, info?.socketOpened ?? false);
    },
  });

  try {
    client.start();
  } catch (error) {
    connectError = error instanceof Error ? error : new Error(String(error));
  }
  // An address that the transport refuses outright never has a close event.
  if (connectError !== null) {
    queueMicrotask(() => {
      end(1006, '', false);
    });
  }

  return {
    request: async (method, params, requestOptions) => {
      let sent = false;
      const { url, tlsFingerprint } = options;
      // A frame is given to the socket before the client's `request` returns, so nothing comes between.
      if (requestOptions.mayLeave?.({ url, tlsFingerprint }) === false) return fail(notPermitted);
      try {
        const value: unknown = await client.request<unknown>(method, params, {
          timeoutMs: requestOptions.timeoutMs,
          onSent: () => {
            sent = true;
          },
          ...(requestOptions.signal === undefined ? {} : { signal: requestOptions.signal }),
        });
        return ok(value);
      } catch (error) {
        return fail(requestFailure(error, sent));
      }
    },
    close: () => {
      end(1000, 'closed here', true);
    },
  };
};

const notPermitted: GatewayFailure = {
  kind: 'aborted',
  sent: false,
  code: 'NOT_PERMITTED',
  message: 'It was stopped before it left.',
  retryable: false,
};

function requestFailure(error: unknown, sent: boolean): GatewayFailure {
  if (error instanceof GatewayClientRequestError && isGatewayProtocolResponseError(error)) {
    return {
      kind: 'rejected',
      sent: true,
      code: readConnectErrorDetailCode(error.details) ?? error.gatewayCode,
      message: error.message,
      retryable: error.retryable,
      ...(error.retryAfterMs === undefined ? {} : { retryAfterMs: error.retryAfterMs }),
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof GatewayClientRequestTimeoutError) {
    return { kind: 'timeout', sent: error.requestSent, code: error.code, message, retryable: true };
  }
  if (error instanceof Error && error.name === 'AbortError')
    return { kind: 'aborted', sent, code: 'ABORTED', message, retryable: false };
  return { kind: 'offline', sent, code: 'CONNECTION_LOST', message, retryable: true };
}

function wireError(error: Error): WireError {
  const structured = error instanceof GatewayClientRequestError;
  return {
    message: error.message,
    code: 'code' in error && typeof error.code === 'string' ? error.code : null,
    details: structured ? error.details : null,
    startupRetryMs: resolveGatewayStartupRetryAfterMs(error),
    retryAfterMs: structured ? (error.retryAfterMs ?? null) : null,
  };
}
