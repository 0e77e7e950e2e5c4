/** How many crossings there may be within some times; a refusal says nothing of which was too many. */
export interface RateLimit {
  readonly count: number;
  readonly withinMs: number;
}

/** The rates of the reference: 10 in five minutes, 60 a day. */
export const defaultRates: readonly RateLimit[] = [
  { count: 10, withinMs: 5 * 60_000 },
  { count: 60, withinMs: 24 * 60 * 60_000 },
];

export interface Rates {
  /** Whether one more is allowed now. */
  hasRoom(nowMs: number): boolean;
  take(nowMs: number): void;
}

/** Counts in sliding windows. Times are milliseconds of a clock that does not jump. */
export function createRates(limits: readonly RateLimit[] = defaultRates): Rates {
  const longestMs = Math.max(...limits.map(({ withinMs }) => withinMs));
  let taken: readonly number[] = [];
  return {
    hasRoom: (nowMs) =>
      limits.every(
        ({ count, withinMs }) => taken.filter((atMs) => nowMs - atMs < withinMs).length < count,
      ),
    take: (nowMs) => {
      taken = [...taken.filter((atMs) => nowMs - atMs < longestMs), nowMs];
    },
  };
}
