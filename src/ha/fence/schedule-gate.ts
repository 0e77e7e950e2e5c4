/**
 * Holds the gateway's own schedule still while it may not act: a job that runs a command asks no hook.
 *
 * Invariants
 * 1. The schedule is paused and let go only when what may happen changes: a renewal does not undo a pause of the gateway's own.
 * 2. Nothing thrown by a scheduler reaches the fence; one that cannot be paused is told of.
 * 3. It is let go only while the gateway may act at that very moment.
 */
import { errorText } from '../../base/index.ts';

/** OpenClaw's scheduler, as far as it is used here (2026.9.6; its published types leave the first two out). */
interface Scheduler {
  pauseScheduling(): void;
  resumeScheduling(): void;
  list(): Promise<readonly ScheduledJob[]>;
  /** A job whose next run is unset gets the next one from now on. */
  update(
    id: string,
    patch: { readonly state: { readonly nextRunAtMs: undefined } },
  ): Promise<unknown>;
}

interface ScheduledJob {
  readonly id: string;
  readonly schedule: { readonly kind: string };
  readonly state: { readonly nextRunAtMs?: number };
}

/** What outlives a reload of the plugin's code: OpenClaw does not tell of its scheduler again then. */
export interface ScheduleMemory {
  scheduler: Scheduler | null;
  state: 'running' | 'paused' | 'resuming';
}

/** A gateway whose scheduler is yet to be told of. */
export function newScheduleMemory(): ScheduleMemory {
  return { scheduler: null, state: 'running' };
}

export interface ScheduleGate {
  /** The gateway has a scheduler now, or another one: the context of its `cron_reconciled`. */
  found(context: unknown): void;
  /** Brings the schedule in line with whether the gateway may act. */
  follow(): void;
}

/** Builds the gate of one gateway. */
export function createScheduleGate(
  memory: ScheduleMemory,
  ports: {
    readonly acting: () => boolean;
    readonly wallMs: () => number;
    readonly warn: (message: string) => void;
  },
): ScheduleGate {
  const { acting, warn } = ports;

  const resume = async (scheduler: Scheduler): Promise<void> => {
    memory.state = 'resuming';
    try {
      await passOver(scheduler, ports.wallMs());
    } catch (error) {
      warn(`jobs that came due while this gateway was fenced may run now: ${errorText(error)}`);
    }
    if (memory.scheduler !== scheduler) return;
    memory.state = 'paused';
    if (!acting()) return;
    scheduler.resumeScheduling();
    memory.state = 'running';
  };

  const follow = (): void => {
    const { scheduler, state } = memory;
    if (scheduler === null) return;
    const failed = (error: unknown): void =>
      warn(`the schedule did not follow the lease: ${errorText(error)}`);
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
      if (memory.scheduler === null)
        warn('this gateway does not show its schedule: jobs that run commands are not held back');
      follow();
    },
    follow,
  };
}

/** Recurring jobs that came due while the gateway was fenced were the other gateway's: they run at their next time. */
async function passOver(scheduler: Scheduler, nowMs: number): Promise<void> {
  for (const { id, schedule, state } of await scheduler.list()) {
    const recurs = schedule.kind === 'every' || schedule.kind === 'cron';
    if (recurs && state.nextRunAtMs !== undefined && state.nextRunAtMs <= nowMs)
      await scheduler.update(id, { state: { nextRunAtMs: undefined } });
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
