import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, it } from 'vitest';

import { fileTrustStore } from './trust-store.node.ts';

const on = { epoch: 3, edges: [{ from: 'personal', to: 'work' }], tainted: ['personal'] };
const nothing = { epoch: 0, edges: [], tainted: [] };

let folder: string;
let path: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-trust-'));
  path = join(folder, 'trust.json');
});
afterEach(() => {
  chmodSync(folder, 0o700);
  rmSync(folder, { recursive: true, force: true });
});

it('keeps what it is given, for its owner only', () => {
  expect(fileTrustStore(path).load()).toEqual(nothing);
  expect(fileTrustStore(path).save(on).ok).toBe(true);
  expect(fileTrustStore(path).load()).toEqual(on);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is off where the file cannot be read', () => {
  writeFileSync(path, '{"epoch":1,"edges":"all"}');
  expect(fileTrustStore(path).load()).toEqual(nothing);
});

it('is off where it could not be saved', () => {
  fileTrustStore(path).save(on);
  mkdirSync(`${path}.new`); // stands where the new text would be written
  expect(fileTrustStore(path).save({ ...on, epoch: 4 })).toMatchObject({
    ok: false,
    error: { code: 'storage' },
  });
  expect(existsSync(path)).toBe(false);
  expect(fileTrustStore(path).load()).toEqual(nothing);
});
