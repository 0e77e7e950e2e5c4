import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { createLogger } from '../base/index.ts';
import { manualClock } from '../base/testing/manual-clock.ts';
import type { SecretVault } from '../store/index.ts';
import { entry } from './audit/testing/sample-log.ts';
import { isCutRequested, requestCut } from './cut-request.node.ts';
import { runTrust } from './trust-cli.node.ts';
import { openTrustFolder } from './trust-folder.node.ts';
import { fileTrustStore } from './trust-store.node.ts';

let home: string;
let folder: string;
const clock = manualClock();
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'switchyard-trust-'));
  folder = join(home, 'trust');
});
afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** A keychain of a test's own. */
function vaultOf(kind: SecretVault['kind'], entries = new Map<string, string>()) {
  const vault: SecretVault = {
    kind,
    detail: 'test',
    get: (name) => Promise.resolve(entries.get(name) ?? null),
    set: (name, value) => {
      entries.set(name, value);
      return Promise.resolve();
    },
    delete: (name) => {
      entries.delete(name);
      return Promise.resolve();
    },
  };
  return { vault, entries };
}

async function open(vault: SecretVault) {
  const opened = await openTrustFolder({
    folder,
    vault,
    clock,
    logger: createLogger('test', () => 0, []),
  });
  if (!opened.ok) throw new Error(opened.error.message);
  return opened.value;
}

async function write(vault: SecretVault, count: number): Promise<void> {
  const { log } = await open(vault);
  for (let index = 0; index < count; index += 1) log.append(entry());
  await log.close();
}

async function trust(...args: readonly string[]) {
  const printed = { out: '', error: '' };
  const code = await runTrust([...args, '--home', home], {
    out: (text) => (printed.out += text),
    error: (text) => (printed.error += text),
  });
  return { code, ...printed };
}

describe('the keys of the log', () => {
  test('are in the keychain and in no file, and sign what `verify` accepts', async () => {
    const { vault, entries } = vaultOf('keyring');
    await write(vault, 3);
    await write(vault, 2);
    const secret = (JSON.parse(entries.get('trust-log-keys') ?? '') as { signing: string }).signing;
    for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }))
      if (name.endsWith('.json') || name.endsWith('.jsonl'))
        expect(readFileSync(join(folder, name), 'utf8')).not.toContain(secret);
    expect(JSON.parse(entries.get('trust-log-head') ?? '')).toMatchObject({ size: 5 });
    const { log, verify } = await open(vault);
    expect(verify()).toMatchObject({ state: 'holds', records: 5, keys: 'keychain' });
    await log.close();
    expect((await trust('verify')).code).toBe(0);
  });

  test('remember how far it got: the log is cut back, and that is found', async () => {
    const { vault } = vaultOf('keyring');
    await write(vault, 3);
    const path = join(folder, 'log', 'records-000001.jsonl');
    const checkpoints = join(folder, 'log', 'checkpoints.jsonl');
    const before = [readFileSync(path), readFileSync(checkpoints)] as const;
    await write(vault, 4);
    writeFileSync(path, before[0]);
    writeFileSync(checkpoints, before[1]);
    expect((await trust('verify')).code).toBe(0); // the files alone cannot tell
    const { log, verify } = await open(vault);
    expect(verify()).toMatchObject({ state: 'cut' });
    expect(log.recent(1)[0]?.detail).toContain('records 3 to 6 are missing');
    await log.close();
  });

  test('that are gone begin a new log; the one before stays whole beside it, and both hold', async () => {
    await write(vaultOf('keyring').vault, 3);
    const { vault } = vaultOf('keyring');
    const { log, verify } = await open(vault);
    expect(log.recent(1)[0]?.detail).toMatch(/not here: it is in log-until-.*, 3 records, root /u);
    expect(verify()).toMatchObject({ state: 'holds', records: 4 });
    await log.close();
    const verified = await trust('verify');
    expect(verified.code).toBe(0);
    expect(verified.out).toMatch(/log-until-.*: 3 records, 3 of them signed/u);

    const aside = readdirSync(folder).find((name) => name.startsWith('log-until-')) ?? '';
    const path = join(folder, aside, 'records-000001.jsonl');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"work"', '"home"'));
    expect((await trust('verify')).code).toBe(2);
  });

  test('are in a file where there is no keychain', async () => {
    const { vault, entries } = vaultOf('memory');
    await write(vault, 1);
    expect(entries.size).toBe(0);
    expect(existsSync(join(folder, 'log-keys.json'))).toBe(true);
    const { log, verify } = await open(vault);
    expect(verify()).toMatchObject({ state: 'holds', keys: 'file' });
    await log.close();
  });
});

test('the whole log is exported with proofs that the verifier accepts', async () => {
  const { vault } = vaultOf('keyring');
  await write(vault, 3);
  const { log, exportLog } = await open(vault);
  log.append(entry());
  const exported = exportLog(true);
  await log.close();
  expect(exported).toMatchObject({ ok: true, value: { records: 4 } });
  expect(exported.ok && exported.value.text).not.toContain('line 14'); // of the private part
});

describe('a cut from outside', () => {
  const on = { epoch: 3, edges: [{ from: 'personal', to: 'work' }], tainted: ['personal'] };

  test('is done at once by the app that runs', async () => {
    const { onCutRequest, log } = await open(vaultOf('memory').vault);
    let cuts = 0;
    const stop = onCutRequest(() => {
      cuts += 1;
      return true;
    });
    expect(await trust('revoke')).toMatchObject({ code: 0, out: expect.stringContaining('done') });
    expect(cuts).toBe(1);
    stop();
    await log.close();
  });

  test('stands while it is not on disk, and is done by the next start', async () => {
    const { onCutRequest, log } = await open(vaultOf('memory').vault);
    onCutRequest(() => false)();
    requestCut(folder);
    const heard: string[] = [];
    onCutRequest(() => {
      heard.push('failed');
      return false;
    })();
    expect(isCutRequested(folder)).toBe(true);
    onCutRequest(() => {
      heard.push('done');
      return true;
    })();
    expect(isCutRequested(folder)).toBe(false);
    expect(heard).toEqual(['failed', 'done']);
    await log.close();
  });

  test('changes the file where no app runs: no edge, a higher epoch, what is tainted stays so', async () => {
    mkdirSync(folder, { recursive: true });
    const store = fileTrustStore(join(folder, 'trust.json'));
    store.save(on);
    expect(await trust('revoke')).toMatchObject({
      code: 0,
      out: expect.stringContaining('No app that runs has taken it'),
    });
    expect(store.load()).toEqual({ epoch: 4, edges: [], tainted: ['personal'] });
    expect(isCutRequested(folder)).toBe(true); // for the log of the next start
  });
});
