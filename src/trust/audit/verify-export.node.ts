import type { Export, Verdict } from './format.ts';
import {
  checkpointText,
  isSigned,
  leafHash,
  nodeHash,
  sha256,
  trustedKeys,
} from './verify-log.node.ts';

/** Whether a leaf is in the tree of a root: the path of RFC 6962, section 2.1.1. */
export function isIncluded(
  leaf: string,
  index: number,
  size: number,
  proof: readonly string[],
  root: string,
): boolean {
  let at = index;
  let last = size - 1;
  let node = leaf;
  for (const sibling of proof) {
    if (last === 0) return false;
    if (at % 2 === 1 || at === last) {
      node = nodeHash(sibling, node);
      while (at % 2 === 0 && at !== 0) {
        at /= 2;
        last = Math.floor(last / 2);
      }
    } else node = nodeHash(node, sibling);
    at = Math.floor(at / 2);
    last = Math.floor(last / 2);
  }
  return last === 0 && index < size && node === root;
}

/** Verifies an export: its checkpoint's signature, and that each record is in the signed tree. */
export function verifyExport(given: Export, firstKey: string | null = null): Verdict {
  const problems: string[] = [];
  const keys = trustedKeys(given.keys, firstKey, problems);
  const { checkpoint } = given;
  if (!isSigned(checkpointText(checkpoint), keys.get(checkpoint.key) ?? '', checkpoint.signature))
    problems.push('the checkpoint is not signed by a key of this log');
  for (const { record, private: secret, proof } of given.records) {
    if (
      !isIncluded(
        leafHash(JSON.stringify(record)),
        record.seq,
        checkpoint.size,
        proof,
        checkpoint.root,
      )
    )
      problems.push(`record ${record.seq} is not in the log that was signed`);
    else if (secret !== undefined && record.sealed !== sha256(JSON.stringify(secret)))
      problems.push(`record ${record.seq} has another private part than it was written with`);
  }
  return {
    code: problems.length > 0 ? 2 : 0,
    size: checkpoint.size,
    root: checkpoint.root,
    sealed: checkpoint.size,
    sealedAt: checkpoint.time,
    problems,
    unfinished: [],
  };
}
