import { mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { errorText, fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { replaceFile } from '../../base/index.node.ts';

const fileSchema = z.strictObject({ version: z.literal(1), epoch: z.int().nonnegative() });

export interface EpochMemory {
  readonly highest: number;
  /** Durable when it returns; throws when the disk does not take it, because nothing may be granted then. */
  remember(epoch: number): void;
}

/**
 * The highest epoch that was ever seen for a pair on this host, so that a register which lost its content cannot make an
 * epoch be used twice. The error says what to do about a file that cannot be understood.
 */
export function openEpochMemory(stateDir: string, pairId: string): Result<EpochMemory, string> {
  const path = join(stateDir, 'epochs', `${pairId}.json`);
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return ok({
      highest: readHighest(path),
      remember: (epoch) => replaceFile(path, `${JSON.stringify({ version: 1, epoch })}\n`),
    });
  } catch (error) {
    return fail(
      `${path}: it cannot be used (${errorText(error)}); restore it, or write {"version":1,"epoch":N} with the highest epoch ever seen`,
    );
  }
}

function readHighest(path: string): number {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(path, 'utf8'))).epoch;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
    throw error instanceof z.ZodError ? new Error('it is damaged') : error;
  }
}
