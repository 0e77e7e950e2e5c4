/**
 * Keeps one guardian running: starts it, and starts it again when it dies.
 *
 * Invariants
 * 1. One watchdog per state folder, by a lock that the kernel frees; that there is one guardian is the guardian's own lock.
 * 2. A guardian that was asked to end is not started again, and its watchdog ends with it.
 * 3. A guardian that cannot start (wrong use, invalid configuration) is not tried again: its exit code is ours.
 * 4. A guardian that dies within seconds of its start is started again ever more slowly; one that ran longer at once.
 * 5. A watchdog that waited for another one's end does not take its place when that end was meant.
 * 6. A guardian that is already there, started by a watchdog that was killed, is watched over its socket until it goes.
 */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { createBackoff, delay, errorText } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import { followLines, say, tryConnect } from './conversation.node.ts';
import { exitCodes } from './exit-codes.ts';
import { parseServerMessage, protocolVersion } from './protocol.ts';
import { aliveEveryMs, parseWatchMessage } from './watch-channel.ts';

/** Far above any stall of a loaded machine: a frozen guardian harms nobody, its gateways' leases end by themselves. */
const frozenAfterMs = 15_000;
const endLimitMs = 5_000;
/** How long to wait for a watchdog that is just ending. */
const lockPatienceMs = 3_000;
const lockPollMs = 50;
const lockWaitMs = 1_000;

export interface WatchdogOptions {
  readonly stateDir: string;
  readonly socket: string;
  /** The guardian's command line, without the program. */
  readonly command: { readonly node: string; readonly arguments: readonly string[] };
  /** Wait as long as another watchdog runs. */
  readonly wait: boolean;
  readonly clock: Clock;
  readonly random: Random;
  readonly onLine: (line: Readonly<Record<string, unknown>>) => void;
}

/** Watches until it is told to stop or the guardian was; gives the exit code of the process. */
export async function runWatchdog(options: WatchdogOptions, signal: AbortSignal): Promise<number> {
  const { clock, random, stateDir } = options;
  const lock = await takeLock(options, signal);
  if (typeof lock === 'number') return lock;
  try {
    const code = await keepRunning(options, signal);
    if (code === exitCodes.ended) writeFileSync(endMark(stateDir), random.id()); // invariant 5
    return code;
  } catch (error) {
    options.onLine({ type: 'watchdog-failed', at: timestamp(clock), reason: errorText(error) });
    return exitCodes.failed;
  } finally {
    lock();
  }
}

/** A file whose content changes each time that a watchdog ends as somebody asked. */
function endMark(stateDir: string): string {
  return join(stateDir, 'watchdog.ended');
}

function readEndMark(stateDir: string): string {
  try {
    return readFileSync(endMark(stateDir), 'utf8');
  } catch {
    return ''; // nobody ended yet
  }
}

async function takeLock(
  { stateDir, wait, clock, onLine }: WatchdogOptions,
  signal: AbortSignal,
): Promise<(() => void) | number> {
  try {
    mkdirSync(stateDir, { recursive: true, mode: 0o700 });
    const mark = readEndMark(stateDir);
    const limitMs = clock.bootMs() + lockPatienceMs;
    let isWaiting = false;
    while (!signal.aborted) {
      const release = takeExclusiveLock(join(stateDir, 'watchdog.lock'));
      if (release !== null) {
        if (readEndMark(stateDir) === mark) return release;
        release(); // invariant 5
        return wait ? exitCodes.ended : exitCodes.running;
      }
      if (!wait && clock.bootMs() >= limitMs) return exitCodes.running;
      if (wait && !isWaiting)
        onLine({ type: 'watchdog-waiting', at: timestamp(clock), pid: process.pid });
      isWaiting = true;
      await delay(clock, wait ? lockWaitMs : lockPollMs, signal);
    }
    return exitCodes.ended;
  } catch {
    return exitCodes.cannotCreate;
  }
}

async function keepRunning(options: WatchdogOptions, signal: AbortSignal): Promise<number> {
  const { clock } = options;
  const backoff = createBackoff(
    { firstMs: 20, maxMs: 10_000, factor: 2, resetAfterUptimeMs: 2_000 },
    options.random,
  );
  const secrets = new Map<string, string>();
  const isStopped = (): boolean => signal.aborted;
  let everReady = false;
  while (!isStopped()) {
    const sinceMs = clock.bootMs();
    const found = await watchOther(options, signal);
    if (found === 'meant') return exitCodes.ended; // invariant 2
    if (found === 'none') {
      const end = await runOnce(options, secrets, signal);
      everReady ||= end.wasReady;
      if (end.code === exitCodes.ended) return exitCodes.ended;
      if (end.code === exitCodes.usage || end.code === exitCodes.config) return end.code;
      if (end.code === exitCodes.cannotCreate && !everReady) return end.code; // invariant 3
      if (!isStopped() && end.code !== exitCodes.running)
        options.onLine({
          type: 'guardian-died',
          at: timestamp(clock),
          code: end.code,
          signal: end.signal,
        });
    }
    backoff.wasUpForMs(clock.bootMs() - sinceMs);
    await delay(clock, backoff.nextDelayMs(), signal); // invariant 4
  }
  return exitCodes.ended;
}

/** Attaches to a guardian that somebody else started; tells how it went, `none` when there is none. */
async function watchOther(
  { socket: path, clock, onLine }: WatchdogOptions,
  signal: AbortSignal,
): Promise<'none' | 'gone' | 'meant'> {
  const socket = await tryConnect(path);
  if (socket === null) return 'none';
  return new Promise((resolve) => {
    let outcome: 'gone' | 'meant' = 'gone';
    let cancelLimit = (): void => undefined;
    const stop = (): void => {
      outcome = 'meant';
      say(socket, { type: 'stop' });
      cancelLimit = clock.after(endLimitMs, () => socket.destroy());
    };
    followLines(socket, (line) => {
      const message = parseServerMessage(line);
      if (message.ok && message.value.type === 'ending') outcome = 'meant';
    });
    socket.on('error', () => undefined);
    socket.on('close', () => {
      cancelLimit();
      signal.removeEventListener('abort', stop);
      resolve(outcome);
    });
    say(socket, { type: 'hello', protocol: protocolVersion }, { type: 'watch' });
    onLine({ type: 'watchdog-attached', at: timestamp(clock), pid: process.pid });
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
}

interface End {
  readonly code: number | null;
  readonly signal: string | null;
  readonly wasReady: boolean;
}

/** One life of a guardian. */
function runOnce(
  { command, clock }: WatchdogOptions,
  secrets: Map<string, string>,
  signal: AbortSignal,
): Promise<End> {
  return new Promise((resolve) => {
    const child = spawn(command.node, command.arguments, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      windowsHide: true,
    });
    let wasReady = false;
    /** Our own ticks since it was last heard: time that we sleep through does not count against it. */
    let silentTicks = 0;
    let cancelTick = (): void => undefined;
    let cancelKill = (): void => undefined;

    const tick = (): void => {
      silentTicks += 1;
      if (wasReady && silentTicks * aliveEveryMs > frozenAfterMs) child.kill('SIGKILL');
      cancelTick = clock.after(aliveEveryMs, tick);
    };
    const end = (): void => {
      child.kill('SIGTERM');
      cancelKill = clock.after(endLimitMs, () => child.kill('SIGKILL'));
    };
    const settle = (code: number | null, ended: string | null): void => {
      cancelTick();
      cancelKill();
      signal.removeEventListener('abort', end);
      resolve({ code, signal: ended, wasReady });
    };

    child.on('message', (value) => {
      const message = parseWatchMessage(value);
      silentTicks = 0;
      if (message?.type === 'ready') wasReady = true;
      if (message?.type === 'secret') secrets.set(message.name, message.secret);
    });
    child.on('error', (error) => settle(null, error.message));
    child.on('exit', settle);
    for (const [name, secret] of secrets) tell(child, name, secret);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    tick();
  });
}

function tell(child: ChildProcess, name: string, secret: string): void {
  child.send({ type: 'secret', name, secret }, () => undefined);
}

function timestamp(clock: Clock): string {
  return new Date(clock.wallMs()).toISOString();
}
