const resamples = 2_000;

/** The smallest value that a share `q` of the sample does not exceed; null for an empty sample. */
export function quantile(values: readonly number[], q: number): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? null;
}

/** The 95 % bootstrap interval of a quantile, the same for the same sample; null below five values. */
export function quantileInterval(
  values: readonly number[],
  q: number,
): readonly [number, number] | null {
  if (values.length < 5) return null;
  let seed = 1;
  const next = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
  const found = Array.from({ length: resamples }, () =>
    quantile(
      values.map(() => values[Math.floor(next() * values.length)] ?? 0),
      q,
    ),
  ).flatMap((value) => value ?? []);
  return [quantile(found, 0.025) ?? 0, quantile(found, 0.975) ?? 0];
}
