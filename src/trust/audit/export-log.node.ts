import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { fail, ok, type Result } from '../../base/index.ts';
import type { Checkpoint, Export, KeyLine } from './format.ts';
import { readRecords } from './read-log.node.ts';
import { exactJson, nodeHash } from './verify-log.node.ts';

/** Which records, both ends included; with `redacted`, without their private parts. */
export interface ExportRange {
  readonly first: number;
  readonly last: number;
  readonly redacted: boolean;
}

/**
 * Some records with their proofs that they are in the log that the last checkpoint signs. Fails, in words for people, where
 * there are no such records, or no checkpoint covers them yet.
 */
export function exportLog(
  folder: string,
  { first, last, redacted }: ExportRange,
): Result<Export, string> {
  const checkpoint = valuesIn(join(folder, 'checkpoints.jsonl')).at(-1) as Checkpoint | undefined;
  if (checkpoint === undefined) return fail('no checkpoint has been signed yet');
  if (first > last || last >= checkpoint.size)
    return fail(`the last checkpoint covers records 0 to ${checkpoint.size - 1}`);
  const records = readRecords(folder).slice(0, checkpoint.size);
  if (records.length < checkpoint.size) return fail('records are missing: verify the log first');
  const tree = layersOf(records.map(({ leaf }) => leaf));
  const wanted = records.slice(first, last + 1);
  const exported = wanted.flatMap(({ record, private: secret }, index) =>
    record === undefined
      ? []
      : [
          {
            record,
            ...(redacted || secret === undefined ? {} : { private: secret }),
            proof: proofOf(tree, first + index),
          },
        ],
  );
  if (exported.length < wanted.length) return fail('a record cannot be read: verify the log first');
  return ok({
    format: 'switchyard-trust-log-export-1',
    keys: valuesIn(join(folder, 'keys.jsonl')) as KeyLine[],
    checkpoint,
    records: exported,
  });
}

/**
 * All layers of the tree, the leaves first. A last node without a neighbour goes up as it is, which gives the tree of
 * RFC 6962.
 */
function layersOf(leaves: readonly string[]): readonly (readonly string[])[] {
  const layers: (readonly string[])[] = [leaves];
  for (let layer = leaves; layer.length > 1;) {
    const below = layer;
    layer = Array.from({ length: Math.ceil(below.length / 2) }, (_, index) => {
      const left = below[2 * index] ?? '';
      const right = below[2 * index + 1];
      return right === undefined ? left : nodeHash(left, right);
    });
    layers.push(layer);
  }
  return layers;
}

function proofOf(layers: readonly (readonly string[])[], leaf: number): readonly string[] {
  let index = leaf;
  return layers.flatMap((layer) => {
    const sibling = layer[index % 2 === 0 ? index + 1 : index - 1];
    index = Math.floor(index / 2);
    return sibling === undefined ? [] : [sibling];
  });
}

function valuesIn(path: string): readonly unknown[] {
  return readFileSync(path, 'utf8')
    .split('\n')
    .slice(0, -1)
    .map(exactJson)
    .filter((value) => value !== null);
}
