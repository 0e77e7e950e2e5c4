import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { errorText } from '../base/index.ts';
import type { RegisterRead } from './model.ts';

const fileSchema = z.strictObject({
  version: z.literal(1),
  epoch: z.int().positive(),
  holder: z.string().min(1),
  ctr: z.int().positive(),
  addr: z.string(),
});

/** Where the register of a pair lies in the guardian's state folder. */
export function registerPath(stateDir: string, pairId: string): string {
  return join(stateDir, 'registers', `${pairId}.json`);
}

/** Reads a register's file; a file that is there but cannot be understood is `unreadable`, never `empty`. */
export async function readRegister(path: string): Promise<RegisterRead> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    return isMissing(error) ? { kind: 'empty' } : { kind: 'unreadable', detail: errorText(error) };
  }
  try {
    const { version: _version, ...record } = fileSchema.parse(JSON.parse(text));
    return { kind: 'found', record };
  } catch {
    return {
      kind: 'unreadable',
      detail: `${path} is damaged; restore it from a copy, or write it again with an epoch above every one used`,
    };
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
