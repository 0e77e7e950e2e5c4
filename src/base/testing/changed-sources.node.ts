import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** A text of a source file, and what stands there instead. */
export interface SourceChange {
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

const sources = resolve(dirname(fileURLToPath(import.meta.url)), '..', '..');

/**
 * Loads modules of the sources with `changes` made: a mutant. Throws if a text to replace is not there exactly once: then
 * the guard has moved, and its mutant must move with it.
 * @param needed files and folders below `src` that the modules are made of
 * @param entries the modules, below `src`
 */
export async function loadChanged(
  needed: readonly string[],
  changes: readonly SourceChange[],
  entries: readonly string[],
): Promise<readonly unknown[]> {
  const folder = mkdtempSync(join(tmpdir(), 'switchyard-mutant-'));
  try {
    for (const path of needed)
      cpSync(join(sources, path), join(folder, path), {
        recursive: true,
        filter: (from) => !/(\.test\.ts|\.json)$/.test(from),
      });
    for (const { file, from, to } of changes) {
      const path = join(folder, file);
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
    symlinkSync(join(sources, '..', 'node_modules'), join(folder, 'node_modules'), 'junction');
    return await Promise.all(
      entries.map((path): Promise<unknown> => import(pathToFileURL(join(folder, path)).href)),
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
