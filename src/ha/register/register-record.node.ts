import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { errorText } from '../../base/index.ts';
import { replaceFile } from '../../base/index.node.ts';
import type { RegisterRead, RegisterRecord, RegisterSwap } from '../model.ts';
import { parseRegisterText, registerText, sameRecord } from './record.ts';

/** Where the register of a pair lies in a state folder. */
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
  const record = parseRegisterText(text);
  return record === null
    ? {
        kind: 'unreadable',
        detail: `${path} is damaged; restore it from a copy, or write it again with an epoch above every one used`,
      }
    : { kind: 'found', record };
}

/** Writes `next` durably if the file holds exactly `expected`. Whoever calls it has the lock that guards the file. */
export async function swapRegister(
  path: string,
  expected: RegisterRecord | null,
  next: RegisterRecord,
): Promise<RegisterSwap> {
  const present = await readRegister(path);
  if (present.kind === 'unreadable') return { kind: 'unknown', detail: present.detail };
  if (!sameRecord(present.kind === 'found' ? present.record : null, expected))
    return { kind: 'conflict' };
  replaceFile(path, registerText(next));
  return { kind: 'swapped' };
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
