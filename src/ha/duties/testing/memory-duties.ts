import { delay, fail, ok } from '../../../base/index.ts';
import type { Clock, Result } from '../../../base/index.ts';
import { newJobBookMemory, openJobBook } from '../job-book.ts';
import type { JobBook } from '../job-book.ts';
import type { ChannelState, DutiesLook } from '../model.ts';
import type { Duties } from '../ports.ts';
import { memoryScheduler } from './memory-scheduler.ts';
import type { MemoryScheduler } from './memory-scheduler.ts';

/** The duties of a gateway that is only in memory: a real book of jobs over a scheduler that runs nothing. */
export interface MemoryDuties {
  readonly duties: Duties;
  readonly scheduler: MemoryScheduler;
  readonly book: JobBook;
  /** What it was told, by method. */
  readonly asked: string[];
  acting: boolean;
  away: boolean;
  schedule: DutiesLook['schedule'];
  channels: readonly ChannelState[];
  problems: readonly string[];
  /** Tells whoever waits for changes. */
  changed(): void;
}

/** A gateway that may not act and answers. */
export function memoryDuties(clock: Clock): MemoryDuties {
  const scheduler = memoryScheduler();
  const asked: string[] = [];
  let at = 0;
  let wake = new AbortController();
  const answer = async <T>(method: string, run: () => Promise<T>): Promise<Result<T, string>> => {
    asked.push(method);
    return made.away ? fail('it does not answer') : ok(await run());
  };
  const book = openJobBook(newJobBookMemory(null), {
    scheduler: () => scheduler,
    acting: () => made.acting,
    epoch: () => 0,
    save: () => undefined,
    wallMs: clock.wallMs,
    warn: () => undefined,
  });
  const made: MemoryDuties = {
    scheduler,
    book,
    asked,
    acting: false,
    away: false,
    schedule: 'paused',
    channels: [],
    problems: [],
    changed: () => {
      at += 1;
      wake.abort();
      wake = new AbortController();
    },
    duties: {
      look: () =>
        answer('look', async () => {
          const { jobs, gone } = (await book.look()) ?? { jobs: [], gone: [] };
          const { schedule, channels, problems } = made;
          return { at, schedule, jobs, gone, channels, problems };
        }),
      put: (put) =>
        answer('put', async () => {
          const done = await book.put(put);
          if (done === null) throw new Error('a scheduler in memory is there from the start');
          return done;
        }),
      changes: (since, waitMs) =>
        answer('changes', async () => {
          if (at <= since) await delay(clock, waitMs, wake.signal);
          return { at };
        }),
    },
  };
  return made;
}
