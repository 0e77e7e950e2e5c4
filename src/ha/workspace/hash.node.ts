import { createHash } from 'node:crypto';

import type { FileHash } from './model.ts';

/** The hash of a file's bytes. */
export function sha256(bytes: Uint8Array): FileHash {
  return createHash('sha256').update(bytes).digest('hex');
}
