/** The guardian as a process: signals, output, and the channel to the watchdog that started it. */
import { spawn } from 'node:child_process';

import { createLogger, errorText, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { readGuardianConfig } from '../config.node.ts';
import type { GuardianConfig } from '../model.ts';
import type { Invocation } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { startGuardian } from './guardian.node.ts';
import type { Guardian } from './guardian.node.ts';
import { openLogFile } from './log-file.node.ts';
import type { LineSink } from './log-file.node.ts';
import { ended } from './signals.node.ts';
import { aliveEveryMs, parseWatchMessage } from './watch-channel.ts';
import type { WatchMessage } from './watch-channel.ts';

type Run = Extract<Invocation, { kind: 'run' }>;

/** How long after the loss of its watchdog the guardian starts another: one that is asked to end goes first. */
const rewatchMs = 1_000;

/** Guards until it is asked to end; gives the exit code. */
export async function runGuardian(run: Run): Promise<number> {
  const config = readGuardianConfig(run.config);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    return exitCodes.config;
  }
  const out = run.log === null ? standardOutput() : openLogFile(run.log, { rotate: true });
  try {
    return await guard(run, config.value, out);
  } catch (error) {
    process.stderr.write(`The guardian failed: ${errorText(error)}\n`);
    return exitCodes.failed;
  } finally {
    await out.close();
  }
}

async function guard(run: Run, config: GuardianConfig, out: LineSink): Promise<number> {
  const clock = systemClock();
  const writeLine = (line: Readonly<Record<string, unknown>>): void =>
    out.write(JSON.stringify(line));
  const timestamp = (): string => new Date(clock.wallMs()).toISOString();
  const signalled = ended();
  const watcher = run.watched ? openWatcherChannel(run) : null;

  const started = await startGuardian(config, {
    clock,
    random: systemRandom(),
    logger: createLogger('guardian', clock.wallMs, [
      ({ at, fields, ...entry }) =>
        writeLine({ type: 'log', at: new Date(at).toISOString(), ...entry, ...fields }),
    ]),
    environment: process.env,
    isWatched: () => watcher?.isThere() === true,
    onSecret: (name, secret) => watcher?.say({ type: 'secret', name, secret }),
    onEvent: (pairId, event) =>
      writeLine({ type: 'event', at: new Date(event.atMs).toISOString(), pairId, ...event }),
  });
  if (!started.ok) {
    process.stderr.write(`The guardian did not start: ${started.error.words}\n`);
    return started.error.code === 'running' ? exitCodes.running : exitCodes.cannotCreate;
  }
  watcher?.attach(started.value);
  writeLine({
    type: 'started',
    at: timestamp(),
    pid: process.pid,
    socket: config.socket,
    pairs: config.pairs.map((pair) => pair.id),
  });
  const reason = await Promise.race([
    signalled,
    started.value.stopAsked.then(() => 'asked over the socket'),
  ]);
  watcher?.detach();
  await started.value.stop();
  writeLine({ type: 'stopped', at: timestamp(), reason });
  return exitCodes.ended;
}

function standardOutput(): LineSink {
  return {
    write: (line) => process.stdout.write(`${line}\n`),
    close: () => Promise.resolve(),
  };
}

interface WatcherChannel {
  isThere(): boolean;
  say(message: WatchMessage): void;
  /** The guardian is up: tells so, takes in what the watchdog kept for it, and beats from now on. */
  attach(guardian: Guardian): void;
  /** It ends on purpose: the watchdog is not replaced any more. */
  detach(): void;
}

/** What came before the guardian was up is kept for it. */
function openWatcherChannel(run: Run): WatcherChannel {
  const early: { readonly name: string; readonly secret: string }[] = [];
  let guardian: Guardian | null = null;
  let beating: NodeJS.Timeout | null = null;
  let leaving = false;

  const say = (message: WatchMessage): void => {
    if (process.connected) process.send?.(message, undefined, undefined, () => undefined);
  };
  process.on('message', (value) => {
    const message = parseWatchMessage(value);
    if (message?.type !== 'secret') return;
    if (guardian === null) early.push(message);
    else guardian.takeSecret(message.name, message.secret);
  });
  process.on('disconnect', () => {
    setTimeout(() => {
      if (!leaving) startWatchdog(run);
    }, rewatchMs).unref();
  });

  return {
    isThere: () => process.connected,
    say,
    attach: (up) => {
      guardian = up;
      for (const { name, secret } of early) up.takeSecret(name, secret);
      say({ type: 'ready' });
      beating = setInterval(() => say({ type: 'alive' }), aliveEveryMs);
      beating.unref();
    },
    detach: () => {
      leaving = true;
      if (beating !== null) clearInterval(beating);
    },
  };
}

/** Ours was killed: another one watches over the guardian that already runs. */
function startWatchdog(run: Run): void {
  const [, entry = ''] = process.argv;
  const log = run.log === null ? [] : ['--log', run.log];
  const words = [...process.execArgv, entry, '--config', run.config, '--watch', ...log];
  const child = spawn(process.execPath, words, {
    detached: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    windowsHide: true,
  });
  child.on('error', () => undefined); // nothing more can be done here; the app starts one when it attaches
  child.unref();
}
