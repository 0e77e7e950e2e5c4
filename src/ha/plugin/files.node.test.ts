import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openFiles } from './files.node.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

it('has a file once its last part came', async () => {
  const state = temporaryFolder();
  const files = openFiles(state);
  const folder = join(state, 'media', 'inbound');
  await files.write('dot.png', 0, { data: base64('abc'), size: 6 });
  expect(await files.missing(['dot.png'])).toEqual(['dot.png']);
  await files.write('dot.png', 3, { data: base64('def'), size: 6 });
  expect(await files.missing(['dot.png'])).toEqual([]);
  expect(readFileSync(join(folder, 'dot.png'), 'utf8')).toBe('abcdef');
  expect(readdirSync(folder)).toEqual(['dot.png']);
  expect(await files.read('dot.png', 2)).toEqual({ data: base64('cdef'), size: 6 });
});

it('leaves a file that is whole alone', async () => {
  const state = temporaryFolder();
  const folder = join(state, 'media', 'inbound');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'dot.png'), 'whole');
  await openFiles(state).write('dot.png', 0, { data: base64('other'), size: 5 });
  expect(readFileSync(join(folder, 'dot.png'), 'utf8')).toBe('whole');
});

it('makes no file with a hole of what two send at once', async () => {
  const state = temporaryFolder();
  const folder = join(state, 'media', 'inbound');
  const files = openFiles(state);
  await files.write('dot.png', 0, { data: base64('abc'), size: 9 });
  await files.write('dot.png', 3, { data: base64('def'), size: 9 });
  await files.write('dot.png', 0, { data: base64('abc'), size: 9 }); // the other one
  await expect(files.write('dot.png', 6, { data: base64('ghi'), size: 9 })).rejects.toThrow('part');
  await files.write('dot.png', 3, { data: base64('def'), size: 9 });
  await files.write('dot.png', 6, { data: base64('ghi'), size: 9 });
  expect(readFileSync(join(folder, 'dot.png'), 'utf8')).toBe('abcdefghi');
  expect(readdirSync(folder)).toEqual(['dot.png']);
});

it('takes no name that leads elsewhere', async () => {
  const files = openFiles(temporaryFolder());
  await expect(files.write('../dot.png', 0, { data: '', size: 0 })).rejects.toThrow('file name');
  await expect(files.read('a/b', 0)).rejects.toThrow('file name');
});
