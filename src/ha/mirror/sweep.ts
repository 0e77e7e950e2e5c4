/**
 * Looks at all conversations of a gateway for what no hint tells of: titles, choices, transcripts that were cut, conversations
 * that were made or deleted.
 *
 * Invariants
 * 1. Between two conversations the gateway does other work.
 * 2. One look at a time, and a moment between two, however often one is asked for. A look that fails is followed by another.
 */
import { errorText } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import { canonical } from './digest.ts';
import type { RowStore } from './row-store.ts';

export interface SweepPorts {
  readonly store: Pick<RowStore, 'list' | 'size'>;
  readonly onChange: (key: string) => void;
  /** Lets the gateway do other work. */
  readonly breathe: () => Promise<void>;
  readonly warn: (message: string) => void;
  readonly clock: Clock;
}

export interface Sweep {
  /** Something changed, it is not known where. */
  soon(): void;
  close(): void;
}

const everyMs = 10_000;
const soonMs = 1_000;

/** Begins to look; the first look only learns what is there. */
export function startSweep({ store, onChange, breathe, warn, clock }: SweepPorts): Sweep {
  let known: ReadonlyMap<string, string> | null = null;
  let isClosed = false;
  let isLooking = false;
  let isWanted = false;
  let cancel = (): void => undefined;
  const restMs = (): number => (isWanted ? soonMs : everyMs);

  const look = async (): Promise<void> => {
    const present = new Map<string, string>();
    for (const session of store.list()) {
      if (isClosed) return;
      const text = canonical(session) + store.size(session);
      present.set(session.key, text);
      if (known !== null && known.get(session.key) !== text) onChange(session.key);
      await breathe(); // invariant 1
    }
    for (const key of known?.keys() ?? []) if (!present.has(key)) onChange(key);
    known = present;
  };
  const again = async (): Promise<void> => {
    isLooking = true;
    isWanted = false;
    try {
      await look();
    } catch (error) {
      warn(`the mirror could not look: ${errorText(error)}`);
    }
    isLooking = false;
    if (!isClosed) cancel = clock.after(restMs(), () => void again());
  };
  void again();

  return {
    soon: () => {
      if (isWanted || isClosed) return;
      isWanted = true;
      if (isLooking) return;
      cancel();
      cancel = clock.after(soonMs, () => void again());
    },
    close: () => {
      isClosed = true;
      cancel();
    },
  };
}
