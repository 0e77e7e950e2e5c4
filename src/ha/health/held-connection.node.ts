/**
 * The guardian's one connection to a gateway, held open between checks; the official client speaks on it.
 *
 * Invariants
 * 1. At most one connection; the client's own slow reconnecting is never used: whoever asks next dials anew.
 * 2. `onReset` is told once for each connection that had been welcomed and broke without us closing it.
 * 3. A token is asked for at each dial, only after `identity` found nothing wrong with who listens; it is passed to the
 *    client and kept nowhere else, and no error text carries it.
 * 4. A refused login is `blind`: the gateway lives, we just may not look.
 */
import {
  GatewayClient,
  GatewayClientRequestError,
  GatewayClientRequestTimeoutError,
} from '@openclaw/gateway-client';

import { delay, errorText, redact } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { CheckDepth } from '../../shared/index.ts';
import type { CheckOutcome, MemberConfig } from '../model.ts';
import { seconds } from '../reasons.ts';
import { missingSecretWords } from '../secret-source.ts';
import { tlsPin } from './tls-pin.node.ts';

/** A gateway that is slow to welcome is waited for by the next checks too, so that a short time limit cannot lock it out. */
const dialLimitMs = 10_000;

/** Without these nothing can be checked. */
const neededScopes = ['operator.read', 'operator.write'];
/** For the methods of our plugin, which only an administrator may call. */
const wantedScopes = [...neededScopes, 'operator.admin'];

export type CheckFailure = Exclude<CheckOutcome, { kind: 'ok' }>;

export interface HeldConnectionOptions {
  readonly member: MemberConfig;
  /** The member's token; null while it is not known. Only asked when the member is configured to have one. */
  readonly token: () => Promise<string | null>;
  /** What speaks against giving a token to whoever listens there now; null: nothing that can be seen. */
  readonly identity: () => Promise<CheckFailure | null>;
  readonly onReset: (detail: string) => void;
  readonly clock: Clock;
}

export interface HeldConnection {
  /** Dials if need be. `opened`: this call found no connection, and made one. */
  open(
    timeoutMs: number,
  ): Promise<{ readonly kind: 'open'; readonly opened: boolean } | CheckFailure>;
  /**
   * Asks over the connection that is open, dialling if there is none.
   * @returns the gateway's answer
   * @throws ConnectionFailure where there is no connection, and the client's errors
   */
  request(method: string, params: object, timeoutMs: number): Promise<unknown>;
  /** Counts the connections that were made: what was learned of a gateway may be outdated on the next. */
  generation(): number;
  close(): void;
}

/** A request that could not be made, as the outcome of a check. */
export class ConnectionFailure extends Error {
  readonly failure: CheckFailure;
  constructor(failure: CheckFailure) {
    super(failure.detail);
    this.failure = failure;
  }
}

type Dialled = { readonly kind: 'open'; readonly client: GatewayClient } | CheckFailure;

/** Nothing is dialled before it is asked for. */
export function openHeldConnection(options: HeldConnectionOptions): HeldConnection {
  const { member, clock } = options;
  let dialling: Promise<Dialled> | null = null;
  let held: GatewayClient | null = null;
  let generation = 0;
  let closed = false;

  const connection = async (timeoutMs: number): Promise<Dialled> => {
    if (held !== null) return { kind: 'open', client: held };
    dialling ??= dial().finally(() => {
      dialling = null;
    });
    const patience = new AbortController();
    const tooLate = delay(clock, timeoutMs, patience.signal).then(() =>
      missed('ready', `no welcome within ${seconds(timeoutMs)}`),
    );
    return Promise.race([dialling, tooLate]).finally(() => patience.abort());
  };

  const dial = async (): Promise<Dialled> => {
    const stranger = await options.identity();
    if (stranger !== null) return stranger; // invariant 3
    let token: string | null = null;
    if (member.token !== undefined) {
      token = await options.token();
      if (token === null) return { kind: 'blind', detail: missingSecretWords(member.token) };
    }
    const pin = await tlsPin(member);
    if (!pin.ok) return missed('tcp', pin.error);
    const tlsFingerprint = pin.value;
    return new Promise((resolve) => {
      let settled = false;
      const settle = (result: Dialled): void => {
        if (settled) return;
        settled = true;
        cancelLimit();
        if (result.kind === 'open') {
          held = result.client;
          generation += 1;
        } else client.stop();
        resolve(result);
      };
      const cancelLimit = clock.after(dialLimitMs, () =>
        settle(missed('ready', `no welcome within ${seconds(dialLimitMs)}`)),
      );
      const client = new GatewayClient({
        url: member.url,
        ...(tlsFingerprint === null ? {} : { tlsFingerprint }),
        ...(token === null ? {} : { token }),
        clientName: 'gateway-client',
        clientDisplayName: 'Switchyard guardian',
        mode: 'backend',
        role: 'operator',
        scopes: wantedScopes,
        deviceIdentity: null,
        notifyOnStartupRetry: true,
        onHelloOk: (hello) => {
          const lacking = neededScopes.filter((scope) => !hello.auth.scopes.includes(scope));
          if (closed) settle(missed('ready', 'the guardian stopped'));
          else if (lacking.length === 0) settle({ kind: 'open', client });
          else settle({ kind: 'blind', detail: `its token does not grant ${lacking.join(', ')}` });
        },
        onConnectError: (error) => settle(dialFailure(error)),
        onClose: (code, reason) => {
          settle(missed('ready', closeText(code, reason)));
          if (held !== client) return;
          held = null;
          client.stop();
          if (!closed) options.onReset(closeText(code, reason)); // invariant 2
        },
      });
      client.start();
    });
  };

  return {
    open: async (timeoutMs) => {
      const opened = held === null;
      const dialled = await connection(timeoutMs);
      return dialled.kind === 'open' ? { kind: 'open', opened } : dialled;
    },
    request: async (method, params, timeoutMs) => {
      const dialled = await connection(timeoutMs);
      if (dialled.kind !== 'open') throw new ConnectionFailure(dialled);
      return dialled.client.request(method, params, { timeoutMs });
    },
    generation: () => generation,
    close: () => {
      closed = true;
      held?.stop();
      held = null;
    },
  };
}

/** A check that a gateway missed. `gone`: there is certainly no process behind its address. */
export function missed(failedAt: CheckDepth, detail: string, gone = false): CheckFailure {
  return { kind: 'miss', failedAt, detail, ...(gone ? { gone } : {}) };
}

/** What an error of a request says about the gateway. */
export function requestFailure(depth: CheckDepth, error: unknown): CheckFailure {
  if (error instanceof ConnectionFailure) return error.failure;
  if (error instanceof GatewayClientRequestTimeoutError)
    return missed(depth, `no answer within ${seconds(error.timeoutMs)}`);
  return missed(depth, redact(errorText(error)));
}

/** The gateway does not know the method: a plugin is not there. */
export function isUnknownMethod(error: unknown): boolean {
  return error instanceof GatewayClientRequestError && error.message.startsWith('unknown method');
}

function closeText(code: number, reason: string): string {
  return `closed with ${code}${reason === '' ? '' : `, ${redact(reason)}`}`;
}

function dialFailure(error: Error): CheckFailure {
  if (error instanceof GatewayClientRequestError) {
    return error.retryable
      ? missed('ready', redact(error.message))
      : { kind: 'blind', detail: redact(error.message) };
  }
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  return refused
    ? missed('tcp', 'nothing listens at its address', true)
    : missed('tcp', redact(errorText(error)));
}
