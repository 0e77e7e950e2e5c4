import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  cpSync,
  existsSync,
  readFileSync,
  rmSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { seededRandom } from '../../base/testing/seeded-random.ts';
import type { Checkpoint } from './format.ts';
import { exportLog } from './export-log.node.ts';
import { segmentPath } from './read-log.node.ts';
import { entry, newFolder, openLog, writeLog } from './testing/sample-log.ts';
import { isIncluded, verifyExport } from './verify-export.node.ts';
import { leafHash, rootOf, verifyLog, withLeaf } from './verify-log.node.ts';

const records = 200;
let folder: string;
let log: string;
let segment: string;
let original: string;

beforeAll(() => {
  folder = newFolder();
  writeLog(folder, records);
  log = join(folder, 'log');
  segment = segmentPath(log, 1);
  original = readFileSync(segment, 'utf8');
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** The verdict on the log with other lines; a line break after each. */
function verdictOn(lines: readonly string[]) {
  return verdictOnText(lines.map((line) => `${line}\n`).join(''));
}

function verdictOnText(text: string | Buffer) {
  writeFileSync(segment, text);
  try {
    return verifyLog(log);
  } finally {
    writeFileSync(segment, original);
  }
}

const lines = (): string[] => original.split('\n').slice(0, -1);
/** The line of a record: the first one is the file's header. */
const lineOf = (seq: number): number => seq + 1;

describe('verify', () => {
  it('holds for a log as it was written', () => {
    expect(verifyLog(log)).toMatchObject({ code: 0, size: records, sealed: records, problems: [] });
  });

  it.each([77, records - 1])('finds every bit flipped in record %i, and names it', (seq) => {
    const bytes = Buffer.from(original);
    const start = Buffer.byteLength(
      lines()
        .slice(0, lineOf(seq))
        .map((line) => `${line}\n`)
        .join(''),
    );
    const length = Buffer.byteLength(lines()[lineOf(seq)] ?? '');
    expect(length).toBeGreaterThan(400);
    for (let at = start; at < start + length; at += 1) {
      const altered = Buffer.from(bytes);
      altered[at] = (altered[at] ?? 0) ^ (1 << (at % 8));
      const { code, problems } = verdictOnText(altered);
      expect([at - start, code]).toEqual([at - start, 2]);
      expect(problems.join('\n')).toMatch(new RegExp(`record ${seq}\\b`, 'u'));
    }
  });

  it('finds a record that was rewritten whole, with its own private part', () => {
    const parsed = JSON.parse(lines()[lineOf(50)] ?? '') as {
      record: { effect: string };
      private: unknown;
    };
    const altered = lines();
    altered[lineOf(50)] = JSON.stringify({
      ...parsed,
      record: { ...parsed.record, effect: 'deny' },
    });
    expect(verdictOn(altered)).toMatchObject({
      code: 2,
      problems: [expect.stringContaining('record 50 ')],
    });
  });

  it('finds a record that was taken out, put in, or moved', () => {
    const removed = lines().toSpliced(lineOf(60), 1);
    expect(verdictOn(removed)).toMatchObject({ code: 2 });
    expect(verdictOn(removed).problems[0]).toContain('record 60 ');
    const inserted = lines().toSpliced(lineOf(60), 0, lines()[lineOf(10)] ?? '');
    expect(verdictOn(inserted).problems[0]).toContain('record 60 ');
    const moved = lines();
    [moved[lineOf(60)], moved[lineOf(61)]] = [moved[lineOf(61)] ?? '', moved[lineOf(60)] ?? ''];
    expect(verdictOn(moved)).toMatchObject({ code: 2 });
    expect(verdictOn(moved).problems.slice(0, 2).join()).toMatch(/record 60 .*record 61 /u);
  });

  it.each([0, 1, 63, 64, 150, records - 1])('finds that the log ends after %i records', (kept) => {
    const { code, problems } = verdictOn(lines().slice(0, lineOf(kept)));
    expect(code).toBe(3);
    expect(problems.join()).toContain(`records ${kept} to `);
  });

  it('finds half a line', () => {
    expect(verdictOnText(original.slice(0, -20))).toMatchObject({ code: 3 });
    expect(verdictOnText(original.slice(0, -20)).problems[0]).toContain(`record ${records - 1} `);
  });

  it('finds checkpoints that were altered, and that were cut together with their records', () => {
    const path = join(log, 'checkpoints.jsonl');
    const text = readFileSync(path, 'utf8');
    const all = text.split('\n').slice(0, -1);
    expect(all.length).toBe(4);
    try {
      writeFileSync(path, text.replace('"size":128', '"size":129'));
      expect(verifyLog(log)).toMatchObject({
        code: 2,
        problems: [expect.stringContaining('checkpoint 2 ')],
      });
      writeFileSync(path, `${all.slice(0, 2).join('\n')}\n`);
      expect(verifyLog(log)).toMatchObject({ code: 3 }); // more records than ever go without a checkpoint
      const pinned = JSON.parse(all[3] ?? '') as Checkpoint;
      writeFileSync(segment, `${lines().slice(0, lineOf(128)).join('\n')}\n`);
      expect(verifyLog(log)).toMatchObject({ code: 0 }); // which is why a checkpoint is kept elsewhere
      expect(verifyLog(log, pinned)).toMatchObject({ code: 3 });
    } finally {
      writeFileSync(path, text);
      writeFileSync(segment, original);
    }
  });

  it('finds another history, made with another key, where the first key or a checkpoint is known', () => {
    const other = newFolder();
    writeLog(other, records);
    const known = JSON.parse(readFileSync(join(log, 'keys.jsonl'), 'utf8')) as { key: string };
    const [pinned] = readFileSync(join(log, 'checkpoints.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line) as Checkpoint);
    expect(verifyLog(join(other, 'log'))).toMatchObject({ code: 0 });
    expect(verifyLog(join(other, 'log'), null, known.key)).toMatchObject({ code: 2 });
    const forged = readFileSync(segmentPath(join(other, 'log'), 1), 'utf8').replace(
      'question',
      'answer',
    );
    writeFileSync(segmentPath(join(other, 'log'), 1), forged);
    expect(verifyLog(join(other, 'log'), pinned)).toMatchObject({ code: 2 });
    rmSync(other, { recursive: true, force: true });
  });

  it('names a crossing that was begun and has no end, until the next start tells of it', () => {
    const crashed = newFolder();
    const first = openLog(crashed);
    first.append(entry());
    first.append(entry({ code: 'crossing.intent', actId: 'act 1' }));
    // No close: the process is gone.
    expect(verifyLog(join(crashed, 'log'))).toMatchObject({
      code: 4,
      unfinished: [{ seq: 1, actId: 'act 1' }],
    });
    const second = openLog(crashed);
    expect(second.unfinished()).toEqual([{ seq: 1, actId: 'act 1' }]);
    second.append(entry({ code: 'crossing.unfinished', actId: 'act 1' }));
    second.close();
    expect(verifyLog(join(crashed, 'log'))).toMatchObject({ code: 0, size: 3, sealed: 3 });
    rmSync(crashed, { recursive: true, force: true });
  });
});

describe('5,000 records, in two files', () => {
  it('are verified, and whatever is done to them is found', { timeout: 300_000 }, () => {
    const large = newFolder();
    writeLog(large, 5_000);
    const paths = [1, 2].map((index) => segmentPath(join(large, 'log'), index));
    expect(paths.map((path) => existsSync(path))).toEqual([true, true]);
    expect(existsSync(segmentPath(join(large, 'log'), 3))).toBe(false);
    expect(verifyLog(join(large, 'log'))).toMatchObject({ code: 0, size: 5_000, sealed: 5_000 });
    const random = seededRandom(1);
    const tried = (path: string, text: string | Buffer): number => {
      const before = readFileSync(path);
      writeFileSync(path, text);
      const { code } = verifyLog(join(large, 'log'));
      writeFileSync(path, before);
      return code;
    };
    for (let count = 0; count < 12; count += 1) {
      const path = random.pick(paths);
      const bytes = readFileSync(path);
      const at = Math.floor(random.unit() * bytes.length);
      const flipped = Buffer.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ 1;
      expect(tried(path, flipped), `${path} at ${at}`).toBeGreaterThan(0);
      expect(tried(path, bytes.subarray(0, at)), `${path} cut at ${at}`).toBeGreaterThan(0);
    }
    for (const path of paths) {
      const text = readFileSync(path, 'utf8');
      unlinkSync(path);
      expect(verifyLog(join(large, 'log')).code, `without ${path}`).toBeGreaterThan(0);
      writeFileSync(path, text);
    }
    expect(verifyLog(join(large, 'log')).code).toBe(0);
    rmSync(large, { recursive: true, force: true });
  });
});

describe('an export', () => {
  it.each([true, false])('proves each record of a range, redacted: %s', (redacted) => {
    const exported = exportLog(log, { first: 40, last: 140, redacted });
    if (!exported.ok) throw new Error(exported.error);
    expect(exported.value.records.length).toBe(101);
    expect(JSON.stringify(exported.value).includes('session:work')).toBe(!redacted);
    expect(verifyExport(exported.value)).toMatchObject({ code: 0, size: records });
    const [first, ...rest] = exported.value.records;
    const altered = {
      ...exported.value,
      records: [{ ...first!, record: { ...first!.record, effect: 'deny' as const } }, ...rest],
    };
    expect(verifyExport(altered)).toMatchObject({
      code: 2,
      problems: [expect.stringContaining('record 40 ')],
    });
    const other = { ...exported.value, checkpoint: { ...exported.value.checkpoint, size: 199 } };
    expect(verifyExport(other).code).toBe(2);
    expect(verifyExport(exported.value, 'another key').code).toBe(2);
  });

  it('refuses what no checkpoint covers', () => {
    expect(exportLog(log, { first: 0, last: records, redacted: false })).toMatchObject({
      ok: false,
    });
    expect(exportLog(log, { first: 5, last: 4, redacted: false })).toMatchObject({ ok: false });
  });

  it('finds a private part that is not the one it was written with', () => {
    const exported = exportLog(log, { first: 3, last: 3, redacted: false });
    if (!exported.ok) throw new Error(exported.error);
    const [one] = exported.value.records;
    const altered = {
      ...exported.value,
      records: [{ ...one!, private: { ...one!.private!, rule: 'line 1' } }],
    };
    expect(verifyExport(altered)).toMatchObject({ code: 2 });
  });
});

describe('the tree', () => {
  it('is that of RFC 6962: the known roots of its test vectors', () => {
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const roots = [
      '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
      'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
      'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
      'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
      '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
      'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    ];
    let tree: readonly string[] = [];
    for (const [size, input] of inputs.entries()) {
      tree = withLeaf(tree, size, leafHash(Buffer.from(input, 'hex').toString('latin1')));
      expect(rootOf(tree), input).toBe(roots[size]);
    }
  });

  it('takes no proof of another leaf, place or size', () => {
    const exported = exportLog(log, { first: 9, last: 9, redacted: true });
    if (!exported.ok) throw new Error(exported.error);
    const {
      checkpoint,
      records: [one],
    } = exported.value;
    const leaf = leafHash(JSON.stringify(one!.record));
    const holds = (index: number, size: number, proof = one!.proof) =>
      isIncluded(leaf, index, size, proof, checkpoint.root);
    expect(holds(9, records)).toBe(true);
    expect(holds(8, records)).toBe(false);
    expect(holds(9, records, one!.proof.slice(1))).toBe(false);
    expect(isIncluded(leafHash('another'), 9, records, one!.proof, checkpoint.root)).toBe(false);
  });
});

describe('the verifier by itself', () => {
  const program = join(import.meta.dirname, 'verify-log-main.node.ts');
  const run = (...args: readonly string[]) =>
    spawnSync(process.execPath, [program, ...args], { encoding: 'utf8' });

  it('needs no more than its own files', () => {
    const alone = newFolder();
    for (const name of ['verify-log-main.node.ts', 'verify-log.node.ts', 'verify-export.node.ts'])
      cpSync(join(import.meta.dirname, name), join(alone, name));
    writeFileSync(join(alone, 'package.json'), '{"type":"module"}');
    const { status, stdout } = spawnSync(
      process.execPath,
      [join(alone, 'verify-log-main.node.ts'), log],
      { encoding: 'utf8' },
    );
    expect([status, stdout]).toEqual([0, expect.stringContaining(`${records} records`) as string]);
    rmSync(alone, { recursive: true, force: true });
  });

  it('is under 200 lines', () => {
    const text = readFileSync(join(import.meta.dirname, 'verify-log.node.ts'), 'utf8');
    expect(text.split('\n').length).toBeLessThan(200);
  });

  it('ends with 0, 2, 3, 4 and 64', () => {
    expect(run(log).status).toBe(0);
    expect(run().status).toBe(64);
    appendFileSync(segment, 'half a');
    expect(run(log).status).toBe(3);
    writeFileSync(segment, original.replace('question', 'answer').replace('"allow"', '"deny"'));
    expect(run(log).status).toBe(2);
    writeFileSync(segment, original);
    const exported = exportLog(log, { first: 0, last: 9, redacted: true });
    if (!exported.ok) throw new Error(exported.error);
    const path = join(folder, 'export.json');
    writeFileSync(path, JSON.stringify(exported.value));
    expect(run(path).status).toBe(0);
    writeFileSync(path, JSON.stringify(exported.value).replace('"allow"', '"deny"'));
    expect(run(path).status).toBe(2);
  });
});
