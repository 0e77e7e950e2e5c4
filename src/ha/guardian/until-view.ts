import { delay } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { PairView } from '../../shared/index.ts';
import type { GuardedPair } from '../pair/driver.ts';

export interface WaitPorts {
  readonly clock: Clock;
  /** Adds somebody who is told after every change of the pair; gives back how to remove him. */
  readonly onChange: (listener: () => void) => () => void;
}

/** Waits until the pair looks as wanted; null when the time is over. */
export async function untilView(
  pair: Pick<GuardedPair, 'view'>,
  { clock, onChange }: WaitPorts,
  isWanted: (view: PairView) => boolean,
  limitMs: number,
): Promise<PairView | null> {
  const done = new AbortController();
  let found: PairView | null = null;
  const look = (): void => {
    const view = pair.view();
    if (found !== null || !isWanted(view)) return;
    found = view;
    done.abort();
  };
  const off = onChange(look);
  look();
  await delay(clock, limitMs, done.signal);
  off();
  return found;
}
