/**
 * The app's side of the guardian: attaches to the one that runs, starts one where none does, and stays attached.
 *
 * Invariants
 * 1. A guardian started here is detached: it outlives the app, whatever way the app ends. It has a watchdog; one that was
 *    found without gets one.
 * 2. A token is only handed over through a private folder, and only on the very connection whose other end proved to
 *    run our configuration.
 * 3. A guardian with another configuration (or protocol) is asked to end and is replaced.
 * 4. After `stop` or `shutdown` nothing is emitted or started.
 * 5. Every command settles: with the guardian's answer, or with the loss of it.
 */
import type { Socket } from 'node:net';

import { createBackoff, createEmitter, delay, errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Logger, Random, Result } from '../../base/index.ts';
import type { FailoverEvent, PairCommandName, PairView } from '../../shared/index.ts';
import { configHash, readGuardianConfig } from '../config.node.ts';
import { askToEnd, converse, endLimitMs, say, tryConnect } from './conversation.node.ts';
import type { Parting } from './conversation.node.ts';
import { preparePrivateFolder } from './paths.node.ts';
import { startDetached } from './start-guardian.node.ts';
import type { StartOptions, StartedGuardian } from './start-guardian.node.ts';

const startLimitMs = 15_000;
const pollMs = 50;
/** A watchdog needs some 200 ms and the start of a Node, which may be slow on a busy machine. */
const nextLifeLimitMs = 2_000;
const notAttached = 'No guardian is attached now. It is being started; try again in a moment.';
const lostAnswer =
  'The guardian went away before it answered. Look at the timeline to see what became of it.';

export type GuardianLinkEvent =
  | { readonly kind: 'status'; readonly pairs: readonly PairView[] }
  | { readonly kind: 'event'; readonly pairId: string; readonly event: FailoverEvent }
  /** No guardian is attached; it is tried again by itself. */
  | { readonly kind: 'detached'; readonly reason: string };

export interface AttachOptions extends StartOptions {
  readonly socket: string;
  /**
   * A secret that is configured as `{"app": true}`, by its name: the id of a gateway for its token, else one of
   * `secretNames`. Null while it is not known.
   */
  readonly credentials: (name: string) => Promise<string | null>;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface GuardianLink {
  on(listener: (event: GuardianLinkEvent) => void): () => void;
  /** Hands the secrets over again, after one of them changed. */
  refreshCredentials(): void;
  /** Asks for a change of a pair. Both the value and the error are words for people; the change itself comes as events. */
  command(pairId: string, command: PairCommandName): Promise<Result<string, string>>;
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
  /** Where commands can be given; null until the guardian proved to be ours. */
  let accepted: Socket | null = null;
  let wasWatched = false;
  const unanswered = new Map<string, (answer: Result<string, string>) => void>();

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
    const found =
      (await tryConnect(options.socket)) ?? (await waitForNextLife()) ?? (await startAndConnect());
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
      onAccepted: ({ wants, watched }) => {
        accepted = found;
        wasWatched = watched;
        refresh = () => void handOver(found, wants);
        refresh();
        if (!watched) started = startDetached(options); // it will watch the one that runs
      },
      onNews: (message) => {
        if (message.type === 'status') emit({ kind: 'status', pairs: message.pairs });
        else if (message.type === 'event')
          emit({ kind: 'event', pairId: message.pairId, event: message.event });
        else answer(message.id, message.ok ? ok(message.words) : fail(message.words));
      },
    });
    socket = null;
    accepted = null;
    if (parting.kind === 'replace' || parting.meant === true) wasWatched = false;
    refresh = () => undefined;
    for (const id of unanswered.keys()) answer(id, fail(lostAnswer));
    backoff.wasUpForMs(clock.bootMs() - sinceMs);
    if (parting.kind === 'replace' && parting.pid !== null) await waitForEnd(parting.pid, signal);
    return parting;
  };

  const handOver = async (to: Socket, wants: readonly string[]): Promise<void> => {
    for (const name of wants) {
      try {
        const secret = await options.credentials(name);
        // `to`, not whatever is connected by now (invariant 2).
        if (secret !== null && secret !== '') say(to, { type: 'credentials', name, secret });
      } catch (error) {
        logger.error('a secret could not be had', { name, error: errorText(error) });
      }
    }
  };

  const answer = (id: string, result: Result<string, string>): void => {
    unanswered.get(id)?.(result);
    unanswered.delete(id);
  };

  /** Connects to the next life of a guardian that has a watchdog. */
  const waitForNextLife = async (): Promise<Socket | null> => {
    const limitMs = clock.bootMs() + nextLifeLimitMs;
    while (wasWatched && !ended() && clock.bootMs() < limitMs) {
      const found = await tryConnect(options.socket);
      if (found !== null) return found;
      await delay(clock, pollMs, signal);
    }
    return null;
  };

  /** Starts a guardian and waits until it listens; words when it does not. */
  const startAndConnect = async (): Promise<Socket | string> => {
    let fresh = startDetached(options);
    started = fresh;
    const limitMs = clock.bootMs() + startLimitMs;
    while (!ended() && clock.bootMs() < limitMs) {
      await delay(clock, pollMs, signal);
      const found = await tryConnect(options.socket);
      if (found !== null) return found;
      const failure = fresh.failure();
      if (failure?.another === false) return failure.words;
      // A watchdog is there: its guardian is between two lives, or both are just ending.
      if (failure !== null) started = fresh = startDetached(options);
    }
    return `the guardian did not listen within ${startLimitMs / 1000} s; see ${options.logPath}`;
  };

  /** Ends whatever guardian listens, one that is between two lives or just starting included. */
  const endGuardian = async (): Promise<void> => {
    const limitMs = clock.bootMs() + endLimitMs;
    while (clock.bootMs() < limitMs) {
      const found = await tryConnect(options.socket);
      if (found !== null) {
        const pid = await askToEnd(found);
        if (pid !== null) await waitForEnd(pid);
        return;
      }
      if (!wasWatched && (started === null || started.failure() !== null)) return;
      await delay(clock, pollMs);
    }
    started?.end();
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
    command: (pairId, command) => {
      const to = accepted;
      if (to === null) return Promise.resolve(fail(notAttached));
      return new Promise((resolve) => {
        const id = options.random.id();
        unanswered.set(id, resolve);
        say(to, { type: 'command', id, pairId, command });
      });
    },
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
