import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { defaultSettings, parseSettings } from '../../src/store/index.ts';
import { demoSettings, readDemoSettings, writeDemoSettings } from './demo-settings.ts';

const addresses = {
  homePort: 21_000,
  standbyPort: 21_120,
  modelUrl: 'http://127.0.0.1:9',
  portalUrl: 'http://127.0.0.1:8',
  code: 'c',
};
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'switchyard-demo-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

test('they are settings that the app accepts', () => {
  expect(parseSettings(JSON.stringify(demoSettings(addresses, null)))).toMatchObject({ ok: true });
});

test('a person’s rules survive the next demo, the addresses are new', () => {
  const path = join(folder, 'settings.json');
  const own = { ...demoSettings(addresses, null), rules: [] };
  writeDemoSettings(path, own);
  const next = demoSettings({ ...addresses, code: 'another' }, readDemoSettings(path));
  expect(next).toMatchObject({ rules: [] });
  expect(JSON.stringify(next.gateways)).toContain('another');
});

test('settings that are not the demo’s are left alone', () => {
  const path = join(folder, 'settings.json');
  writeFileSync(path, JSON.stringify(defaultSettings));
  expect(() => readDemoSettings(path)).toThrow('settings of your own');
});
