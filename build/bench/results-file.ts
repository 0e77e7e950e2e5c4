import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The root of the repository. */
export const root = resolve(import.meta.dirname, '../..');

/** Writes a benchmark's results, raw rows included, into `bench-results/` (not committed); returns the path from the root. */
export function writeResults(name: string, at: Date, results: unknown): string {
  const stamp = at.toISOString().replace(/\.\d+/u, '').replaceAll(':', '-');
  const path = join('bench-results', `${name}-${stamp}.json`);
  mkdirSync(join(root, 'bench-results'), { recursive: true });
  writeFileSync(join(root, path), `${JSON.stringify(results, null, 2)}\n`);
  return path;
}
