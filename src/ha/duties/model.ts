/** What only the active gateway of a pair does by itself: jobs of its schedule, and channels to messengers (docs/adr/0007). */
import type { Fields } from '../fields.ts';

/** A job of a person, as OpenClaw keeps it. */
export interface JobCopy {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  /** What it does and when; nothing that changes by running. */
  readonly definition: Fields;
  /** How far it is: last and next run. */
  readonly progress: Fields;
  /** It runs, since then (wall milliseconds); null: it does not. */
  readonly startedAtMs: number | null;
}

/** One account of a channel to a messenger. */
export interface ChannelState {
  readonly channel: string;
  readonly account: string;
  /** Set up and switched on in the gateway's configuration. */
  readonly ready: boolean;
  readonly running: boolean;
  /** What the gateway says is wrong with it. */
  readonly detail: string;
}

/** Everything that one gateway says about its duties. */
export interface DutiesLook {
  /** Grows with every change. */
  readonly at: number;
  readonly schedule: 'running' | 'paused' | 'unknown';
  readonly jobs: readonly JobCopy[];
  /** Ids of jobs that were deleted here. */
  readonly gone: readonly string[];
  readonly channels: readonly ChannelState[];
  /** What keeps it from its duties, in words. */
  readonly problems: readonly string[];
}

/** What the standby is told of the active gateway's jobs. */
export interface JobsPut {
  readonly epoch: number;
  /** The active gateway starts no job any more: it gives the role away. */
  readonly quiet: boolean;
  readonly jobs: readonly JobCopy[];
  readonly gone: readonly string[];
}

/** `failed`: ids of jobs that the gateway did not take. */
export type JobsPutAnswer =
  | { readonly kind: 'put'; readonly failed: readonly string[] }
  | { readonly kind: 'refused'; readonly reason: 'old-epoch' | 'acting' };

/** How a gateway's Telegram says that somebody else polls the same bot. */
const conflictMark = 'getUpdates conflict';

/** Another program polls the same bot: perhaps a second gateway that acts. */
export function isConflict({ detail }: ChannelState): boolean {
  return detail.includes(conflictMark);
}

/** A job that was running on the gateway that stopped; kept as its last error. */
export const interruptedWords =
  'Interrupted: it was running on the other gateway of the pair when that one stopped. It was not repeated.';

/** The standby hears from the active gateway at least that often. */
export const beatMs = 1_000;
