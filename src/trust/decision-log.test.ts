import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { manualClock } from '../base/testing/manual-clock.ts';
import type { TrustDecision } from '../shared/index.ts';
import { openDecisionLog, sha256 } from './decision-log.node.ts';
import { runTrust } from './trust-cli.node.ts';

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
let path: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'switchyard-trust-'));
  path = join(home, 'trust', 'decisions.jsonl');
});
afterEach(async () => {
  await rm(home, { recursive: true, force: true });
});

function open() {
  const opened = openDecisionLog(path, manualClock());
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function trust(
  ...args: readonly string[]
): Promise<{ readonly code: number; readonly out: string; readonly error: string }> {
  const printed = { out: '', error: '' };
  const code = await runTrust([...args, '--home', home], {
    out: (text) => {
      printed.out += text;
    },
    error: (text) => {
      printed.error += text;
    },
  });
  return { code, ...printed };
}

describe('decision log', () => {
  it('has each decision on disk when record returns, and gives the latest first', () => {
    const log = open();
    for (const detail of ['a', 'b', 'line break \n, \u2028 and 😀']) {
      expect(log.record(decision(detail)).ok).toBe(true);
      expect(readFileSync(path, 'utf8').endsWith(`${JSON.stringify(decision(detail))}\n`)).toBe(
        true,
      );
    }
    expect(log.recent(2).map((entry) => entry.detail)).toEqual([
      'line break \n, \u2028 and 😀',
      'b',
    ]);
    log.close();
  });

  it('is readable by its owner only and goes on where it ended', () => {
    open().close();
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const first = open();
    first.record(decision('a'));
    first.close();
    const second = open();
    second.record(decision('b'));
    expect(second.recent(10).map((entry) => entry.detail)).toEqual(['b', 'a']);
    second.close();
  });

  it('cuts a half-written last line off, says so, and is whole again', async () => {
    const first = open();
    first.record(decision('a'));
    first.close();
    appendFileSync(path, JSON.stringify(decision('never acknowledged')).slice(0, 50));
    expect((await trust('verify')).code).toBe(2);
    const second = open();
    second.record(decision('b'));
    expect(second.recent(10).map((entry) => entry.detail)).toEqual([
      'b',
      '50 bytes of a half-written last line were cut off; nothing rests on it',
      'a',
    ]);
    second.close();
    expect((await trust('verify')).code).toBe(0);
  });

  it('reads only the end of a long log', () => {
    open().close();
    writeFileSync(path, `${JSON.stringify(decision('x'.repeat(500)))}\n`.repeat(2_000));
    const log = open();
    log.record(decision('last'));
    const recent = log.recent(10_000);
    expect(recent[0]?.detail).toBe('last');
    expect(recent.length).toBeGreaterThan(300);
    expect(recent.length).toBeLessThan(2_000);
    log.close();
  });

  it('fails when it cannot be opened or written', () => {
    writeFileSync(join(home, 'trust'), 'a file where the folder should be');
    expect(openDecisionLog(path, manualClock())).toMatchObject({
      ok: false,
      error: { code: 'storage' },
    });
  });

  it('fails after its file was closed', () => {
    const log = open();
    log.close();
    expect(log.record(decision('late'))).toMatchObject({ ok: false, error: { code: 'storage' } });
  });
});

describe('sha256', () => {
  it('is the standard one', () => {
    expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  });
});

describe('npm run trust', () => {
  it('verify holds without a log, and with one that can be read', async () => {
    expect(await trust('verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('no log yet') as string,
    });
    const log = open();
    log.record(decision('a'));
    log.close();
    expect(await trust('verify')).toMatchObject({
      code: 0,
      out: expect.stringContaining('1 decisions can be read, 0 lines cannot') as string,
    });
  });

  it('verify names a line that cannot be read', async () => {
    const log = open();
    log.record(decision('a'));
    log.close();
    appendFileSync(path, `{"atMs":1}\n${JSON.stringify(decision('b'))}\n`);
    expect(await trust('verify')).toMatchObject({
      code: 2,
      error: expect.stringContaining('line 2: not a decision') as string,
    });
  });

  it('graph prints who can reach whom and holds', async () => {
    const graph = await trust('graph');
    expect(graph.code).toBe(0);
    expect(graph.out).toContain('gateway:work -> session:work: append, refresh\n');
    expect(graph.out).not.toContain('FORBIDDEN');
  });

  it('graph fails on a policy that the lint refuses, and on settings with a fault', async () => {
    open().close();
    writeFileSync(
      join(home, 'trust', 'policy.txt'),
      'gateway:work append session:personal - allow\n',
    );
    expect(await trust('graph')).toMatchObject({
      code: 1,
      error: expect.stringContaining('everything is denied') as string,
    });
    await rm(join(home, 'trust', 'policy.txt'));
    writeFileSync(join(home, 'settings.json'), '{');
    expect(await trust('graph')).toMatchObject({
      code: 1,
      error: expect.stringContaining('line 1') as string,
    });
  });

  it.each([['export'], ['model'], ['attack'], ['nonsense'], ['verify', 'more'], ['--wrong']])(
    '%s ends with 64',
    async (...args) => {
      expect((await trust(...args)).code).toBe(64);
    },
  );
});
