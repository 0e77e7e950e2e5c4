/**
 * The jobs of one gateway, to be copied and to be kept as a copy. Lives in the gateway's process (the plugin).
 *
 * Invariants
 * 1. Only jobs of people are told of, written or deleted: what OpenClaw declares for itself is each gateway's own.
 * 2. A copy of a job that runs on the other gateway is written as if that run was over, interrupted: if the other one stops
 *    now, nothing has to happen here for it not to be repeated. The end of the run writes over it.
 * 3. Nothing is written while this gateway may act, nor by whoever speaks for an older epoch.
 * 4. A deletion is told of by id until so many others came after it; a job that is there is never told of as deleted.
 * 5. What the other gateway may have run is not run again; what nobody can have run is.
 */
import { errorText } from '../../base/index.ts';
import { isFields } from '../fields.ts';
import type { Fields } from '../fields.ts';
import type { ScheduledJob, Scheduler } from '../fence/schedule-gate.ts';
import { canonical } from '../mirror/digest.ts';
import { beatMs, interruptedWords } from './model.ts';
import type { DutiesLook, JobCopy, JobsPut, JobsPutAnswer } from './model.ts';

export type JobScheduler = Pick<Scheduler, 'list' | 'add' | 'update' | 'remove'>;

export interface JobBookPorts {
  /** Null: the gateway has not shown its scheduler yet. */
  readonly scheduler: () => JobScheduler | null;
  readonly acting: () => boolean;
  /** The highest epoch that this gateway was granted. */
  readonly epoch: () => number;
  /** Keeps what is durable of the memory; throws on a disk that fails. */
  readonly save: (text: string) => void;
  readonly wallMs: () => number;
  readonly warn: (message: string) => void;
}

/** What a book remembers, as plain data: it outlives a reload of the plugin's code. */
export interface JobBookMemory {
  /** Ids of deleted jobs, the last one last; durable. */
  gone: readonly string[];
  /** The highest epoch in which this gateway was on duty; durable. */
  actedEpoch: number;
  /** What was put last: by whom, when (wall milliseconds), and whether the active gateway had stopped starting jobs. */
  heard: { readonly epoch: number; readonly atMs: number; readonly quiet: boolean };
  /** How each job was written last, by id: OpenClaw leaves out what means nothing, and the job is the same all the same. */
  readonly written: Map<string, string>;
}

export interface JobBook {
  /** Null: there is no scheduler yet. */
  look(): Promise<Pick<DutiesLook, 'jobs' | 'gone'> | null>;
  /** Null: there is no scheduler yet. */
  put(put: JobsPut): Promise<JobsPutAnswer | null>;
  /** OpenClaw deleted a job: the event of its `cron_changed`. */
  removed(event: unknown): void;
  /**
   * This gateway comes on duty in its present epoch. Until when (wall milliseconds) the other one may have run what came due:
   * -Infinity if it had no turn since this one's last, Infinity if it was not heard of.
   */
  takeOver(nowMs: number): number;
}

/** Stamps of OpenClaw's own, different on each gateway. */
const stamps = ['id', 'enabled', 'state', 'createdAtMs', 'updatedAtMs', 'configRevision'];
/** What of a job's state says how far it is. All else (reservations, receipts, diagnostics) belongs to the process that ran it. */
const progressFields = [
  'nextRunAtMs',
  'lastRunAtMs',
  'lastRunStatus',
  'lastStatus',
  'lastError',
  'lastDurationMs',
  'lastDeliveryStatus',
  'consecutiveErrors',
  'consecutiveSkipped',
  'lastTriggerEvalAtMs',
] as const;
const mostGone = 1_000;
/** A start of a job is told of within a moment, and the active gateway is heard once a beat. */
const unheardMs = beatMs + 500;
/** Heard longer ago, it may have run anything since: a change of roles takes less. */
const trustMs = 60_000;

/** The memory of a process that just began; `text`: what was saved last, null if nothing was. */
export function newJobBookMemory(text: string | null): JobBookMemory {
  const fresh = {
    heard: { epoch: 0, atMs: Number.NEGATIVE_INFINITY, quiet: false },
    written: new Map<string, string>(),
  };
  try {
    const { gone, actedEpoch } = Object(JSON.parse(text ?? '{}')) as Fields;
    return {
      gone: Array.isArray(gone) ? gone.filter((id) => typeof id === 'string') : [],
      actedEpoch: typeof actedEpoch === 'number' ? actedEpoch : 0,
      ...fresh,
    };
  } catch {
    return { gone: [], actedEpoch: 0, ...fresh }; // a torn file: both are forgotten, which repeats nothing
  }
}

/** Puts the rules on top of a memory. */
export function openJobBook(memory: JobBookMemory, ports: JobBookPorts): JobBook {
  const save = (): void => {
    const { gone, actedEpoch } = memory;
    ports.save(JSON.stringify({ gone, actedEpoch }));
  };

  const write = async (
    scheduler: JobScheduler,
    job: JobCopy,
    present: ScheduledJob | undefined,
  ): Promise<void> => {
    const wanted = canonical(job.definition);
    const isSame =
      present !== undefined &&
      (canonical(definitionOf(present)) === wanted || memory.written.get(job.id) === wanted);
    if (present !== undefined && !isSame) await scheduler.remove(job.id);
    if (!isSame) {
      await scheduler.add({ ...job.definition, id: job.id, enabled: job.enabled });
      memory.written.set(job.id, wanted);
    }
    const patch = patchOf(job);
    if (isSame && canonical(patch) === canonical(patchOf(copyOf(present)))) return;
    // Being switched on gives a job a next run of its own; what is said comes after.
    if (isSame && (present.enabled !== false) !== patch.enabled)
      await scheduler.update(job.id, { enabled: patch.enabled });
    await scheduler.update(job.id, patch);
  };

  return {
    look: async () => {
      const scheduler = ports.scheduler();
      if (scheduler === null) return null;
      const jobs = (await scheduler.list({ includeDisabled: true })).filter(isPersons);
      const present = new Set(jobs.map(({ id }) => id));
      return { jobs: jobs.map(copyOf), gone: memory.gone.filter((id) => !present.has(id)) };
    },
    put: async (put) => {
      if (ports.acting()) return { kind: 'refused', reason: 'acting' };
      if (put.epoch < Math.max(memory.heard.epoch, ports.epoch()))
        return { kind: 'refused', reason: 'old-epoch' };
      const scheduler = ports.scheduler();
      if (scheduler === null) return null;
      const isEmpty = put.jobs.length === 0 && put.gone.length === 0;
      const jobs = isEmpty ? [] : await scheduler.list({ includeDisabled: true });
      const present = new Map(jobs.map((job) => [job.id, job]));
      const failed: string[] = [];
      const each = async (id: string, run: () => Promise<unknown>): Promise<void> => {
        const there = present.get(id);
        if (there !== undefined && !isPersons(there)) return; // invariant 1
        try {
          if (!ports.acting()) await run();
        } catch (error) {
          ports.warn(`a job could not be copied: ${errorText(error)}`);
          failed.push(id);
        }
      };
      for (const id of put.gone) if (present.has(id)) await each(id, () => scheduler.remove(id));
      for (const job of put.jobs)
        await each(job.id, () => write(scheduler, job, present.get(job.id)));
      if (ports.acting()) return { kind: 'refused', reason: 'acting' };
      memory.heard = { epoch: put.epoch, atMs: ports.wallMs(), quiet: put.quiet };
      return { kind: 'put', failed };
    },
    removed: (event) => {
      const { action, jobId, job } = Object(event) as {
        readonly action?: unknown;
        readonly jobId?: unknown;
        readonly job?: unknown;
      };
      if (action !== 'removed' || typeof jobId !== 'string') return;
      if (isFields(job) && !isPersons(job)) return;
      memory.gone = [...memory.gone.filter((id) => id !== jobId), jobId].slice(-mostGone);
      save();
    },
    takeOver: (nowMs) => {
      const epoch = ports.epoch();
      const { heard, actedEpoch } = memory;
      const wasNext = epoch <= actedEpoch + 1;
      if (epoch > actedEpoch) {
        memory.actedEpoch = epoch;
        save();
      }
      if (wasNext) return Number.NEGATIVE_INFINITY;
      if (nowMs - heard.atMs > trustMs) return Number.POSITIVE_INFINITY;
      return heard.quiet ? heard.atMs : heard.atMs + unheardMs;
    },
  };
}

/** How OpenClaw's job is told of. */
function copyOf(job: ScheduledJob): JobCopy {
  const { runningAtMs } = job.state as { readonly runningAtMs?: unknown };
  return {
    id: job.id,
    name: job.name ?? '',
    enabled: job.enabled !== false,
    definition: definitionOf(job),
    progress: Object.fromEntries(
      progressFields.flatMap((name) => {
        const value = job.state[name];
        // A count of nothing is written where none was.
        return value === undefined || value === 0 ? [] : [[name, value]];
      }),
    ),
    startedAtMs: typeof runningAtMs === 'number' ? runningAtMs : null,
  };
}

function definitionOf(job: ScheduledJob): Fields {
  return Object.fromEntries(
    Object.entries(job).filter(
      ([name, value]) =>
        value !== undefined &&
        !stamps.includes(name) &&
        !(progressFields as readonly string[]).includes(name) &&
        name !== 'lastFailureNotificationDeliveryStatus',
    ),
  );
}

/** The changes to a job that bring it as far as the copy says; what is not said is unset. */
function patchOf(job: JobCopy): { readonly enabled: boolean; readonly state: Fields } {
  const state = Object.fromEntries(progressFields.map((name) => [name, job.progress[name]]));
  if (job.startedAtMs === null) return { enabled: job.enabled, state };
  const { kind } = Object(job.definition['schedule']) as { readonly kind?: unknown };
  const interrupted = {
    ...state,
    nextRunAtMs: undefined,
    lastRunAtMs: job.startedAtMs,
    lastRunStatus: 'skipped',
    lastStatus: 'skipped',
    lastError: interruptedWords,
  };
  return { enabled: kind === 'at' ? false : job.enabled, state: interrupted };
}

function isPersons(job: { readonly declarationKey?: unknown }): boolean {
  return job.declarationKey === undefined;
}
