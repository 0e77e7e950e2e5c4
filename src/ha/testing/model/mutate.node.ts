/** Makes a mutant: the shipped sources with one guard changed, as modules of their own. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

import type { SourceChange } from './mutants.ts';
import type { Subject } from './subject.ts';

const sources = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');

/** What the election and the lease cell are made of; types only come from elsewhere, and are stripped. */
const needed = ['base', 'ha/election', 'ha/fence/lease-cell.ts', 'ha/register/record.ts'];

/**
 * Loads the sources with `changes` made. Throws if a text to replace is not there exactly once: then the guard has moved,
 * and its mutant must move with it.
 */
export async function loadMutant(changes: readonly SourceChange[]): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-mutant-'));
  try {
    for (const path of needed)
      cpSync(join(sources, path), join(folder, path), {
        recursive: true,
        filter: (from) => !/(\.test\.ts|\.json)$/.test(from),
      });
    for (const { file, from, to } of changes) {
      const path = join(folder, 'ha', file);
      const text = readFileSync(path, 'utf8');
      const count = text.split(from).length - 1;
      if (count !== 1)
        throw new Error(`${file} has ${String(count)} places, not one, that read:\n${from}`);
      writeFileSync(
        path,
        text.replace(from, () => to),
      );
    }
    writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
    const load = (path: string): Promise<unknown> => import(pathToFileURL(join(folder, path)).href);
    const [election, cell] = await Promise.all([
      load('ha/election/election.ts'),
      load('ha/fence/lease-cell.ts'),
    ]);
    return { ...(election as Subject), ...(cell as Subject) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
