// node verify-log-main.node.ts FOLDER|EXPORT.json [--checkpoint FILE] [--key ID]: verifies a trust log, or an export of
// one, without the app. Exit code 0: it holds, 2: altered, 3: cut, 4: a crossing without an end, 64: wrong usage.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import type { Checkpoint, Export } from './format.ts';
import { verifyExport } from './verify-export.node.ts';
import { verifyLog } from './verify-log.node.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { checkpoint: { type: 'string' }, key: { type: 'string' } },
});
const [path] = positionals;
const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
if (path === undefined) {
  process.stderr.write('usage: verify-log FOLDER|EXPORT.json [--checkpoint FILE] [--key ID]\n');
  process.exitCode = 64;
} else {
  const pinned = values.checkpoint === undefined ? null : (json(values.checkpoint) as Checkpoint);
  const verdict = path.endsWith('.json')
    ? verifyExport(json(path) as Export, values.key)
    : verifyLog(path, pinned, values.key);
  for (const problem of verdict.problems) process.stdout.write(`${problem}\n`);
  for (const { seq, actId } of verdict.unfinished)
    process.stdout.write(`record ${seq}: crossing ${actId} was begun and has no end\n`);
  process.stdout.write(
    `${verdict.size} records, ${verdict.sealed} of them signed, root ${verdict.root}\n`,
  );
  process.exitCode = verdict.code;
}
