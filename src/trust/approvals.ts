/**
 * What a person has approved, by digest.
 *
 * Invariants
 * 1. An approval is for exactly the bytes that its digest was made of, works once, and for `ttlMs`.
 * 2. It is of one epoch, and worth nothing in another.
 */
export interface Approvals {
  give(digest: string, epoch: number, nowMs: number): void;
  /** Whether there is one that can be used. */
  has(digest: string, epoch: number, nowMs: number): boolean;
  /** Uses it up; false when there is none. */
  use(digest: string, epoch: number, nowMs: number): boolean;
  clear(): void;
}

/** How long a person's approval waits for its act. */
export const approvalTtlMs = 120_000;

/** Makes an empty set. Times are milliseconds of a clock that does not jump. */
export function createApprovals(ttlMs = approvalTtlMs): Approvals {
  const given = new Map<string, { readonly epoch: number; readonly untilMs: number }>();
  const has = (digest: string, epoch: number, nowMs: number): boolean => {
    const approval = given.get(digest);
    return approval !== undefined && approval.epoch === epoch && nowMs < approval.untilMs;
  };
  return {
    give: (digest, epoch, nowMs) => {
      for (const [old, { untilMs }] of given) if (untilMs <= nowMs) given.delete(old);
      given.set(digest, { epoch, untilMs: nowMs + ttlMs });
    },
    has,
    use: (digest, epoch, nowMs) => has(digest, epoch, nowMs) && given.delete(digest),
    clear: () => {
      given.clear();
    },
  };
}
