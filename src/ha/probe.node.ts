/**
 * Looks at a gateway through the official client, over one connection that is held open between checks.
 *
 * Invariants
 * 1. At most one connection per member; the client's own slow reconnecting is never used, the next check dials anew.
 * 2. `onReset` is told once for each connection that had been welcomed and broke without us closing it.
 * 3. A token is asked for at each dial, passed to the client and kept nowhere else; no error text carries it.
 * 4. A refused login is `blind`: the gateway lives, we just may not look.
 */
import {
  GatewayClient,
  GatewayClientRequestError,
  GatewayClientRequestTimeoutError,
} from '@openclaw/gateway-client';
import { z } from 'zod';

import { errorText, redact } from '../base/index.ts';
import type { Clock, Random } from '../base/index.ts';
import type { CheckDepth } from '../shared/index.ts';
import type { CheckOutcome, MemberConfig, ProbeDepth } from './model.ts';
import type { Probe } from './ports.ts';
import { seconds } from './reasons.ts';

export interface GatewayProbeOptions {
  readonly member: MemberConfig;
  /** The member's token; null while it is not known. Only asked when the member is configured to have one. */
  readonly token: () => Promise<string | null>;
  readonly onReset: (detail: string) => void;
  readonly clock: Clock;
  readonly random: Random;
}

type Failure = Exclude<CheckOutcome, { kind: 'ok' }>;
type Dialled = { readonly kind: 'open'; readonly client: GatewayClient } | Failure;

const scopes = ['operator.read', 'operator.write'];
const acceptedSchema = z.object({ runId: z.string() });
const finishedSchema = z.object({
  status: z.string(),
  error: z.string().optional(),
  terminalReply: z.object({ text: z.string().optional() }).optional(),
});

/** Opens the eyes on a gateway. Nothing is dialled before the first check. */
export function openGatewayProbe(options: GatewayProbeOptions): Probe {
  const { member, clock, random } = options;
  let dialling: Promise<Dialled> | null = null;
  let held: GatewayClient | null = null;
  let closed = false;

  const connection = async (timeoutMs: number): Promise<Dialled> => {
    if (held !== null) return { kind: 'open', client: held };
    dialling ??= dial(timeoutMs).finally(() => {
      dialling = null;
    });
    return dialling;
  };

  const dial = async (timeoutMs: number): Promise<Dialled> => {
    let token: string | null = null;
    if (member.token !== undefined) {
      token = await options.token();
      if (token === null) return { kind: 'blind', detail: missingToken(member) };
    }
    return new Promise((resolve) => {
      let settled = false;
      const settle = (result: Dialled): void => {
        if (settled) return;
        settled = true;
        cancelTimeout();
        if (result.kind === 'open') held = result.client;
        else client.stop();
        resolve(result);
      };
      const cancelTimeout = clock.after(timeoutMs, () =>
        settle(miss('ready', `no welcome within ${seconds(timeoutMs)}`)),
      );
      const client = new GatewayClient({
        url: member.url,
        ...(token === null ? {} : { token }),
        clientName: 'gateway-client',
        clientDisplayName: 'Switchyard guardian',
        mode: 'backend',
        role: 'operator',
        scopes,
        deviceIdentity: null,
        notifyOnStartupRetry: true,
        onHelloOk: (hello) => {
          const lacking = scopes.filter((scope) => !hello.auth.scopes.includes(scope));
          if (closed) settle(miss('ready', 'the guardian stopped'));
          else if (lacking.length === 0) settle({ kind: 'open', client });
          else settle({ kind: 'blind', detail: `its token does not grant ${lacking.join(', ')}` });
        },
        onConnectError: (error) => settle(dialFailure(error)),
        onClose: (code, reason) => {
          settle(miss('ready', closeText(code, reason)));
          if (held !== client) return;
          held = null;
          client.stop();
          if (!closed) options.onReset(closeText(code, reason)); // invariant 2
        },
      });
      client.start();
    });
  };

  const askHealth = async (client: GatewayClient, timeoutMs: number): Promise<string | Failure> => {
    await client.request('health', {}, { timeoutMs });
    return 'answers';
  };

  /** A whole turn, to the model and back, that leaves no session and no transcript row behind. */
  const askTurn = async (client: GatewayClient, timeoutMs: number): Promise<string | Failure> => {
    const nonce = random.id();
    const accepted = acceptedSchema.parse(
      await client.request(
        'agent',
        {
          message: `Reply with exactly this and nothing else: ${nonce}`,
          modelRun: true,
          promptMode: 'none',
          sessionEffects: 'internal',
          suppressPromptPersistence: true,
          // The gateway then ends the run itself: a hanging model must not pile up runs.
          timeout: Math.ceil(timeoutMs / 1000),
          idempotencyKey: random.id(),
        },
        { timeoutMs },
      ),
    );
    const finished = finishedSchema.parse(
      await client.request(
        'agent.wait',
        { runId: accepted.runId, timeoutMs },
        { timeoutMs: timeoutMs + 1_000 },
      ),
    );
    const text = finished.terminalReply?.text ?? '';
    if (finished.status === 'timeout')
      return miss('turn', `no answer from the model within ${seconds(timeoutMs)}`);
    if (finished.status !== 'ok')
      return miss('turn', redact(finished.error ?? `the turn ended as “${finished.status}”`));
    if (text.trim() === '') return miss('turn', 'the model gave an empty answer');
    return text.includes(nonce)
      ? 'answered a turn'
      : 'answered a turn, without the word it was asked for';
  };

  return {
    check: async (depth, timeoutMs) => {
      const startedAtMs = clock.bootMs();
      try {
        const dialled = await connection(timeoutMs);
        if (dialled.kind !== 'open') return dialled;
        const ask = depth === 'rpc' ? askHealth : askTurn;
        const answer = await ask(dialled.client, timeoutMs);
        return typeof answer === 'string'
          ? { kind: 'ok', latencyMs: clock.bootMs() - startedAtMs, detail: answer }
          : answer;
      } catch (error) {
        return requestFailure(depth, error);
      }
    },
    close: () => {
      closed = true;
      held?.stop();
      held = null;
    },
  };
}

function miss(failedAt: CheckDepth, detail: string): Failure {
  return { kind: 'miss', failedAt, detail };
}

function missingToken(member: MemberConfig): string {
  if (member.token === undefined || 'app' in member.token)
    return 'its token has not come from the app yet';
  return 'env' in member.token
    ? `the variable ${member.token.env} is not set`
    : `there is no token in ${member.token.file}`;
}

function closeText(code: number, reason: string): string {
  return `closed with ${code}${reason === '' ? '' : `, ${redact(reason)}`}`;
}

function dialFailure(error: Error): Failure {
  if (error instanceof GatewayClientRequestError) {
    return error.retryable
      ? miss('ready', redact(error.message))
      : { kind: 'blind', detail: redact(error.message) };
  }
  const refused = 'code' in error && error.code === 'ECONNREFUSED';
  return miss('tcp', refused ? 'nothing listens at its address' : redact(errorText(error)));
}

function requestFailure(depth: ProbeDepth, error: unknown): Failure {
  if (error instanceof GatewayClientRequestTimeoutError)
    return miss(depth, `no answer within ${seconds(error.timeoutMs)}`);
  return miss(depth, redact(errorText(error)));
}
