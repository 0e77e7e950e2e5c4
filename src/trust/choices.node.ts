import { readFileSync } from 'node:fs';
import { z } from 'zod';

import { errorText, fail, ok } from '../base/index.ts';
import { replaceFile } from '../base/index.node.ts';
import { appError } from '../shared/index.ts';
import type { ChoicesStore, TrustChoices } from './ports.ts';

const shape = z.strictObject({
  disconnected: z.array(z.string()),
  tools: z.array(z.string()),
}) satisfies z.ZodType<TrustChoices>;

/** Keeps in a small file what a person has chosen of gateways. */
export function fileChoicesStore(path: string): ChoicesStore {
  return {
    load: () => {
      try {
        return shape.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch {
        return { disconnected: [], tools: [] };
      }
    },
    save: (choices) => {
      try {
        replaceFile(path, `${JSON.stringify(choices)}\n`);
        return ok(null);
      } catch (error) {
        return fail(appError('storage', `The choice cannot be saved: ${errorText(error)}`, true));
      }
    },
  };
}
