import { request as requestHttp } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { TLSSocket } from 'node:tls';

import { z } from 'zod';

import { redact } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { MemberConfig } from '../model.ts';
import { seconds } from '../reasons.ts';
import { missed } from './held-connection.node.ts';
import type { CheckFailure } from './held-connection.node.ts';
import { showsPinned, tlsPin } from './tls-pin.node.ts';

const maxBodyBytes = 64 * 1024;

const bodySchema = z.object({
  status: z.string().optional().catch(undefined),
  failing: z.array(z.string()).optional().catch(undefined),
  eventLoop: z.object({ delayP99Ms: z.number() }).optional().catch(undefined),
});

export interface ReadyPassed {
  readonly kind: 'ok';
  /** When it was connected to, and when it had answered, in milliseconds from the start. */
  readonly connectedAfterMs: number;
  readonly latencyMs: number;
  readonly detail: string;
}

interface Answer {
  readonly status: number;
  readonly body: z.infer<typeof bodySchema>;
  readonly connectedAfterMs: number;
}

/**
 * Asks `/readyz`, which needs no token. A gateway that has started but is not ready because one of its channels is in
 * trouble is well enough: a broken Telegram account is no reason to change who is active.
 */
export async function checkReady(
  member: Pick<MemberConfig, 'id' | 'name' | 'url' | 'tls'>,
  timeoutMs: number,
  clock: Clock,
): Promise<ReadyPassed | CheckFailure> {
  const pin = await tlsPin(member);
  if (!pin.ok) return missed('tcp', pin.error);
  const target = { url: member.url, pin: pin.value };
  const startedAtMs = clock.bootMs();
  const leftMs = (): number => Math.max(1, timeoutMs - (clock.bootMs() - startedAtMs));
  const ready = await ask(target, '/readyz', timeoutMs, clock);
  if ('kind' in ready) return ready;
  const passed = (detail: string): ReadyPassed => ({
    kind: 'ok',
    connectedAfterMs: ready.connectedAfterMs,
    latencyMs: clock.bootMs() - startedAtMs,
    detail,
  });
  const lag = ready.body.eventLoop;
  const figures =
    lag === undefined ? '' : `, event loop ${String(Math.round(lag.delayP99Ms))} ms late at p99`;
  if (ready.status === 200) return passed(`ready${figures}`);

  const failing = redact((ready.body.failing ?? []).join(', '));
  const started = await ask(target, '/startupz', leftMs(), clock);
  if ('kind' in started) return started;
  if (started.status !== 200) {
    const state = started.body.status ?? `not ready (HTTP ${ready.status})`;
    return missed('ready', `it is ${redact(state)}${figures}`);
  }
  // An agent whose database is refused cannot answer anybody.
  return (ready.body.failing ?? []).some((what) => what.startsWith('agent-database'))
    ? missed('ready', `not ready: ${failing}`)
    : passed(`started, not ready: ${failing === '' ? 'it does not say why' : failing}${figures}`);
}

function ask(
  target: { readonly url: string; readonly pin: string | null },
  path: string,
  timeoutMs: number,
  clock: Clock,
): Promise<Answer | CheckFailure> {
  return new Promise((resolve) => {
    const startedAtMs = clock.bootMs();
    let connectedAfterMs: number | null = null;
    const url = new URL(path, target.url.replace(/^ws/u, 'http'));
    const options = {
      agent: false,
      headers: { accept: 'application/json' },
      // What is pinned is looked at below.
      rejectUnauthorized: target.pin === null,
    };
    const take = (response: IncomingMessage): void => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        text += part;
        if (text.length > maxBodyBytes) response.destroy(new Error('it says too much'));
      });
      response.on('error', (error) => finish(missed('ready', redact(error.message))));
      response.on('end', () =>
        finish({
          status: response.statusCode ?? 0,
          body: parseBody(text),
          connectedAfterMs: connectedAfterMs ?? 0,
        }),
      );
    };
    const made =
      url.protocol === 'https:'
        ? requestHttps(url, options, take)
        : requestHttp(url, options, take);
    const cancel = clock.after(timeoutMs, () =>
      finish(
        missed(
          connectedAfterMs === null ? 'tcp' : 'ready',
          `no answer within ${seconds(timeoutMs)}`,
        ),
      ),
    );
    const finish = (result: Answer | CheckFailure): void => {
      cancel();
      resolve(result);
      made.destroy();
    };
    made.on('socket', (socket) => {
      socket.once('connect', () => (connectedAfterMs = clock.bootMs() - startedAtMs));
      socket.once('secureConnect', () => {
        if (target.pin === null || !(socket instanceof TLSSocket)) return;
        if (!showsPinned(socket, target.pin))
          made.destroy(new Error('it shows another certificate than the one that is known'));
      });
    });
    made.on('error', (error) => {
      const refused = 'code' in error && error.code === 'ECONNREFUSED';
      finish(
        refused
          ? missed('tcp', 'nothing listens at its address', true)
          : missed(connectedAfterMs === null ? 'tcp' : 'ready', redact(error.message)),
      );
    });
    made.end();
  });
}

function parseBody(text: string): Answer['body'] {
  try {
    return bodySchema.parse(JSON.parse(text));
  } catch {
    return {}; // the status line says enough
  }
}
