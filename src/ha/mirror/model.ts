/** What a mirror carries: conversations as sets of rows that only grow (docs/adr/0006). */

/** One row of a transcript, as OpenClaw keeps it. Rows without an id (the header) are not mirrored. */
export interface Row {
  readonly id: string;
  readonly parentId?: string | null | undefined;
  /** `message`, `compaction`, `reset`, `leaf`, `custom`, … */
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What of a conversation is not in its rows: only what a person chose. Never secrets, run states or measurements. */
export type SessionSettings = Readonly<Record<string, string | number | boolean | null>>;

/**
 * So long a model is kept waiting for the other gateway to have the question, and a tool for it to have the call; then they
 * begin all the same.
 */
export const heardWaitMs = 2_000;
/**
 * A copy that is behind for no longer lacks nothing that a model or a tool has begun with: the wait above began after the row
 * was written, and the guardian hears of a row some moments later than that.
 */
export const momentMs = 1_500;

/** How far a conversation is: the transcript itself is the watermark. */
export interface Mark {
  readonly sessionId: string;
  readonly rows: number;
  /** The sum of the rows' hashes (`digest.ts`): the order in which they came does not count. */
  readonly digest: string;
}

/** One conversation as a journal knows it. */
export interface SessionState {
  readonly key: string;
  readonly mark: Mark;
  readonly settings: SessionSettings;
  /** The branch that is shown ends with this row; it follows from the order of the rows, which may differ. */
  readonly leaf: string | null;
  /** A run is open in it: nothing may be appended from outside. */
  readonly busy: boolean;
  /** So many rows are too large to be carried: neither side counts them. */
  readonly leftOut: number;
}

/** Everything that a journal holds. */
export interface Survey {
  readonly sessions: readonly SessionState[];
  /** Conversations that could not be read now. */
  readonly unread: readonly string[];
  /** What both sides had when they were last in step, as this side remembers it; conversations that are gone included. */
  readonly inStep: Readonly<Record<string, Mark>>;
}

/** Rows to append to one conversation, and what they build on. */
export interface Batch {
  readonly epoch: number;
  readonly key: string;
  /** What the receiver has to hold now; null: nothing under this key. */
  readonly on: Mark | null;
  /** The session id that the conversation has from now on. */
  readonly sessionId: string;
  readonly settings: SessionSettings;
  readonly rows: readonly Row[];
  /**
   * `more`: the receiver's copy grows. `anew`: forget what is there, the rows were rewritten in place. `branch`: to the active
   * gateway, rows that only the other one has; they become a branch beside what it shows, and what it shows stays. A branch
   * without rows has it write down what it shows.
   */
  readonly how: 'more' | 'anew' | 'branch';
}

/**
 * What became of a batch. `gap`: the receiver holds something else than it builds on. `refused`: not now, or never; `busy`:
 * a run is open. `conflict`: a row of the same id and another content is there.
 */
export type Appended =
  | { readonly kind: 'appended'; readonly state: SessionState }
  | { readonly kind: 'gap'; readonly state: SessionState | null }
  | { readonly kind: 'refused'; readonly reason: 'old-epoch' | 'acting' | 'busy' }
  | { readonly kind: 'conflict'; readonly id: string };
