import { readFileSync, rmSync } from 'node:fs';
import { z } from 'zod';

import { errorText, fail, ok } from '../base/index.ts';
import { replaceFile } from '../base/index.node.ts';
import { appError } from '../shared/index.ts';
import type { TrustState, TrustStore } from './broker/ports.ts';

const shape = z.strictObject({
  epoch: z.int().nonnegative(),
  edges: z.array(z.strictObject({ from: z.string(), to: z.string() })),
  tainted: z.array(z.string()),
}) satisfies z.ZodType<TrustState>;

/**
 * Keeps where trust leads in a small file. Trust is on only while the file says so: when it cannot be written (the disk is
 * full), it is removed, which needs no room.
 */
export function fileTrustStore(path: string): TrustStore {
  return {
    load: () => {
      try {
        return shape.parse(JSON.parse(readFileSync(path, 'utf8')));
      } catch {
        return { epoch: 0, edges: [], tainted: [] };
      }
    },
    save: (state) => {
      try {
        replaceFile(path, `${JSON.stringify(state)}\n`);
        return ok(null);
      } catch (error) {
        try {
          rmSync(path, { force: true });
          rmSync(`${path}.new`, { force: true });
        } catch {
          // Then what was saved before stands; the caller says so and tries again.
        }
        return fail(
          appError('storage', `Where trust leads cannot be saved: ${errorText(error)}`, true),
        );
      }
    },
  };
}
