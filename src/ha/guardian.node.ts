/**
 * The guardian: guards the pairs of one configuration and tells whoever attaches.
 *
 * Invariants
 * 1. One guardian per state folder: a lock that the kernel frees is held from before the first check to the end.
 * 2. Tokens live in memory, here and in the client that uses them; never in an event, a view, a log or an argument.
 * 3. Whether an app is attached changes nothing about what is guarded.
 * 4. It starts whole or not at all.
 */
import { mkdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { createLifetime, errorText, fail, ok } from '../base/index.ts';
import type { Clock, Random, Result } from '../base/index.ts';
import type { FailoverEvent } from '../shared/index.ts';
import { configHash } from './config.node.ts';
import { openControlSocket } from './control-socket.node.ts';
import { takeExclusiveLock } from './exclusive-lock.node.ts';
import type { GuardianConfig, MemberConfig, PairConfig, StartFailure } from './model.ts';
import { guardPair } from './pair-driver.ts';
import type { GuardedPair } from './pair-driver.ts';
import type { OpenProbe, Register } from './ports.ts';
import { openGatewayProbe } from './probe.node.ts';
import { protocolVersion } from './protocol.ts';
import type { ServerMessage } from './protocol.ts';
import { registerPath } from './register-record.node.ts';
import { fileRegister } from './register.node.ts';
import { createStallMeter } from './stall-meter.ts';

/** Views that only differ in the figures of their checks are sent at most this often. */
const statusPauseMs = 1_000;

export interface GuardianPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** The environment that `{"env": NAME}` tokens are looked up in. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onEvent: (pairId: string, event: FailoverEvent) => void;
  /** Replaces the real eyes and registers in tests. */
  readonly openProbe?: OpenProbe;
  readonly openRegister?: (pair: PairConfig) => Register;
}

export interface Guardian {
  /** Settles when somebody asked, over the socket, that it ends. */
  readonly stopAsked: Promise<void>;
  stop(): Promise<void>;
}

/** Starts to guard. */
export async function startGuardian(
  config: GuardianConfig,
  ports: GuardianPorts,
): Promise<Result<Guardian, StartFailure>> {
  const { clock } = ports;
  const lifetime = createLifetime();
  const locked = lockStateFolder(config.stateDir);
  if (!locked.ok) return locked;
  lifetime.add(locked.value);

  const fromApp = new Map<string, string>();
  const guardedPairs: GuardedPair[] = [];
  let askStop = (): void => undefined;
  const stopAsked = new Promise<void>((resolve) => (askStop = resolve));
  let revision = 0;
  const status = (): ServerMessage => ({
    type: 'status',
    revision,
    pairs: guardedPairs.map((pair) => pair.view()),
  });

  const opened = await openControlSocket(config.socket, {
    greet: () => [
      {
        type: 'hello',
        protocol: protocolVersion,
        pid: process.pid,
        configHash: configHash(config),
        wants: wantedFromApp(config),
      },
      status(),
    ],
    onCredentials: (gatewayId, token) => {
      if (!wantedFromApp(config).includes(gatewayId)) return;
      fromApp.set(gatewayId, token);
      for (const pair of guardedPairs) pair.credentialsArrived(gatewayId);
    },
    onStop: () => askStop(),
  });
  if (!opened.ok) {
    await lifetime.stop();
    return opened;
  }
  const socket = opened.value;
  lifetime.add(() => socket.close());

  let cancelStatus: (() => void) | null = null;
  const sendStatus = (): void => {
    cancelStatus?.();
    cancelStatus = null;
    revision += 1;
    socket.broadcast(status());
  };
  lifetime.add(() => cancelStatus?.());

  const stalls = createStallMeter(clock);
  lifetime.add(() => stalls.stop());
  const tokenOf = (member: MemberConfig) => () => readToken(member, fromApp, ports.environment);
  const openProbe: OpenProbe =
    ports.openProbe ??
    ((member, onReset) =>
      openGatewayProbe({ member, token: tokenOf(member), onReset, clock, random: ports.random }));
  const openRegister =
    ports.openRegister ?? ((pair) => fileRegister(registerPath(config.stateDir, pair.id), clock));

  for (const pair of config.pairs) {
    const guarded = guardPair(pair, {
      clock,
      stalls,
      openProbe,
      register: openRegister(pair),
      onEvent: (event) => {
        ports.onEvent(pair.id, event);
        socket.broadcast({ type: 'event', pairId: pair.id, event });
        cancelStatus?.();
        cancelStatus = clock.after(0, sendStatus);
      },
      onChange: () => {
        cancelStatus ??= clock.after(statusPauseMs, sendStatus);
      },
    });
    lifetime.add(() => guarded.stop());
    guardedPairs.push(guarded);
  }

  return ok({
    stopAsked,
    stop: async () => {
      await lifetime.stop();
    },
  });
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

function wantedFromApp(config: GuardianConfig): string[] {
  return config.pairs
    .flatMap((pair) => [pair.primary, pair.standby])
    .filter((member) => member.token !== undefined && 'app' in member.token)
    .map((member) => member.id);
}

async function readToken(
  member: MemberConfig,
  fromApp: ReadonlyMap<string, string>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<string | null> {
  const { token } = member;
  if (token === undefined) return null;
  if ('app' in token) return fromApp.get(member.id) ?? null;
  if ('env' in token) return emptyToNull(environment[token.env] ?? '');
  try {
    return emptyToNull(await readFile(token.file, 'utf8'));
  } catch {
    return null; // the probe says that there is no token in the file
  }
}

function emptyToNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}
