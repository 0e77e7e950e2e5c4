import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openLogFile } from './log-file.node.ts';

it('keeps every line, in order, in a file that only its owner reads', async () => {
  const path = join(temporaryFolder(), 'log', 'guardian.log');
  const log = openLogFile(path, { rotate: true });
  for (let line = 0; line < 100; line += 1) log.write(String(line));
  await log.close();
  const lines = readFileSync(path, 'utf8').trim().split('\n');
  expect(lines).toEqual(Array.from({ length: 100 }, (_, line) => String(line)));
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('moves a file that grew too big aside, once, and begins a new one', async () => {
  const path = join(temporaryFolder(), 'guardian.log');
  const log = openLogFile(path, { rotate: true, maxBytes: 10 });
  for (const line of ['first, long enough', 'second, long enough', 'third']) {
    log.write(line);
    await log.close();
  }
  expect(readFileSync(path, 'utf8')).toBe('third\n');
  expect(readFileSync(`${path}.old`, 'utf8')).toBe('second, long enough\n');
});

it('only appends where another process does the moving', async () => {
  const path = join(temporaryFolder(), 'guardian.log');
  const log = openLogFile(path, { rotate: false, maxBytes: 1 });
  log.write('one');
  await log.close();
  log.write('two');
  await log.close();
  expect(readFileSync(path, 'utf8')).toBe('one\ntwo\n');
  expect(existsSync(`${path}.old`)).toBe(false);
});

it('loses lines rather than failing when they cannot be written', async () => {
  const path = join(temporaryFolder(), 'guardian.log');
  mkdirSync(path);
  const log = openLogFile(path, { rotate: true });
  log.write('nowhere to go');
  await expect(log.close()).resolves.toBeUndefined();
});
