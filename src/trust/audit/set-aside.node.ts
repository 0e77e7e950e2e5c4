import { existsSync, readFileSync, renameSync } from 'node:fs';
import { basename, join } from 'node:path';

import type { KeyLine } from './format.ts';
import { signingKeyId, type AuditKeys } from './keys.node.ts';
import { readTail } from './read-log.node.ts';
import { exactJson, rootOf } from './verify-log.node.ts';

/**
 * A log is of one row of keys. One that was written with others (the keychain was there and is not, or the other way
 * round) is moved beside, whole, and a new one begins: both can be verified, and neither looks altered. Answers what the
 * new one has to say of it; null: there is none, or it is written with these keys.
 */
export function setAside(folder: string, keys: AuditKeys, wallMs: number): string | null {
  const path = join(folder, 'keys.jsonl');
  if (!existsSync(path)) return null;
  const lines = readFileSync(path, 'utf8').split('\n').slice(0, -1);
  const known = lines.map((line) => (exactJson(line) as KeyLine | null)?.key);
  if (known.length === 0 || known.includes(signingKeyId(keys))) return null;
  const { size, tree } = readTail(folder).position;
  const name = `${folder}-until-${new Date(wallMs).toISOString().replaceAll(/[:.]/gu, '-')}`;
  renameSync(folder, name);
  return `the keys of the log before are not here: it is in ${basename(name)}, ${size} records, root ${rootOf(tree)}`;
}
