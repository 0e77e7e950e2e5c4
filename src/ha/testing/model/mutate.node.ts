/** Makes a mutant: the shipped sources with one guard changed, as modules of their own. */
import { loadChanged } from '../../../base/testing/changed-sources.node.ts';
import type { SourceChange } from '../../../base/testing/changed-sources.node.ts';
import type { Subject } from './subject.ts';

/** What the election and the lease cell are made of; types only come from elsewhere, and are stripped. */
const needed = ['base', 'ha/election', 'ha/fence/lease-cell.ts', 'ha/register/record.ts'];

/** Loads the sources with `changes`, whose files are below `src/ha`. Throws if a text to replace is not there exactly once. */
export async function loadMutant(changes: readonly SourceChange[]): Promise<Subject> {
  const [election, cell] = await loadChanged(
    needed,
    changes.map(({ file, ...change }) => ({ ...change, file: `ha/${file}` })),
    ['ha/election/election.ts', 'ha/fence/lease-cell.ts'],
  );
  return { ...(election as Subject), ...(cell as Subject) };
}
