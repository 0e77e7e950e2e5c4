import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { errorText } from '../base/index.ts';
import { defaultPolicyText } from './default-policy.ts';
import type { TrustPolicy } from './model.ts';
import { parsePolicy } from './policy.ts';

/**
 * The policy of a profile: `policy.txt` in its trust folder, or the default when there is none. A file that cannot be
 * read, does not parse or fails the lint gives a policy that denies everything and says why.
 */
export async function loadPolicy(trustFolder: string): Promise<TrustPolicy> {
  try {
    return parsePolicy(await readFile(join(trustFolder, 'policy.txt'), 'utf8'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
      return parsePolicy(defaultPolicyText);
    return { rules: [], problems: [{ line: 1, message: errorText(error) }] };
  }
}
