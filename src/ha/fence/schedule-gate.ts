/**
 * Holds the gateway's own schedule still while it may not act: a job that runs a command asks no hook.
 *
 * Invariants
 * 1. The schedule is paused and let go only when what may happen changes: a renewal does not undo a pause of the gateway's own.
 * 2. Nothing thrown by a scheduler reaches the fence; one that cannot be paused is told of.
 * 3. It is let go only while the gateway may act at that very moment.
 * 4. A scheduler that was built switched off (the gateway started while it might not act) is switched on, not just let go.
 */
import { errorText } from '../../base/index.ts';

/** OpenClaw's scheduler, as far as it is used here (2026.9.6; its published types leave some of it out). */
export interface Scheduler {
  pauseScheduling(): void;
  resumeScheduling(): void;
  status(): Promise<{ readonly enabled: boolean }>;
  list(options?: { readonly includeDisabled: true }): Promise<readonly ScheduledJob[]>;
  add(job: object): Promise<unknown>;
  /** A job whose next run is unset gets the next one from now on. */
  update(id: string, patch: object): Promise<unknown>;
  remove(id: string): Promise<unknown>;
}

export interface ScheduledJob {
  readonly id: string;
  readonly name?: string;
  readonly enabled?: boolean;
  readonly declarationKey?: string;
  readonly schedule: { readonly kind: string };
  readonly state: { readonly nextRunAtMs?: number; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/** What outlives a reload of the plugin's code: OpenClaw does not tell of its scheduler again then. */
export interface ScheduleMemory {
  scheduler: Scheduler | null;
  state: 'running' | 'paused' | 'resuming';
  /** Why the schedule does not run though it should, in words; empty: nothing is wrong. */
  problem: string;
}

/** A gateway whose scheduler is yet to be told of. */
export function newScheduleMemory(): ScheduleMemory {
  return { scheduler: null, state: 'running', problem: '' };
}

export interface ScheduleGatePorts {
  readonly acting: () => boolean;
  readonly wallMs: () => number;
  /** Comes on duty now: until when (wall milliseconds) the other gateway may have run what came due; -Infinity: it never did. */
  readonly othersUntilMs: (nowMs: number) => number;
  /** Starts a scheduler that was built switched off; `off`: it is a person's choice. */
  readonly switchOn: (scheduler: Scheduler) => Promise<'on' | 'off'>;
  readonly warn: (message: string) => void;
}

export interface ScheduleGate {
  /** The gateway has a scheduler now, or another one: the context of its `cron_reconciled`. */
  found(context: unknown): void;
  /** Brings the schedule in line with whether the gateway may act. */
  follow(): void;
}

/** Kept as the last error of a job that was not run, for people. */
export const passedOverWords =
  'Passed over: the other gateway of the pair may have run it before it stopped.';

/** Builds the gate of one gateway. */
export function createScheduleGate(memory: ScheduleMemory, ports: ScheduleGatePorts): ScheduleGate {
  const { acting, warn } = ports;

  const resume = async (scheduler: Scheduler): Promise<void> => {
    memory.state = 'resuming';
    let enabled = true;
    try {
      const nowMs = ports.wallMs();
      await passOver(scheduler, nowMs, ports.othersUntilMs(nowMs));
      ({ enabled } = await scheduler.status());
    } catch (error) {
      warn(`jobs that came due while this gateway was fenced may run now: ${errorText(error)}`);
    }
    if (memory.scheduler !== scheduler) return;
    memory.state = 'paused';
    if (!acting()) return;
    scheduler.resumeScheduling();
    memory.state = 'running';
    memory.problem = '';
    if (enabled) return;
    try {
      if ((await ports.switchOn(scheduler)) === 'off')
        memory.problem = 'its configuration has the schedule switched off (cron.enabled)';
    } catch (error) {
      memory.problem = `its schedule could not be started: ${errorText(error)}. Restart this gateway`;
      warn(memory.problem);
    }
  };

  /** A scheduler that is found while the gateway may act, and was built before it might. */
  const inspect = async (scheduler: Scheduler): Promise<void> => {
    const { enabled } = await scheduler.status();
    const isStill = memory.scheduler === scheduler && memory.state === 'running' && acting();
    if (!enabled && isStill) await resume(scheduler);
  };

  const failed = (error: unknown): void =>
    warn(`the schedule did not follow the lease: ${errorText(error)}`);
  const follow = (): void => {
    const { scheduler, state } = memory;
    if (scheduler === null) return;
    try {
      if (!acting() && state === 'running') {
        scheduler.pauseScheduling();
        memory.state = 'paused';
      } else if (acting() && state === 'paused') resume(scheduler).catch(failed);
    } catch (error) {
      failed(error); // invariant 2
    }
  };

  return {
    found: (context) => {
      memory.scheduler = schedulerOf(context);
      memory.state = 'running';
      if (memory.scheduler === null) {
        memory.problem = 'this gateway does not show its schedule';
        warn('this gateway does not show its schedule: jobs that run commands are not held back');
      }
      follow();
      if (memory.scheduler !== null && acting()) inspect(memory.scheduler).catch(failed);
    },
    follow,
  };
}

/**
 * Jobs that came due while the gateway was fenced, at a time when the other one may have run them: recurring ones run at their
 * next time, one-shots wait for a person. What came due later nobody can have run: it runs now.
 */
async function passOver(scheduler: Scheduler, nowMs: number, othersUntilMs: number): Promise<void> {
  for (const { id, schedule, state } of await scheduler.list()) {
    const { nextRunAtMs } = state;
    // A copy of a job that ran on the other gateway has no next run: a schedule that goes on would never come to it.
    const isLost = nextRunAtMs === undefined && schedule.kind !== 'at';
    const isDue = nextRunAtMs !== undefined && nextRunAtMs <= Math.min(nowMs, othersUntilMs);
    if (!isLost && !isDue) continue;
    if (isLost || schedule.kind === 'every')
      await scheduler.update(id, { state: { nextRunAtMs: undefined } });
    else if (schedule.kind === 'cron')
      // A schedule that is built anew looks for times of the clock that were missed since the last run.
      await scheduler.update(id, {
        state: {
          nextRunAtMs: undefined,
          lastRunAtMs: nowMs,
          lastRunStatus: 'skipped',
          lastStatus: 'skipped',
        },
      });
    else
      await scheduler.update(id, {
        enabled: false,
        state: { lastRunStatus: 'skipped', lastError: passedOverWords },
      });
  }
}

function schedulerOf(context: unknown): Scheduler | null {
  const { getCron } = Object(context) as { readonly getCron?: () => unknown };
  const found = typeof getCron === 'function' ? getCron() : null;
  const { pauseScheduling, resumeScheduling } = Object(found) as Partial<Scheduler>;
  return typeof pauseScheduling === 'function' && typeof resumeScheduling === 'function'
    ? (found as Scheduler)
    : null;
}
