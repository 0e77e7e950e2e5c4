/**
 * The guardian: guards the pairs of one configuration and tells whoever attaches.
 *
 * Invariants
 * 1. One guardian per state folder: a lock that the kernel frees is held from before the first check to the end.
 * 2. Secrets live in memory, here and in the clients that use them; never in an event, a view, a log or an argument.
 * 3. Whether an app is attached changes nothing about what is guarded.
 * 4. It starts whole or not at all.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { createEmitter, createLifetime, errorText, fail, ok } from '../../base/index.ts';
import type { Clock, Lifetime, Logger, Random, Result } from '../../base/index.ts';
import type { FailoverEvent, PairCommandName } from '../../shared/index.ts';
import { configHash } from '../config.node.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { GuardianConfig, PairConfig, StartFailure } from '../model.ts';
import { guardPair } from '../pair/driver.ts';
import type { GuardedPair } from '../pair/driver.ts';
import { createStallMeter } from '../stall-meter.ts';
import { openControlSocket } from './control-socket.node.ts';
import { createDrill } from './drill.ts';
import type { Drill } from './drill.ts';
import { openEpochMemory } from './epochs.node.ts';
import { measuredProbe, measuredRegister } from './measured.ts';
import { serveMetrics } from './metrics-server.node.ts';
import { createMetrics } from './metrics.ts';
import type { Metrics } from './metrics.ts';
import { openPairParts } from './pair-parts.node.ts';
import type { OpenPairParts, PairParts } from './pair-parts.node.ts';
import { perform } from './perform.ts';
import { protocolVersion } from './protocol.ts';
import type { ServerMessage } from './protocol.ts';
import { openSecrets } from './secrets.node.ts';

/** Views that only differ in the figures of their checks are sent at most this often. */
const statusPauseMs = 1_000;
/** How often the lateness of our own timers is counted. */
const latenessEveryMs = 500;

export interface GuardianPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** The environment that `{"env": NAME}` secrets are looked up in. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (pairId: string, event: FailoverEvent) => void;
  /** A secret came from the app that will be needed again after a restart. */
  readonly onSecret?: (name: string, secret: string) => void;
  /** A watchdog started this process. */
  readonly isWatched?: () => boolean;
  /** Replaces registers, fences, eyes and links in tests. */
  readonly openParts?: OpenPairParts;
}

export interface Guardian {
  /** Settles when somebody asked, over the socket, that it ends. */
  readonly stopAsked: Promise<void>;
  /** Takes in a secret as from the app. */
  takeSecret(name: string, secret: string): void;
  stop(): Promise<void>;
}

/** A pair that is guarded, and who wants to know of its changes. */
interface Guarded {
  readonly pair: GuardedPair;
  readonly parts: PairParts;
  readonly drill: Drill;
  readonly onChange: (listener: () => void) => () => void;
}

/** Starts to guard. */
export async function startGuardian(
  config: GuardianConfig,
  ports: GuardianPorts,
): Promise<Result<Guardian, StartFailure>> {
  const lifetime = createLifetime();
  const started = await startIn(lifetime, config, ports);
  if (!started.ok) await lifetime.stop(); // invariant 4
  return started;
}

async function startIn(
  lifetime: Lifetime,
  config: GuardianConfig,
  ports: GuardianPorts,
): Promise<Result<Guardian, StartFailure>> {
  const { clock } = ports;
  const locked = lockStateFolder(config.stateDir);
  if (!locked.ok) return locked;
  lifetime.add(locked.value);

  const secrets = openSecrets(config, ports.environment);
  const metrics = createMetrics();
  const stalls = createStallMeter(clock);
  lifetime.add(() => stalls.stop());
  const guarded: Guarded[] = [];
  const startedAtMs = clock.bootMs();
  let askStop = (): void => undefined;
  const stopAsked = new Promise<void>((resolve) => (askStop = resolve));
  let revision = 0;
  const status = (): ServerMessage => ({
    type: 'status',
    revision,
    pairs: guarded.map(({ pair, drill }) => ({ ...pair.view(), drill: drill.view() })),
  });

  const takeSecret = (name: string, secret: string): void => {
    if (!secrets.take(name, secret)) return;
    ports.onSecret?.(name, secret);
    for (const { pair } of guarded) pair.credentialsArrived(name);
  };
  const command = async (
    pairId: string,
    name: PairCommandName,
  ): Promise<Result<string, string>> => {
    const found = guarded.find(({ pair }) => pair.id === pairId);
    const outcome =
      found === undefined
        ? fail(`There is no pair “${pairId}” here.`)
        : await perform(found.pair, name, found.drill, { clock, onChange: found.onChange });
    const result = outcome.ok ? 'done' : 'refused';
    metrics.count('switchyard_commands_total', { command: name, result });
    return outcome;
  };

  const opened = await openControlSocket(config.socket, {
    greet: () => [
      {
        type: 'hello',
        protocol: protocolVersion,
        pid: process.pid,
        configHash: configHash(config),
        wants: secrets.wanted,
        watched: ports.isWatched?.() === true || socket.watchers() > 0,
      },
      status(),
    ],
    onSecret: takeSecret,
    onCommand: command,
    onStop: () => askStop(),
  });
  if (!opened.ok) return opened;
  const socket = opened.value;
  lifetime.add(() => socket.close());

  if (config.metrics !== null) {
    const served = await serveMetrics(config.metrics, () =>
      metrics.text({
        bootMs: clock.bootMs(),
        startedAtMs,
        pairs: guarded.map(({ pair, parts }) => ({
          view: pair.view(),
          peer: parts.link?.state() ?? null,
        })),
      }),
    );
    if (!served.ok) return served;
    lifetime.add(() => served.value.close());
  }
  lifetime.add(countLateness(clock, metrics));

  let cancelStatus: (() => void) | null = null;
  const sendStatus = (): void => {
    cancelStatus?.();
    cancelStatus = null;
    revision += 1;
    socket.broadcast(status());
  };
  lifetime.add(() => cancelStatus?.());

  const openParts = ports.openParts ?? openPairParts;
  for (const pairConfig of config.pairs) {
    const parts = openParts(pairConfig, {
      stateDir: config.stateDir,
      secret: (name) => secrets.read(name),
      clock,
      random: ports.random,
      logger: ports.logger,
    });
    if (!parts.ok) return parts;
    lifetime.add(() => parts.value.close());
    const epochs = openEpochMemory(config.stateDir, pairConfig.id);
    if (!epochs.ok) return fail({ code: 'cannot-create', words: epochs.error });
    const changes = createEmitter<undefined>();
    const changed = (): void => {
      cancelStatus ??= clock.after(statusPauseMs, sendStatus);
      changes.emit(undefined);
    };
    const pair: GuardedPair = guardPair(pairConfig, {
      clock,
      stalls,
      ...measured(pairConfig, parts.value, metrics, clock),
      fence: parts.value.fence,
      peer: parts.value.link,
      followers: parts.value.followers,
      carriers: parts.value.openCarriers({
        onChange: changed,
        onConflict: (gatewayId, reason) => pair.note({ kind: 'error', gatewayId, reason }),
      }),
      epochs: epochs.value,
      onEvent: (event) => {
        metrics.count('switchyard_events_total', { pair: pairConfig.id, kind: event.kind });
        ports.onEvent(pairConfig.id, event);
        socket.broadcast({ type: 'event', pairId: pairConfig.id, event });
        cancelStatus?.();
        cancelStatus = clock.after(0, sendStatus);
      },
      onChange: changed,
    });
    lifetime.add(() => pair.stop());
    const onChange: Guarded['onChange'] = (listener) => changes.on(listener);
    const drill = createDrill(pair, { clock, onChange, onProgress: changed });
    guarded.push({ pair, parts: parts.value, drill, onChange });
  }

  return ok({
    stopAsked,
    takeSecret,
    stop: async () => {
      await lifetime.stop();
    },
  });
}

function measured(
  pair: PairConfig,
  parts: PairParts,
  metrics: Metrics,
  clock: Clock,
): Pick<PairParts, 'register' | 'openProbe'> {
  return {
    register: (gatewayId) => measuredRegister(parts.register(gatewayId), pair.id, metrics, clock),
    openProbe: (member, local, onReset) =>
      measuredProbe(parts.openProbe(member, local, onReset), pair.id, member, metrics),
  };
}

/** Samples how late this process's timers run. */
function countLateness(clock: Clock, metrics: Metrics): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    const dueMs = clock.bootMs() + latenessEveryMs;
    cancel = clock.after(latenessEveryMs, () => {
      metrics.observe('switchyard_timer_lateness_seconds', {}, Math.max(0, clock.bootMs() - dueMs));
      arm();
    });
  };
  arm();
  return () => cancel();
}

function lockStateFolder(stateDir: string): Result<() => void, StartFailure> {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const release = takeExclusiveLock(join(stateDir, 'guardian.lock'));
    if (release !== null) return ok(release);
    return fail({
      code: 'running',
      words: `another guardian runs with the state folder ${stateDir}`,
    });
  } catch (error) {
    return fail({
      code: 'cannot-create',
      words: `${stateDir} cannot be used as state folder (${errorText(error)})`,
    });
  }
}
