import { expect, test } from 'vitest';

import { createTranslator } from '../shared/index.ts';
import { parseSettings } from '../store/index.ts';
import { memorySettingsFile } from '../store/testing/memory-stores.ts';
import { createPairFiles } from './pair-files.ts';

function filesWith(hasGit = true) {
  const parsed = parseSettings(
    JSON.stringify({
      version: 1,
      gateways: ['a', 'b', 'c', 'd'].map((id, index) => ({
        id,
        name: id,
        domain: 'personal',
        kind: 'managed',
        port: 21_000 + index * 120,
      })),
      pairs: [
        { id: 'home', name: 'Home', primary: 'a', standby: 'b' },
        { id: 'den', name: 'Den', primary: 'c', standby: 'd', workspace: { kind: 'none' } },
      ],
    }),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const settings = memorySettingsFile(parsed.value);
  const host = { hasGit: () => Promise.resolve(hasGit) };
  const ways = () => settings.current().pairs.map(({ workspace }) => workspace);
  return { ...createPairFiles({ settings, host, t: createTranslator('en') }), ways };
}

test('says what is chosen, and chooses for one pair alone', async () => {
  const { chosen, choose, ways } = filesWith();
  expect(await chosen('home')).toEqual({
    ok: true,
    value: { workspace: { kind: 'sync' }, hasGit: true, two: false },
  });
  expect(await choose('home', { kind: 'git', remote: 'origin' })).toEqual({
    ok: true,
    value: null,
  });
  expect(ways()).toEqual([{ kind: 'git', remote: 'origin' }, { kind: 'none' }]);
  expect(await chosen('home')).toMatchObject({ value: { workspace: { kind: 'git' } } });
});

test('refuses what could not work, and a pair that is gone', async () => {
  const { choose, ways } = filesWith(false);
  expect(await choose('home', { kind: 'git', remote: 'origin' })).toMatchObject({
    error: { code: 'denied', message: expect.stringContaining('not installed') as string },
  });
  expect(await choose('home', { kind: 'git', remote: '--exec=x' })).toMatchObject({
    error: { code: 'bad-input' },
  });
  expect(await choose('attic', { kind: 'none' })).toMatchObject({ error: { code: 'not-found' } });
  expect(ways()).toEqual([{ kind: 'sync' }, { kind: 'none' }]);
});
