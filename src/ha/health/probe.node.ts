/**
 * Looks at a gateway of this machine, as deep as it allows, and at one of another machine as far as anybody may look.
 *
 * Invariants
 * 1. A fast check ends at the first depth that fails; the depths before it are known to have passed.
 * 2. An answer that is not the one asked for is a miss, whatever it says: the gateway answers wrongly.
 * 3. Nothing that a check does leaves a session, a transcript row or a running turn behind.
 */
import { z } from 'zod';

import { redact } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { CheckDepth } from '../../shared/index.ts';
import type { CheckOutcome, DepthPassed, MemberConfig } from '../model.ts';
import type { Probe } from '../ports.ts';
import { seconds } from '../reasons.ts';
import { isUnknownMethod, missed, requestFailure } from './held-connection.node.ts';
import type { CheckFailure, HeldConnection } from './held-connection.node.ts';
import { processOf } from './process-identity.node.ts';
import { checkReady } from './ready.node.ts';
import type { ReadyPassed } from './ready.node.ts';

/** `/readyz` tells little that the RPC does not, and each time costs the gateway a connection. */
const readyEveryMs = 2_000;

export interface GatewayProbeOptions {
  readonly member: MemberConfig;
  readonly connection: HeldConnection;
  readonly clock: Clock;
  readonly random: Random;
}

const echoSchema = z.object({
  nonce: z.string(),
  loopMs: z.number(),
  writeMs: z.number(),
  readMs: z.number(),
});
const acceptedSchema = z.object({ runId: z.string() });
const finishedSchema = z.object({
  status: z.string(),
  error: z.string().optional(),
  terminalReply: z.object({ text: z.string().optional() }).optional(),
});

/** Opens the eyes on a gateway of this machine. */
export function openGatewayProbe(options: GatewayProbeOptions): Probe {
  const { member, connection, clock, random } = options;
  /** The connection on which our plugin was found missing. */
  let withoutPlugin = 0;
  let ready: { readonly atMs: number; readonly answer: ReadyPassed } | null = null;

  const fast = async (timeoutMs: number): Promise<CheckOutcome> => {
    const startedAtMs = clock.bootMs();
    const leftMs = (): number => Math.max(1, timeoutMs - (clock.bootMs() - startedAtMs));
    const passed: DepthPassed[] = [];
    const pass = (depth: CheckDepth, sinceMs: number, detail: string): void => {
      passed.push({ depth, latencyMs: clock.bootMs() - sinceMs, detail });
    };

    if (member.pidFile !== undefined) {
      const pid = await processOf(member.pidFile);
      if (pid === null) return missed('process', 'its process is gone', true);
      pass('process', startedAtMs, `runs as process ${pid}`);
    }
    const dialledAtMs = clock.bootMs();
    const dialled = await connection.open(leftMs());
    if (dialled.kind !== 'open') return dialled;
    pass('tcp', dialledAtMs, dialled.opened ? 'connected' : 'the connection holds');

    const [readiness, answered] = await Promise.all([lookReady(leftMs()), answer(leftMs())]);
    if (readiness.kind !== 'ok') return readiness;
    passed.push({ depth: 'ready', latencyMs: readiness.latencyMs, detail: readiness.detail });
    if ('kind' in answered) return answered;
    passed.push(...answered);
    return {
      kind: 'ok',
      latencyMs: clock.bootMs() - startedAtMs,
      detail: answered.at(-1)?.detail ?? 'answers',
      passed,
    };
  };

  const hasPlugin = (): boolean => withoutPlugin !== connection.generation();

  const lookReady = async (timeoutMs: number): Promise<ReadyPassed | CheckFailure> => {
    if (ready !== null && clock.bootMs() < ready.atMs + readyEveryMs) return ready.answer;
    const atMs = clock.bootMs();
    const answered = await checkReady(member, timeoutMs, clock);
    ready = answered.kind === 'ok' ? { atMs, answer: answered } : null;
    return answered;
  };

  /** The echo of our plugin, which goes through RPC, event loop, transcript write and read-back; else the RPC alone. */
  const answer = async (timeoutMs: number): Promise<readonly DepthPassed[] | CheckFailure> => {
    const startedAtMs = clock.bootMs();
    const passedAs = (depth: CheckDepth, detail: string): DepthPassed => ({
      depth,
      latencyMs: clock.bootMs() - startedAtMs,
      detail,
    });
    if (hasPlugin()) {
      const nonce = random.id();
      try {
        const echoed = await connection.request('switchyard.echo', { nonce }, timeoutMs);
        const echo = echoSchema.safeParse(echoed).data;
        if (echo?.nonce !== nonce)
          return missed('echo', 'it answers wrongly: not with the word it was given'); // invariant 2
        const [loop, write, read] = [echo.loopMs, echo.writeMs, echo.readMs].map(Math.round);
        return [
          passedAs('rpc', 'answers'),
          passedAs('echo', `event loop ${loop} ms, write ${write} ms, read-back ${read} ms`),
        ];
      } catch (error) {
        if (!isUnknownMethod(error)) return requestFailure('echo', error);
        withoutPlugin = connection.generation();
      }
    }
    try {
      await connection.request('health', {}, timeoutMs);
      return [passedAs('rpc', 'answers')];
    } catch (error) {
      return requestFailure('rpc', error);
    }
  };

  /** A fenced gateway runs no turns but those that were announced to our plugin as checks. */
  const announceTurn = async (runId: string, timeoutMs: number): Promise<void> => {
    await connection.open(timeoutMs);
    if (!hasPlugin()) return;
    try {
      await connection.request('switchyard.probe', { runId }, timeoutMs);
    } catch (error) {
      if (!isUnknownMethod(error)) throw error;
      withoutPlugin = connection.generation();
    }
  };

  /** The first turn of a process takes seconds; a person who talks to a standby that took over should not wait for them. */
  const warmUp = async (timeoutMs: number): Promise<void> => {
    try {
      await connection.open(timeoutMs);
      if (hasPlugin()) await connection.request('switchyard.warm', {}, timeoutMs);
    } catch {
      // It goes on by itself, and is asked for again; what else is wrong the turn will say.
    }
  };

  /** A whole turn to the real model and back. */
  const turn = async (timeoutMs: number): Promise<CheckOutcome> => {
    await warmUp(timeoutMs);
    const startedAtMs = clock.bootMs();
    const nonce = random.id();
    const runId = `switchyard-probe-${random.id()}`;
    try {
      await announceTurn(runId, timeoutMs);
      const accepted = acceptedSchema.parse(
        await connection.request(
          'agent',
          {
            message: `Reply with exactly this and nothing else: ${nonce}`,
            modelRun: true,
            promptMode: 'none',
            sessionEffects: 'internal',
            suppressPromptPersistence: true,
            // The gateway then ends the run itself: a hanging model must not pile up runs.
            timeout: Math.ceil(timeoutMs / 1000),
            idempotencyKey: runId,
          },
          timeoutMs,
        ),
      );
      const finished = finishedSchema.parse(
        await connection.request(
          'agent.wait',
          { runId: accepted.runId, timeoutMs },
          timeoutMs + 1_000,
        ),
      );
      const fault = faultOfTurn(finished, nonce, timeoutMs);
      if (fault !== null) return missed('turn', fault);
      const latencyMs = clock.bootMs() - startedAtMs;
      const detail = 'answered a turn';
      return { kind: 'ok', latencyMs, detail, passed: [{ depth: 'turn', latencyMs, detail }] };
    } catch (error) {
      return requestFailure('turn', error);
    }
  };

  return {
    check: (depth, timeoutMs) => (depth === 'fast' ? fast(timeoutMs) : turn(timeoutMs)),
    close: () => connection.close(),
  };
}

/** Opens the eyes on a gateway of another machine: its port and `/readyz`, which need no token. Its own guardian sees more. */
export function openRemoteProbe(member: MemberConfig, clock: Clock): Probe {
  return {
    check: async (depth, timeoutMs) => {
      if (depth === 'turn')
        return { kind: 'blind', detail: 'only the guardian beside it can look so deep' };
      const answer = await checkReady(member, timeoutMs, clock);
      if (answer.kind !== 'ok') return answer;
      const { latencyMs, detail, connectedAfterMs } = answer;
      const connected: DepthPassed = {
        depth: 'tcp',
        latencyMs: connectedAfterMs,
        detail: 'connected',
      };
      return {
        kind: 'ok',
        latencyMs,
        detail,
        passed: [connected, { depth: 'ready', latencyMs, detail }],
      };
    },
    close: () => undefined,
  };
}

function faultOfTurn(
  finished: z.infer<typeof finishedSchema>,
  nonce: string,
  timeoutMs: number,
): string | null {
  const text = finished.terminalReply?.text ?? '';
  if (finished.status === 'timeout') return `no answer from the model within ${seconds(timeoutMs)}`;
  if (finished.status !== 'ok')
    return redact(finished.error ?? `the turn ended as “${finished.status}”`);
  if (text.trim() === '') return 'the model gave an empty answer';
  return text.includes(nonce) ? null : 'it answers wrongly: without the word it was asked for';
}
