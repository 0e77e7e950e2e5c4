import type { ScheduledJob } from '../../fence/schedule-gate.ts';
import type { JobScheduler } from '../job-book.ts';

/** OpenClaw's scheduler, as far as jobs are kept in it: stamps what is added with a time of its own. */
export interface MemoryScheduler extends JobScheduler {
  readonly jobs: Map<string, ScheduledJob>;
  /** What was written, in order. */
  readonly writes: string[];
  /** Ids that it does not take. */
  readonly refuses: Set<string>;
}

/** A scheduler without jobs. */
export function memoryScheduler(): MemoryScheduler {
  const jobs = new Map<string, ScheduledJob>();
  const writes: string[] = [];
  const refuses = new Set<string>();
  let stamp = 0;
  const write = (what: string, id: string): void => {
    if (refuses.has(id)) throw new Error('not this one');
    writes.push(`${what} ${id}`);
  };
  return {
    jobs,
    writes,
    refuses,
    list: async (options) =>
      [...jobs.values()].filter(({ enabled }) => options !== undefined || enabled !== false),
    add: async (job) => {
      const added = job as ScheduledJob;
      write('add', added.id);
      stamp += 1;
      jobs.set(added.id, { ...added, createdAtMs: stamp, state: {} });
    },
    update: async (id, patch) => {
      write('update', id);
      const present = jobs.get(id);
      if (present === undefined) throw new Error('unknown job');
      const { state, ...rest } = patch as { readonly state?: object };
      jobs.set(id, { ...present, ...rest, state: { ...present.state, ...state } });
    },
    remove: async (id) => {
      write('remove', id);
      jobs.delete(id);
    },
  };
}

/** A job of a person, every minute. */
export function personsJob(id: string, change: object = {}): ScheduledJob {
  return {
    id,
    name: `name of ${id}`,
    enabled: true,
    createdAtMs: 1,
    schedule: { kind: 'every', everyMs: 60_000 },
    payload: { kind: 'command', argv: ['true'] },
    state: { nextRunAtMs: 2_000 },
    ...change,
  } as ScheduledJob;
}
