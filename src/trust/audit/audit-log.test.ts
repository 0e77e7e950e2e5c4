import { spawnSync } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { TrustDecision } from '../../shared/index.ts';
import { decisionLogPath, openDecisionLog, sha256 } from '../decision-log.node.ts';
import { runTrust } from '../trust-cli.node.ts';
import type { AuditKeys, AuditKeyStore } from './keys.node.ts';
import { newAuditKeys } from './keys.node.ts';
import { segmentPath } from './read-log.node.ts';
import { entry, logClock, newFolder, openLog, writeLog } from './testing/sample-log.ts';
import type { Checkpoint } from './format.ts';
import { verifyLog } from './verify-log.node.ts';

const decision = (detail: string): TrustDecision => ({
  atMs: 1,
  principal: 'user',
  action: 'send',
  resource: 'session:work',
  effect: 'allow',
  rule: 'line 1',
  count: 1,
  detail,
});

let home: string;
let folder: string;
let path: string;
beforeEach(() => {
  home = newFolder();
  folder = join(home, 'trust');
  mkdirSync(folder);
  path = segmentPath(decisionLogPath(folder), 1);
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

const text = (): string => readFileSync(path, 'utf8');
const checkpoints = (): readonly Checkpoint[] =>
  readFileSync(join(folder, 'log', 'checkpoints.jsonl'), 'utf8')
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Checkpoint);

function memoryKeys(keys: AuditKeys): AuditKeyStore & { current: AuditKeys } {
  const store = {
    current: keys,
    keys,
    replace: (next: AuditKeys) => {
      store.current = next;
    },
    head: null,
    keepHead: () => undefined,
  };
  return store;
}

async function trust(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const printed = { out: '', error: '' };
  const code = await runTrust([...args, '--home', home], {
    out: (words) => {
      printed.out += words;
    },
    error: (words) => {
      printed.error += words;
    },
  });
  return { code, ...printed };
}

describe('the trust log', () => {
  it('has each record on disk when it answers, and gives the latest decisions first', () => {
    const log = openLog(folder);
    for (const detail of ['a', 'b', 'line break \n, \u2028 and 😀']) {
      expect(log.record(decision(detail), 'hello ATLAS').ok).toBe(true);
      expect(text().endsWith('}\n')).toBe(true);
      expect(text()).toContain(JSON.stringify(detail));
    }
    expect(log.recent(2).map((one) => one.detail)).toEqual(['line break \n, \u2028 and 😀', 'b']);
    log.close();
  });

  it('holds no text: its length, and a fingerprint that takes the key to make', () => {
    const log = openLog(folder);
    log.record(decision('a'), 'hello ATLAS');
    log.append(entry({ body: 'hello ATLAS' }));
    log.close();
    expect(text()).not.toContain('ATLAS');
    expect(text()).not.toContain(sha256('hello ATLAS'));
    const macs = [...text().matchAll(/"mac":"([0-9a-f]{64})"/gu)].map(([, mac]) => mac);
    expect(macs.length).toBe(2);
    expect(macs[0]).toBe(macs[1]);
    expect(text()).toContain('"size":11');
  });

  it('is readable by its owner only and goes on where it ended', () => {
    const first = openLog(folder);
    first.append(entry({ detail: 'a', epoch: 4 }));
    first.close();
    for (const name of [
      'log/records-000001.jsonl',
      'log/checkpoints.jsonl',
      'log/keys.jsonl',
      'log-keys.json',
    ])
      expect([name, statSync(join(folder, name)).mode & 0o777]).toEqual([name, 0o600]);
    const second = openLog(folder);
    expect(second.epoch()).toBe(4);
    second.append(entry({ detail: 'b', effect: 'ask' }));
    expect(second.recent(10).map(({ detail, effect }) => [detail, effect])).toEqual([
      ['b', 'ask'],
      ['a', 'allow'],
    ]);
    second.close();
    expect(verifyLog(join(folder, 'log'))).toMatchObject({ code: 0, size: 2, sealed: 2 });
  });

  it('cuts a half-written last line off, says so, and is whole again', async () => {
    const first = openLog(folder);
    first.record(decision('a'));
    first.close();
    appendFileSync(path, text().split('\n')[1]!.slice(0, 50));
    expect((await trust('verify')).code).toBe(3);
    const second = openLog(folder);
    second.record(decision('b'));
    expect(second.recent(10).map((one) => one.detail)).toEqual([
      'b',
      '50 bytes of a half-written last line were cut off; nothing rests on it',
      'a',
    ]);
    second.close();
    expect((await trust('verify')).code).toBe(0);
  });

  it('takes a record back that did not fit on the disk, and holds', () => {
    const program = join(import.meta.dirname, 'testing', 'fill-log-main.node.ts');
    // No file may become larger than so many blocks: the last line is written in part.
    const filled = spawnSync(
      'sh',
      ['-c', `ulimit -f 40; exec "$0" "$1" "$2"`, process.execPath, program, folder],
      {
        encoding: 'utf8',
      },
    );
    expect(filled.stdout, filled.stderr).toMatch(/^\d+ storage$/u);
    const taken = Number(filled.stdout.split(' ')[0]);
    expect(taken).toBeGreaterThan(10);
    expect(verifyLog(join(folder, 'log'))).toMatchObject({ code: 0, size: taken, sealed: taken });
  });

  it('goes on in a file whose first line was never written whole', () => {
    openLog(folder).close();
    truncateSync(path, 20);
    const log = openLog(folder);
    expect(log.append(entry()).ok).toBe(true);
    log.close();
    expect(verifyLog(join(folder, 'log'))).toMatchObject({ code: 0, size: 2 });
  });

  it('signs every 64 records, a minute after the first without a signature, when told to, and at the end', () => {
    const log = openLog(folder);
    for (let count = 0; count < 70; count += 1) log.append(entry());
    expect(checkpoints().map(({ size }) => size)).toEqual([64]);
    logClock().advance(60_000);
    expect(checkpoints().map(({ size }) => size)).toEqual([64, 70]);
    log.append(entry());
    expect(log.seal().ok).toBe(true);
    expect(log.seal().ok).toBe(true);
    expect(checkpoints().map(({ size }) => size)).toEqual([64, 70, 71]);
    log.append(entry());
    log.close();
    expect(checkpoints().map(({ size }) => size)).toEqual([64, 70, 71, 72]);
  });

  it('changes its key every month, each signed by the one before', () => {
    const keys = memoryKeys(newAuditKeys(0));
    const wasMade = keys.keys.madeAtMs;
    openLog(folder, keys).close();
    expect(keys.current.madeAtMs).toBeGreaterThan(wasMade);
    const log = openLog(folder, memoryKeys(keys.current));
    log.append(entry());
    log.close();
    const lines = readFileSync(join(folder, 'log', 'keys.jsonl'), 'utf8')
      .split('\n')
      .slice(0, -1);
    expect(lines.length).toBe(2);
    expect(verifyLog(join(folder, 'log'))).toMatchObject({ code: 0, sealed: 1 });
    writeFileSync(
      join(folder, 'log', 'keys.jsonl'),
      `${lines[0]!}\n${lines[1]!.replace('"time":', '"time":1')}\n`,
    );
    expect(verifyLog(join(folder, 'log')).code).toBe(2);
  });

  it('says at the start that records are gone which a checkpoint kept elsewhere covers', () => {
    writeLog(folder, 20);
    const keys = memoryKeys(
      JSON.parse(readFileSync(join(folder, 'log-keys.json'), 'utf8')) as AuditKeys,
    );
    const log = openLog(folder, { ...keys, head: { ...checkpoints()[0]!, size: 25 } });
    expect(log.recent(1)[0]?.detail).toBe('records 20 to 24 are missing');
    log.close();
  });

  it('keeps decisions of the former log, records its hash, and finds when it was altered', async () => {
    const former = join(folder, 'decisions.jsonl');
    writeFileSync(former, `${JSON.stringify(decision('of before'))}\n`);
    const log = openLog(folder);
    log.record(decision('a'));
    expect(log.recent(10).map((one) => one.detail)).toEqual([
      'a',
      `decisions.jsonl, 1 decisions, SHA-256 ${sha256(readFileSync(former, 'utf8'))}`,
      'of before',
    ]);
    log.close();
    const again = openLog(folder);
    expect(
      again
        .recent(10)
        .map((one) => one.detail)
        .at(-1),
    ).toBe('of before');
    again.close();
    expect((await trust('verify')).code).toBe(0);
    writeFileSync(former, `${JSON.stringify(decision('of after'))}\n`);
    expect(await trust('verify')).toMatchObject({
      code: 2,
      error: expect.stringContaining('not as it was') as string,
    });
  });

  it('fails when it cannot be opened, when its keys cannot be read, and after it was closed', () => {
    const blocked = join(home, 'file');
    writeFileSync(blocked, 'a file where the folder should be');
    const clock = manualClock();
    const storage = { ok: false, error: { code: 'storage' } };
    expect(openDecisionLog(join(blocked, 'log'), clock)).toMatchObject(storage);
    const log = openLog(folder);
    log.close();
    expect(log.append(entry())).toMatchObject(storage);
    writeFileSync(join(folder, 'log-keys.json'), '{}');
    expect(openDecisionLog(join(folder, 'log'), clock)).toMatchObject(storage);
  });
});

describe('npm run trust', () => {
  it('verify holds without a log, and with one', async () => {
    expect(await trust('verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no log yet') as string,
    });
    writeLog(folder, 5);
    expect(await trust('verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('5 records, 5 of them signed') as string,
    });
  });

  it('verify names what is wrong, and compares with a checkpoint kept elsewhere', async () => {
    writeLog(folder, 5);
    const kept = join(home, 'kept.json');
    writeFileSync(kept, JSON.stringify({ ...checkpoints()[0], size: 9 }));
    expect((await trust('verify', '--checkpoint', kept)).code).toBe(3);
    expect((await trust('verify', '--checkpoint', join(home, 'none.json'))).code).toBe(64);
    expect((await trust('verify', '--key', '0000000000000000')).code).toBe(2);
    writeFileSync(path, text().replace('"line 14"', '"line 15"'));
    expect(await trust('verify')).toMatchObject({
      code: 2,
      error: expect.stringContaining('record 0 was altered') as string,
    });
  });

  it('export writes records with their proofs', async () => {
    writeLog(folder, 5);
    const out = join(home, 'export.json');
    expect(await trust('export', '--range', '1-3', '--redact', '--out', out)).toMatchObject({
      code: 0,
    });
    expect(readFileSync(out, 'utf8')).not.toContain('session:work');
    expect((await trust('export', '--range', '1-3')).out).toContain('session:work');
    expect((await trust('export', '--range', '1-9')).code).toBe(1);
    expect((await trust('export')).code).toBe(64);
  });

  it('graph prints who can reach whom and holds', async () => {
    const graph = await trust('graph');
    expect(graph.code).toBe(0);
    expect(graph.out).toContain('gateway:work -> session:work: append, refresh\n');
    expect(graph.out).toContain('agent:personal -> session:work: ask_work (a person is asked)');
    expect(graph.out).not.toContain('FORBIDDEN');
    expect(graph.out).not.toMatch(/:work -> \S*personal/u);
  });

  it('graph fails on a policy that the lint refuses, and on settings with a fault', async () => {
    writeFileSync(join(folder, 'policy.txt'), 'gateway:work append session:personal - allow\n');
    expect(await trust('graph')).toMatchObject({
      code: 1,
      error: expect.stringContaining('everything is denied') as string,
    });
    rmSync(join(folder, 'policy.txt'));
    writeFileSync(join(home, 'settings.json'), '{');
    expect(await trust('graph')).toMatchObject({
      code: 1,
      error: expect.stringContaining('line 1') as string,
    });
  });

  it.each([['attack'], ['model'], ['nonsense'], ['verify', 'more'], ['--wrong']])(
    '%s ends with 64',
    async (...args) => {
      expect((await trust(...args)).code).toBe(64);
    },
  );
});
