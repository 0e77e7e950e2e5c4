import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { z } from 'zod';

import { errorText } from '../../base/index.ts';
import type { RegisterRead, RegisterRecord } from '../model.ts';

const fileSchema = z.strictObject({
  version: z.literal(1),
  epoch: z.int().positive(),
  holder: z.string().min(1),
  ctr: z.int().positive(),
  addr: z.string(),
});

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

/**
 * Replaces a register's file whole: written beside, synced, renamed, and the folder synced. When it resolves, the record
 * survives a power cut. When it rejects (disk full, read-only), either record may be there.
 */
export async function replaceRegister(path: string, record: RegisterRecord): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const beside = await open(`${path}.new`, 'w', 0o600);
  try {
    await beside.writeFile(registerText(record));
    await beside.sync();
  } finally {
    await beside.close();
  }
  await rename(`${path}.new`, path);
  await syncFolder(dirname(path));
}

/** What a register's file holds. */
export function registerText({ epoch, holder, ctr, addr }: RegisterRecord): string {
  return `${JSON.stringify({ version: 1, epoch, holder, ctr, addr })}\n`;
}

/** Makes the rename itself durable; Windows cannot open folders and does not need it. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
