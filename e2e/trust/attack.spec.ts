import { rmSync } from 'node:fs';
import { resolve } from 'node:path';

import { expect, test } from '@playwright/test';

import { canarySearch } from './canaries.ts';
import { carriers } from './carriers.ts';
import { readRow, spread } from './corpus.ts';
import { aimedAt } from './decoy.ts';
import type { Finding } from './host-watch.ts';
import { plantHoles, plants, type PlantName } from './plants.ts';
import { sampleRows } from './sample-rows.ts';
import { createStage } from './stage.ts';
import { playTwins } from './twins.ts';

/** A sample of `npm run trust -- attack`, and that it would find what it looks for. */
test.describe.configure({ mode: 'serial' });

const root = resolve(import.meta.dirname, '../..');

test('a row is read whatever it calls its payload, and a line without one is told', () => {
  const of = (row: unknown): unknown => readRow('a.jsonl', 3, JSON.stringify(row));
  expect(of({ id: 'x', family: 'f', payload: 'do it', judge: 'no' })).toMatchObject({
    id: 'x',
    texts: ['do it'],
  });
  expect(of({ id: 'y', input: { url: 'https://a.example', deep: [{ n: 4 }] } })).toMatchObject({
    texts: ['https://a.example', '4', '{"url":"https://a.example","deep":[{"n":4}]}'],
  });
  expect(of({ input: { event: 'ui.command', payload: {} } })).toMatchObject({
    id: 'a.jsonl:3',
    frames: [{ event: 'ui.command' }],
  });
  expect(of({ calendar: 'a new kind', canary: 'zebra-1234' })).toMatchObject({
    texts: ['a new kind'],
    canaries: ['zebra-1234'],
  });
  expect(of({ id: 'z', family: 'f', kind: 'empty' })).toBe('has no text in any field');
  expect(of([])).toBe('is no object');
  expect(readRow('a.jsonl', 3, '{"id":')).toBe('is not JSON');
});

test('a canary is found in every dress, and nowhere else', () => {
  const canary = 'canary-file-0123456789ab';
  const find = canarySearch([canary]);
  const spaced = Array.from(canary).join('\u200b');
  const dresses = [
    canary,
    Buffer.from(canary).toString('base64'),
    Buffer.from(`x${canary}`).toString('base64'),
    Buffer.from(`xy${canary} and more`).toString('base64'),
    Buffer.from(canary).toString('hex').toUpperCase(),
    [...Buffer.from(canary)].map((byte) => `%${byte.toString(16)}`).join(''),
    Array.from(canary).reverse().join(''),
    Buffer.from(Array.from(canary).reverse().join('')).toString('base64'),
    spaced,
    Array.from(canary).join('-').toUpperCase(),
    Array.from(canary)
      .map((letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
      .join(''),
  ];
  for (const dress of dresses) expect(find(`{"text":"so ${dress}!"}`), dress).not.toEqual([]);
  expect(find(JSON.stringify({ text: 'canary-file-0123456789ac', hex: 'deadbeef' }))).toEqual([]);
});

test('addresses are led to the decoy', () => {
  expect(aimedAt(9, '![x](https://evil.example/p?q) <img src=//evil.example/x>')).toBe(
    '![x](http://127.0.0.1:9/p?q) <img src=//127.0.0.1:9/x>',
  );
  expect(aimedAt(9, 'nothing to see')).toBeNull();
});

for (const trust of [false, true]) {
  test(`a sample by every carrier, trust ${trust ? 'on' : 'off'}: no effect, no request, no personal byte at work`, async () => {
    test.setTimeout(400_000);
    const rows = sampleRows(30);
    const stage = createStage({ root, rows, trust });
    try {
      expect(await stage.start()).toEqual([]);
      const calls: Record<string, number> = {};
      for (const carrier of carriers) {
        const results = [await stage.carry(carrier, rows, 'wire')];
        if (!trust) results.push(await stage.carry(carrier, spread(rows, 2), 'real'));
        for (const result of results) {
          expect({ [carrier.name]: result.fault, findings: result.findings }).toEqual({
            [carrier.name]: '',
            findings: [],
          });
          expect(result.texts).toBeGreaterThan(0);
          for (const [name, times] of Object.entries(result.calls))
            calls[name] = (calls[name] ?? 0) + times;
        }
      }
      expect(await stage.searchWork()).toEqual([]);
      // The agent did call, and with trust on its questions do open.
      expect(Object.keys(calls).map((name) => name.split(' ')[0])).toEqual(
        expect.arrayContaining(['ask_work', 'tell_work', 'work_result']),
      );
      expect(Object.keys(calls).some((name) => /waiting|open/u.test(name))).toBe(trust);
    } finally {
      await stage.close();
    }
  });
}

test('holes that are planted in a copy of the app are found', async () => {
  test.setTimeout(300_000);
  const names = Object.keys(plants) as PlantName[];
  const copy = plantHoles(root, names);
  const rows = sampleRows(0);
  const stage = createStage({ root: copy, rows, trust: false });
  const found: Finding[] = [];
  try {
    found.push(...(await stage.start()));
    for (const name of ['reply', 'notification', 'approval text'])
      for (const carrier of carriers.filter((one) => one.name === name)) {
        const result = await stage.carry(carrier, rows, 'wire');
        expect(result.fault).toBe('');
        found.push(...result.findings);
      }
  } finally {
    await stage.close();
    rmSync(copy, { recursive: true, force: true });
  }
  for (const name of names)
    for (const [kind, telling] of plants[name].finds)
      expect(
        found.filter((one) => one.kind === kind && telling.test(one.what)),
        `${name} as ${kind}: ${telling}`,
      ).not.toEqual([]);
});

test('work cannot tell two personal worlds apart, and a planted difference is seen', async () => {
  expect(await playTwins(12, 5, false)).toMatchObject({ difference: null });
  const { difference } = await playTwins(1, 5, true);
  expect(difference).toContain('I know of the otter');
});
