import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { writeGuardianConfig } from '../ha/index.node.ts';
import { createTranslator } from '../shared/index.ts';
import { parseSettings } from '../store/index.ts';
import type { Settings } from '../store/index.ts';
import { guardianConfig } from './guardian-config.ts';
import { noticesOf } from './notices.ts';

function settings(standby: object): Settings {
  const parsed = parseSettings(
    JSON.stringify({
      version: 1,
      gateways: [
        { id: 'a', name: 'A', domain: 'personal', kind: 'managed', port: 21000, model: null },
        { id: 'b', name: 'B', domain: 'personal', ...standby },
      ],
      pairs: [{ id: 'home', name: 'Home', primary: 'a', standby: 'b' }],
    }),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

const managed = settings({ kind: 'managed', port: 21120, model: null });
const place = { stateDir: '/profile/guardian', socket: '/profile/guardian.sock' };
const t = createTranslator('en');

test('the guardian accepts what is written for it, and it holds no token', () => {
  const config = guardianConfig(managed, place, t);
  if (!config.ok) throw new Error(config.error);
  const path = join(mkdtempSync(join(tmpdir(), 'switchyard-core-')), 'guardian.json');
  writeGuardianConfig(path, config.value); // throws for a configuration that the guardian would refuse
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    pairs: [
      {
        id: 'home',
        domain: 'personal',
        primary: { id: 'a', url: 'ws://127.0.0.1:21000', token: { app: true } },
        standby: { id: 'b', url: 'ws://127.0.0.1:21120', token: { app: true } },
      },
    ],
  });
});

test('a pair with a gateway that is not ours is refused in words', () => {
  const config = guardianConfig(settings({ kind: 'remote', url: 'wss://b.example' }), place, t);
  expect(config).toMatchObject({ ok: false, error: expect.stringContaining('Home') as string });
});

test('a changed gateway waits for the next start and says so; a changed rule does not', () => {
  const codes = (current: Settings): string[] =>
    noticesOf([], managed, current, []).map((notice) => notice.code);
  expect(codes(managed)).toEqual([]);
  expect(codes({ ...managed, trust: { personalToWork: true } })).toEqual([]);
  expect(codes({ ...managed, pairs: [] })).toEqual(['settings-restart']);
  const problem = { line: 3, column: 1, path: 'rules', message: 'odd' };
  expect(noticesOf([], managed, managed, [problem, problem])).toMatchObject([
    { code: 'settings-error', values: { line: 3, message: 'odd' } },
  ]);
});
