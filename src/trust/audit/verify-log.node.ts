/**
 * The verifier of the trust log. It needs this file and Node, nothing of the app: read it, run it elsewhere, trust it.
 *
 * A log is a folder: `records-*.jsonl` (a header line, then one record a line), `checkpoints.jsonl`, `keys.jsonl`. The
 * records are the leaves of a Merkle tree as in RFC 6962. A line is `{"record":…,"private":…}`; the leaf is the text of
 * `record`, which holds the hash of `private`, so an export may leave `private` out. Each record holds the hash of the
 * one before, so an altered record is named; a checkpoint signs size and root (Ed25519), so the end cannot be cut unseen.
 */
import { createHash, createPublicKey, verify } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import type { AuditRecord, Checkpoint, KeyLine, PrivatePart, Verdict } from './format.ts';

export const noHash = '0'.repeat(64);
export const sealEvery = 64;

export const sha256 = (...parts: (string | Uint8Array)[]): string =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');
export const leafHash = (text: string): string => sha256('\0', text);
export const nodeHash = (left: string, right: string): string =>
  sha256('\x01', Buffer.from(left, 'hex'), Buffer.from(right, 'hex'));

/** The roots of the full subtrees, largest first, after one more leaf; `size` leaves were there before. */
export function withLeaf(tree: readonly string[], size: number, leaf: string): string[] {
  const grown = [...tree];
  let node = leaf;
  for (let bit = size; bit % 2 === 1; bit = (bit - 1) / 2)
    node = nodeHash(grown.pop() ?? noHash, node);
  return [...grown, node];
}
export const rootOf = (tree: readonly string[]): string =>
  tree.length === 0 ? sha256('') : tree.reduceRight((right, left) => nodeHash(left, right));

/** What a checkpoint signs, and what a key signs of the key after it. */
export const checkpointText = (of: Pick<Checkpoint, 'size' | 'root' | 'time'>): string =>
  `switchyard trust log\n${of.size}\n${of.root}\n${of.time}\n`;
export const keyText = (of: Pick<KeyLine, 'public' | 'time'>): string =>
  `switchyard trust log key\n${of.public}\n${of.time}\n`;
export const keyId = (publicKey: string): string => sha256(publicKey).slice(0, 16);

export function isSigned(text: string, publicKey: string | undefined, signature: string): boolean {
  try {
    const der = Buffer.from(publicKey ?? '', 'base64');
    const key = createPublicKey({ key: der, format: 'der', type: 'spki' });
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  } catch {
    return false;
  }
}

/** The keys that are rightly in the list: the first (`firstKey`, where it is known), then each signed by one before. */
export function trustedKeys(
  lines: readonly KeyLine[],
  firstKey: string | null,
  problems: string[],
): ReadonlyMap<string, string> {
  const keys = new Map<string, string>();
  for (const [index, line] of lines.entries()) {
    const isFirst = index === 0 && (firstKey === null || firstKey === line.key);
    const isNext = isSigned(keyText(line), keys.get(line.by ?? ''), line.signature ?? '');
    if (keyId(line.public) === line.key && (isFirst || isNext)) keys.set(line.key, line.public);
    else problems.push(`${line.key} is not a key of this log`);
  }
  return keys;
}

/** The record files of a folder, in order. */
export function recordFiles(folder: string): string[] {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  return names.filter((name) => /^records-\d+\.jsonl$/u.test(name)).sort();
}

/** The value whose JSON is exactly this line; null for any other line. */
export function exactJson(line: string): unknown {
  try {
    const value: unknown = JSON.parse(line);
    return JSON.stringify(value) === line ? value : null;
  } catch {
    return null;
  }
}

function valuesIn(path: string, problems: string[]): unknown[] {
  // What follows the last line break is what a crash leaves; nothing rests on it.
  const lines = existsSync(path) ? readFileSync(path, 'utf8').split('\n').slice(0, -1) : [];
  const values = lines.map(exactJson);
  if (values.includes(null))
    problems.push(`${path}: line ${values.indexOf(null) + 1} is unreadable`);
  return values.filter((value) => value !== null);
}

interface Line {
  readonly record?: AuditRecord;
  readonly private?: PrivatePart;
}

/**
 * Verifies the log in a folder. `pinned`: a checkpoint kept elsewhere that the log must contain; `firstKey`: the id of its
 * first key, kept elsewhere. Without them, somebody who can write the files and make keys can write a false history.
 */
export function verifyLog(
  folder: string,
  pinned: Pick<Checkpoint, 'size' | 'root' | 'time'> | null = null,
  firstKey: string | null = null,
): Verdict {
  const problems: string[] = [];
  const cuts: string[] = [];
  const keyLines = valuesIn(join(folder, 'keys.jsonl'), problems) as KeyLine[];
  const keys = trustedKeys(keyLines, firstKey, problems);
  const checkpoints = valuesIn(join(folder, 'checkpoints.jsonl'), problems) as Checkpoint[];
  const signed = checkpoints.filter((checkpoint, index) => {
    const key = keys.get(checkpoint.key);
    const isGood = isSigned(checkpointText(checkpoint), key, checkpoint.signature);
    if (!isGood) problems.push(`checkpoint ${index + 1} is not signed by a key of this log`);
    return isGood;
  });
  const sealing = pinned === null ? signed : [...signed, pinned];
  const roots = new Map<number, string>(sealing.map(({ size: covered }) => [covered, '']));
  const open = new Map<string, number>();
  const altered = new Set<number>();
  const blame = (seq: number, words: string): void => {
    if (!altered.has(seq)) problems.push(`record ${seq} ${words}`);
    altered.add(seq);
  };
  let tree: string[] = [];
  let epoch = 0;
  let size = 0;
  let last = noHash;
  for (const [index, name] of recordFiles(folder).entries()) {
    const [header, ...lines] = readFileSync(join(folder, name), 'utf8').split('\n');
    const before = { segment: index + 1, first: size, prev: last, tree, open: [...open], epoch };
    if (header !== JSON.stringify(before))
      problems.push(`${name}: its first line does not fit what comes before record ${size}`);
    if (lines.pop() !== '') cuts.push(`${name}: record ${size + lines.length} is half a line`);
    const parsed = lines.map((line) => (exactJson(line) ?? {}) as Line);
    for (const [at, { record, private: secret }] of parsed.entries()) {
      const leaf = leafHash(record === undefined ? (lines[at] ?? '') : JSON.stringify(record));
      if (record === undefined) blame(size, 'cannot be read');
      else if (record.seq !== size) blame(size, `is not here: this is where ${record.seq} stands`);
      else if (record.sealed !== sha256(JSON.stringify(secret ?? null)))
        blame(size, 'was altered: its private part is not the one it was written with');
      else if (record.prev !== last && !altered.has(size - 1)) {
        // Either the one before or this one was altered: the one after tells, where there is one.
        const next = parsed[at + 1]?.record?.prev ?? null;
        if (next === null) blame(size - 1, `or record ${size} was altered or replaced`);
        else blame(next === leaf ? size - 1 : size, 'was altered or replaced');
      }
      if (record?.code === 'crossing.intent') open.set(record.actId ?? '', size);
      else if (/^crossing\.(?:outcome|unfinished)$/u.test(record?.code ?? ''))
        open.delete(record?.actId ?? '');
      epoch = Math.max(epoch, record?.epoch ?? 0);
      last = leaf;
      tree = withLeaf(tree, size, leaf);
      size += 1;
      if (roots.has(size)) roots.set(size, rootOf(tree));
    }
  }

  let sealed = 0;
  for (const { size: covered, root, time } of sealing) {
    const words = `the checkpoint of ${new Date(time).toISOString()}`;
    if (covered > size)
      cuts.push(`records ${size} to ${covered - 1}, which ${words} covers, are missing`);
    else if (roots.get(covered) === root) sealed = Math.max(sealed, covered);
    else if (altered.size === 0)
      problems.push(
        `${words} does not fit: record ${covered - 1} or all from ${sealed} on were altered`,
      );
  }
  if (size - sealed > sealEvery && problems.length + cuts.length === 0)
    cuts.push(`the checkpoints of records ${sealed} to ${size - 1} are missing`);
  const unfinished = [...open].map(([actId, seq]) => ({ seq, actId }));
  return {
    code: problems.length > 0 ? 2 : cuts.length > 0 ? 3 : unfinished.length > 0 ? 4 : 0,
    size,
    root: rootOf(tree),
    sealed,
    sealedAt: signed.at(-1)?.time ?? null,
    problems: [...problems, ...cuts],
    unfinished,
  };
}
