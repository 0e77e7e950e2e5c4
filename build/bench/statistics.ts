/** What a table shows of a sample. */
export interface Summary {
  readonly count: number;
  readonly min: number;
  readonly median: number;
  /** Null below 100 values, where it would be the maximum under another name. */
  readonly p99: number | null;
  readonly max: number;
}

const fewestForP99 = 100;

/** Summarises a sample in its own unit; null when it is empty. */
export function summarise(values: readonly number[]): Summary | null {
  const sorted = values.toSorted((a, b) => a - b);
  const [min] = sorted;
  const max = sorted.at(-1);
  if (min === undefined || max === undefined) return null;
  const p99 =
    sorted.length < fewestForP99 ? null : (sorted[Math.ceil(sorted.length * 0.99) - 1] ?? max);
  return { count: sorted.length, min, median: medianOf(sorted), p99, max };
}

function medianOf(sorted: readonly number[]): number {
  const upper = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? upper;
  return (lower + upper) / 2;
}
