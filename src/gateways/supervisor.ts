/**
 * Runs the gateways that are ours: starts their processes, starts them again when they end, and stops them.
 *
 * The processes are detached and outlive this one; what an earlier run left alive is adopted, never doubled.
 *
 * Invariants
 * 1. One gateway's steps run one after the other (`queue`); a step that `stop` overtook does nothing more (`wanted`).
 * 2. At most one process per gateway: before a start, a live one of an earlier run is adopted or ended and waited for.
 * 3. Exit code 78 (configuration) is repaired once per `start`, then left to a person.
 * 4. Three ends in a row that each came within 60 s of their start are a crash loop: left to a person.
 * 5. A process is ended with SIGTERM and 20 s of patience; SIGKILL is for what does not answer.
 * 6. The token is in the vault before a process gets it; a process whose token the vault lost is replaced.
 */
import { createBackoff, createEmitter, delay, errorText } from '../base/index.ts';
import type { Backoff, Clock, Logger, Random } from '../base/index.ts';
import type { SecretVault } from '../store/index.ts';
import { gatewayTokenName, type ManagedGateway, type ProcessState } from './model.ts';
import type { HostedProcess, ProcessExit, ProcessHost } from './ports.ts';

export interface SupervisorOptions {
  readonly host: ProcessHost;
  readonly vault: SecretVault;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Supervisor {
  /** Wants this gateway to run; resolves when its process was started or adopted, or could not be. Forgets earlier failures. */
  start(
    gateway: ManagedGateway,
    options?: { readonly restart?: 'always' | 'never' },
  ): Promise<ProcessState>;
  /** Ends the process and leaves it ended; resolves when it is gone. */
  stop(gatewayId: string): Promise<void>;
  state(gatewayId: string): ProcessState;
  onState(
    listener: (change: { readonly gatewayId: string; readonly state: ProcessState }) => void,
  ): () => void;
  /** Ends every process, at the same time. */
  stopAll(): Promise<void>;
  /** Stops watching and leaves the processes running, for the next run of the app to adopt. */
  release(): void;
}

interface Entry {
  gateway: ManagedGateway;
  restart: 'always' | 'never';
  state: ProcessState;
  process: HostedProcess | null;
  wanted: boolean;
  quickEnds: number;
  repaired: boolean;
  backoff: Backoff;
  queue: Promise<unknown>;
  cancelRetry: () => void;
}

const configExitCode = 78;
const quickEndMs = 60_000;
const quickEndLimit = 3;
const stopPatienceMs = 20_000;
const livePollMs = 400;
const portRetryMs = 5_000;

/** Makes a supervisor that runs nothing yet. */
export function createSupervisor(options: SupervisorOptions): Supervisor {
  const { host, vault, clock, logger } = options;
  const entries = new Map<string, Entry>();
  const states = createEmitter<{ readonly gatewayId: string; readonly state: ProcessState }>();

  function enter(entry: Entry, state: Unstamped): void {
    entry.state = { ...state, sinceMs: clock.wallMs() };
    logger.info('process', {
      gateway: entry.gateway.id,
      phase: state.phase,
      detail: state.phase === 'failed' ? `${state.reason}: ${state.detail}` : '',
    });
    states.emit({ gatewayId: entry.gateway.id, state: entry.state });
  }

  /** Runs a step after the ones before it (invariant 1). A step that throws is a bug of ours, shown as a failed process. */
  function inTurn<T>(entry: Entry, step: () => Promise<T>): Promise<T | undefined> {
    const turn = entry.queue.then(step).catch((error: unknown) => {
      logger.error('a step failed', { gateway: entry.gateway.id, error: errorText(error) });
      enter(entry, {
        phase: 'failed',
        reason: 'exited',
        detail: errorText(error),
        retryAtMs: null,
      });
      return undefined;
    });
    entry.queue = turn;
    return turn;
  }

  function retry(entry: Entry, delayMs: number): number {
    const wholeMs = Math.round(delayMs);
    entry.cancelRetry();
    entry.cancelRetry = clock.after(wholeMs, () => void inTurn(entry, () => launch(entry)));
    return clock.wallMs() + wholeMs;
  }

  async function launch(entry: Entry): Promise<void> {
    const { gateway } = entry;
    entry.cancelRetry();
    if (!entry.wanted || entry.process !== null) return;
    const missing = host.missingRuntime();
    if (missing !== null) {
      enter(entry, { phase: 'failed', reason: 'no-runtime', detail: missing, retryAtMs: null });
      return;
    }
    enter(entry, { phase: 'starting' });
    let token = await vault.get(gatewayTokenName(gateway.id));
    const earlier = await host.findRunning(gateway);
    if (earlier !== null && earlier.current && token !== null) {
      watch(entry, earlier.process, true);
      return;
    }
    if (earlier !== null) await end(earlier.process); // invariants 2 and 6
    if (!(await host.portIsFree(gateway.port))) {
      const retryAtMs = entry.restart === 'always' ? retry(entry, portRetryMs) : null;
      enter(entry, {
        phase: 'failed',
        reason: 'port-in-use',
        detail: `127.0.0.1:${gateway.port}`,
        retryAtMs,
      });
      return;
    }
    if (token === null) {
      token = `${options.random.id()}${options.random.id()}`.replaceAll('-', '');
      await vault.set(gatewayTokenName(gateway.id), token);
    }
    await host.prepare(gateway);
    watch(entry, await host.start(gateway, token), false);
  }

  function watch(entry: Entry, process: HostedProcess, adopted: boolean): void {
    const startedBootMs = clock.bootMs();
    entry.process = process;
    void process.exited.then((exit) => {
      if (entry.process !== process) return;
      entry.process = null;
      void inTurn(entry, () => ended(entry, exit, clock.bootMs() - startedBootMs));
    });
    void announceWhenLive(entry, process, adopted);
  }

  async function announceWhenLive(
    entry: Entry,
    process: HostedProcess,
    adopted: boolean,
  ): Promise<void> {
    const isStarting = (): boolean =>
      entry.process === process && entry.wanted && entry.state.phase === 'starting';
    while (isStarting()) {
      const isLive = await host.isLive(entry.gateway);
      if (!isLive) await delay(clock, livePollMs);
      else if (isStarting()) enter(entry, { phase: 'running', pid: process.pid, adopted });
    }
  }

  async function ended(entry: Entry, exit: ProcessExit, uptimeMs: number): Promise<void> {
    const { gateway } = entry;
    if (!entry.wanted) return; // `stop` waits for the end itself
    const log = host.logPath(gateway.id);
    if (exit.code === configExitCode) {
      const token = await vault.get(gatewayTokenName(gateway.id));
      const repair = !entry.repaired && token !== null;
      entry.repaired = true; // invariant 3
      if (repair) enter(entry, { phase: 'starting' });
      if (repair && (await host.repair(gateway, token))) await launch(entry);
      else enter(entry, { phase: 'failed', reason: 'config', detail: log, retryAtMs: null });
      return;
    }
    entry.backoff.wasUpForMs(uptimeMs);
    entry.quickEnds = uptimeMs < quickEndMs ? entry.quickEnds + 1 : 0;
    if (entry.quickEnds >= quickEndLimit) {
      enter(entry, { phase: 'failed', reason: 'crash-loop', detail: log, retryAtMs: null }); // invariant 4
      return;
    }
    const retryAtMs = entry.restart === 'always' ? retry(entry, entry.backoff.nextDelayMs()) : null;
    enter(entry, { phase: 'failed', reason: 'exited', detail: exitWords(exit), retryAtMs });
  }

  /** Invariant 5. */
  async function end(process: HostedProcess): Promise<void> {
    process.signal('SIGTERM');
    const gone = new AbortController();
    void process.exited.then(() => {
      gone.abort();
    });
    await delay(clock, stopPatienceMs, gone.signal);
    if (!gone.signal.aborted) process.signal('SIGKILL');
    await process.exited;
  }

  async function stop(entry: Entry): Promise<void> {
    entry.wanted = false;
    entry.cancelRetry();
    await inTurn(entry, async () => {
      if (entry.wanted) return; // started again meanwhile
      const { process } = entry;
      if (process !== null) {
        enter(entry, { phase: 'stopping' });
        await end(process);
        entry.process = null;
      }
      enter(entry, { phase: 'stopped' });
    });
  }

  return {
    start: async (gateway, startOptions = {}) => {
      const known = entries.get(gateway.id);
      const entry: Entry = known ?? {
        gateway,
        restart: 'always',
        state: { phase: 'stopped', sinceMs: clock.wallMs() },
        process: null,
        wanted: true,
        quickEnds: 0,
        repaired: false,
        backoff: freshBackoff(options.random),
        queue: Promise.resolve(),
        cancelRetry: () => undefined,
      };
      entries.set(gateway.id, entry);
      entry.gateway = gateway;
      entry.restart = startOptions.restart ?? 'always';
      entry.wanted = true;
      entry.quickEnds = 0;
      entry.repaired = false;
      entry.backoff = freshBackoff(options.random);
      await inTurn(entry, () => launch(entry));
      return entry.state;
    },
    stop: async (gatewayId) => {
      const entry = entries.get(gatewayId);
      if (entry !== undefined) await stop(entry);
    },
    state: (gatewayId) => entries.get(gatewayId)?.state ?? { phase: 'stopped', sinceMs: 0 },
    onState: (listener) => states.on(listener),
    stopAll: async () => {
      await Promise.all([...entries.values()].map(stop));
    },
    release: () => {
      for (const entry of entries.values()) {
        entry.wanted = false;
        entry.cancelRetry();
        entry.process = null;
      }
    },
  };
}

type Unstamped = ProcessState extends infer State
  ? State extends ProcessState
    ? Omit<State, 'sinceMs'>
    : never
  : never;

function freshBackoff(random: Random): Backoff {
  return createBackoff(
    { firstMs: 1_000, maxMs: 30_000, factor: 2, resetAfterUptimeMs: quickEndMs },
    random,
  );
}

function exitWords(exit: ProcessExit): string {
  if (exit.signal !== null) return `ended by ${exit.signal}`;
  return exit.code === null ? 'it is gone' : `exit code ${exit.code}`;
}
