import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { withLock } from './lock.mjs';

let folder = '';
let path = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-lock-'));
  path = join(folder, 'a.lock');
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('two never hold it at once, and it is gone afterwards', async () => {
  const happened: string[] = [];
  const work = (name: string) =>
    withLock(path, async () => {
      happened.push(`${name} in`);
      await Promise.resolve();
      happened.push(`${name} out`);
    });
  await Promise.all([work('a'), work('b')]);
  expect(happened).toEqual(['a in', 'a out', 'b in', 'b out']);
  expect(existsSync(path)).toBe(false);
});

test('a lock whose holder has died is taken over', async () => {
  const dead = spawnSync(process.execPath, ['-e', '']).pid;
  writeFileSync(path, String(dead));
  await expect(withLock(path, () => Promise.resolve('done'))).resolves.toBe('done');
});

test('it is freed when the work fails', async () => {
  await expect(withLock(path, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(existsSync(path)).toBe(false);
});
