import type { Clock } from '../../base/index.ts';
import type { Answering } from './answering.ts';
import type { Refusals } from './refusals.ts';

/** How many are served at once. */
export const mostConnections = 4;

export interface WayOptions {
  readonly clock: Clock;
  readonly answer: Answering;
  /** That we are the app, for who asks in the form of `proof.node.ts`; null when it is in another. */
  readonly prove: (asked: string) => string | null;
  readonly refusals: Pick<Refusals, 'add'>;
  /** How long somebody may take to say what they want. */
  readonly deadlineMs: number;
}

/** A way in that is open. */
export interface OpenWay {
  /** Listens no more and lets everybody go. */
  close(): Promise<void>;
}
