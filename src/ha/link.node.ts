/**
 * The app's side of the guardian: attaches to the one that runs, starts one where none does, and stays attached.
 *
 * Invariants
 * 1. A guardian started here is detached: it outlives the app, whatever way the app ends.
 * 2. A token is only handed over through a private folder, and only on the very connection whose other end proved to
 *    run our configuration.
 * 3. A guardian with another configuration (or protocol) is asked to end and is replaced.
 * 4. After `stop` or `shutdown` nothing is emitted or started.
 */
import type { Socket } from 'node:net';

import { createBackoff, createEmitter, delay, errorText } from '../base/index.ts';
import type { Clock, Logger, Random } from '../base/index.ts';
import type { FailoverEvent, PairView } from '../shared/index.ts';
import { configHash, readGuardianConfig } from './config.node.ts';
import { askToEnd, converse, endLimitMs, say, tryConnect } from './conversation.node.ts';
import type { Parting } from './conversation.node.ts';
import { preparePrivateFolder } from './paths.node.ts';
import { startDetached } from './start-guardian.node.ts';
import type { StartOptions, StartedGuardian } from './start-guardian.node.ts';

const startLimitMs = 15_000;
const pollMs = 50;

export type GuardianLinkEvent =
  | { readonly kind: 'status'; readonly pairs: readonly PairView[] }
  | { readonly kind: 'event'; readonly pairId: string; readonly event: FailoverEvent }
  /** No guardian is attached; it is tried again by itself. */
  | { readonly kind: 'detached'; readonly reason: string };

export interface AttachOptions extends StartOptions {
  readonly socket: string;
  /** The token of a gateway that is configured as `{"app": true}`; null while it is not known. */
  readonly credentials: (gatewayId: string) => Promise<string | null>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface GuardianLink {
  on(listener: (event: GuardianLinkEvent) => void): () => void;
  /** Hands the tokens over again, after one of them changed. */
  refreshCredentials(): void;
  /** Detaches and leaves the guardian running. */
  stop(): Promise<void>;
  /** Asks the guardian to end, and waits until it has. */
  shutdown(): Promise<void>;
}

/** Attaches in the background and keeps at it. Listeners added before the next turn of the event loop miss nothing. */
export function attachGuardian(options: AttachOptions): GuardianLink {
  const { clock, logger } = options;
  const emitter = createEmitter<GuardianLinkEvent>();
  const backoff = createBackoff(
    { firstMs: 200, maxMs: 10_000, factor: 2, resetAfterUptimeMs: 30_000 },
    options.random,
  );
  const ending = new AbortController();
  const { signal } = ending;
  let socket: Socket | null = null;
  let refresh = (): void => undefined;
  let started: StartedGuardian | null = null;

  const ended = (): boolean => signal.aborted;
  const emit = (event: GuardianLinkEvent): void => {
    if (!ended()) emitter.emit(event);
  };

  const keepAttached = async (): Promise<void> => {
    await Promise.resolve();
    while (!ended()) {
      const parting = await attachOnce();
      if (ended()) return;
      if (parting.kind === 'replace') continue;
      logger.warn('no guardian attached', { reason: parting.reason });
      emit({ kind: 'detached', reason: parting.reason });
      await delay(clock, backoff.nextDelayMs(), signal);
    }
  };

  const attachOnce = async (): Promise<Parting> => {
    const config = readGuardianConfig(options.configPath);
    if (!config.ok) return { kind: 'lost', reason: config.error };
    const folder = preparePrivateFolder(options.socket);
    if (!folder.ok) return { kind: 'lost', reason: folder.error };
    const found = (await tryConnect(options.socket)) ?? (await startAndConnect());
    if (typeof found === 'string') return { kind: 'lost', reason: found };
    if (ended()) {
      found.destroy();
      return { kind: 'lost', reason: 'stopped' };
    }
    socket = found;
    const sinceMs = clock.bootMs();
    const parting = await converse(found, {
      wantedHash: configHash(config.value),
      clock,
      logger,
      onAccepted: (wants) => {
        refresh = () => void handOver(found, wants);
        refresh();
      },
      onNews: (message) =>
        emit(
          message.type === 'status'
            ? { kind: 'status', pairs: message.pairs }
            : { kind: 'event', pairId: message.pairId, event: message.event },
        ),
    });
    socket = null;
    refresh = () => undefined;
    backoff.wasUpForMs(clock.bootMs() - sinceMs);
    if (parting.kind === 'replace' && parting.pid !== null) await waitForEnd(parting.pid, signal);
    return parting;
  };

  const handOver = async (to: Socket, wants: readonly string[]): Promise<void> => {
    for (const gatewayId of wants) {
      try {
        const token = await options.credentials(gatewayId);
        // `to`, not whatever is connected by now (invariant 2).
        if (token !== null && token !== '') say(to, { type: 'credentials', gatewayId, token });
      } catch (error) {
        logger.error('a token could not be had', { gatewayId, error: errorText(error) });
      }
    }
  };

  /** Starts a guardian and waits until it listens; words when it does not. */
  const startAndConnect = async (): Promise<Socket | string> => {
    const fresh = startDetached(options);
    started = fresh;
    const limitMs = clock.bootMs() + startLimitMs;
    while (!ended() && clock.bootMs() < limitMs) {
      await delay(clock, pollMs, signal);
      const found = await tryConnect(options.socket);
      if (found !== null) return found;
      const failure = fresh.failure();
      if (failure !== null) return failure;
    }
    return `the guardian did not listen within ${startLimitMs / 1000} s; see ${options.logPath}`;
  };

  /** Ends whatever guardian listens, one that is just starting included. */
  const endGuardian = async (): Promise<void> => {
    const limitMs = clock.bootMs() + endLimitMs;
    while (clock.bootMs() < limitMs) {
      const found = await tryConnect(options.socket);
      if (found !== null) {
        const pid = await askToEnd(found);
        if (pid !== null) await waitForEnd(pid);
        return;
      }
      if (started === null || started.failure() !== null) return;
      await delay(clock, pollMs);
    }
  };

  const waitForEnd = async (pid: number, until?: AbortSignal): Promise<void> => {
    const limitMs = clock.bootMs() + endLimitMs;
    while (isAlive(pid) && clock.bootMs() < limitMs && until?.aborted !== true) {
      await delay(clock, pollMs, until);
    }
  };

  const detach = async (): Promise<void> => {
    ending.abort();
    await working;
  };

  signal.addEventListener('abort', () => socket?.destroy(), { once: true });
  const working = keepAttached();

  return {
    on: (listener) => emitter.on(listener),
    refreshCredentials: () => refresh(),
    stop: detach,
    shutdown: async () => {
      await detach();
      await endGuardian();
    },
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
