import { loadChanged } from '../../../base/testing/changed-sources.node.ts';
import type { SourceChange } from '../../../base/testing/changed-sources.node.ts';
import { createBroker } from '../../broker/broker.ts';
import { parsePolicy } from '../../policy.ts';
import type { Subject } from './beside.ts';

export const shipped: Subject = { createBroker, parsePolicy };

const needed = ['base', 'shared', 'store', 'trust'];

/** The shipped sources with changes, whose files are below `src/trust`. */
export async function loadMutant(changes: readonly SourceChange[]): Promise<Subject> {
  const [broker, policy] = await loadChanged(
    needed,
    changes.map(({ file, ...change }) => ({ ...change, file: `trust/${file}` })),
    ['trust/broker/broker.ts', 'trust/policy.ts'],
  );
  return { ...(broker as Subject), ...(policy as Subject) };
}
