/** Waiting for something that somebody else makes happen. */
import { delay } from '../base/index.ts';
import type { Clock } from '../base/index.ts';

/** Resolves once `happened`, looked at now and whenever those in `waiting` are called, or after `waitMs`. */
export async function woken(
  waiting: Set<() => void>,
  clock: Clock,
  waitMs: number,
  happened: () => boolean,
): Promise<void> {
  if (happened()) return;
  const done = new AbortController();
  const look = (): void => {
    if (happened()) done.abort();
  };
  waiting.add(look);
  await delay(clock, waitMs, done.signal);
  waiting.delete(look);
}
