import { describe, expect, test } from 'vitest';

import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { createTranslator } from '../shared/index.ts';
import { codeOf } from './pair-code.ts';
import type { Invitation } from './pair-code.ts';
import type { JoinContent } from './pair-join.ts';
import { createPairTake } from './pair-take.ts';
import { joinContent } from './testing/join-content.ts';

const code = codeOf(new Uint8Array(12));
const request = { code, address: '10.0.0.11' };

function takeWith(
  answer: Result<JoinContent, string> = ok(joinContent),
  options: { readonly isThere?: boolean; readonly disk?: string } = {},
) {
  const asked: Invitation[] = [];
  const written: JoinContent['files'][number][] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<undefined>();
  let isHeld = false;
  const take = createPairTake({
    t: createTranslator('en'),
    host: {
      program: '/opt/Switch Yard',
      take: async (invitation, signal) => {
        asked.push(invitation);
        if (isHeld) await gate;
        return signal.aborted ? fail('aborted') : answer;
      },
      look: (folder) =>
        Promise.resolve({ path: `/p/it's/${folder}`, isThere: options.isThere === true }),
      write: (folder, files) => {
        if (options.disk !== undefined) return Promise.reject(new Error(options.disk));
        written.push(...files);
        return Promise.resolve(`/p/it's/${folder}`);
      },
      writeFile: (_folder, file) => {
        written.push(file);
        return Promise.resolve();
      },
    },
  });
  return {
    ...take,
    asked,
    written,
    hold: () => {
      isHeld = true;
    },
    open: () => {
      open(undefined);
    },
  };
}

test('shows what came, then writes it, and says what is left', async () => {
  const { take, write, enterToken, asked, written } = takeWith();
  expect(await take(request)).toEqual({
    ok: true,
    value: {
      pairName: 'House',
      here: { name: 'Attic', role: 'standby', address: 'ws://10.0.0.12:18789' },
      there: { name: 'Den', role: 'primary', address: 'wss://10.0.0.11:18789' },
      register: '10.0.0.5:18971',
      folder: "/p/it's/switchyard-house",
      files: joinContent.files.map(({ name }) => name),
      replaces: false,
    },
  });
  expect(asked).toEqual([{ host: '10.0.0.11', port: 18_972, code }]);
  expect(written).toEqual([]);
  expect(await write()).toEqual({
    ok: true,
    value: {
      pairName: 'House',
      folder: "/p/it's/switchyard-house",
      token: { file: 'secrets/token-attic', gateway: 'Attic' },
      commands: [
        "SWITCHYARD='/opt/Switch Yard'",
        String.raw`cd '/p/it'\''s/switchyard-house' && node guardian.js`,
      ],
    },
  });
  expect(written).toEqual(joinContent.files);
  expect(await write()).toMatchObject({ ok: false, error: { code: 'not-found' } });
  expect(await enterToken('t0ken')).toEqual({ ok: true, value: null });
  expect(written.at(-1)).toEqual({ name: 'secrets/token-attic', text: 't0ken' });
});

test('no secret is shown', async () => {
  const { take, write } = takeWith();
  const shown = JSON.stringify([await take(request), await write()]);
  expect(JSON.stringify(joinContent)).toContain('peer-secret');
  expect(shown).not.toContain('peer-secret');
});

test('says that an earlier join is replaced', async () => {
  const { take } = takeWith(ok(joinContent), { isThere: true });
  expect(await take(request)).toMatchObject({ value: { replaces: true } });
});

describe('refuses', () => {
  test('what is no code before it asks', async () => {
    const { take, asked } = takeWith();
    expect(await take({ code: '7K2Q', address: '10.0.0.11' })).toMatchObject({
      error: { code: 'bad-input', message: expect.stringContaining('12 letters') as string },
    });
    expect(asked).toEqual([]);
  });

  test('what the other computer does not give, in its words', async () => {
    const { take, write } = takeWith(fail('It does not know this code.'));
    expect(await take(request)).toMatchObject({
      error: { code: 'offline', message: 'It does not know this code.' },
    });
    expect(await write()).toMatchObject({ error: { code: 'not-found' } });
  });

  test.each([
    ['nothing', undefined],
    ['no JSON', 'guardian'],
    ['a later version', JSON.stringify({ version: 2, pairs: [] })],
    ['without a pair', JSON.stringify({ version: 1, stateDir: 's', socket: 's', pairs: [] })],
  ])('a configuration that is %s', async (_what, text) => {
    const files = joinContent.files.flatMap((file) =>
      file.name === 'guardian.json' ? (text === undefined ? [] : [{ ...file, text }]) : [file],
    );
    const { take, write } = takeWith(ok({ ...joinContent, files }));
    expect(await take(request)).toMatchObject({
      error: { code: 'bad-input', message: expect.stringContaining('same version') as string },
    });
    expect(await write()).toMatchObject({ ok: false });
  });

  test('to lose what came when the disk is full', async () => {
    const { take, write, written } = takeWith(ok(joinContent), { disk: 'no space' });
    await take(request);
    expect(await write()).toMatchObject({
      error: { code: 'storage', message: expect.stringContaining('no space') as string },
    });
    expect(await write()).toMatchObject({ error: { code: 'storage' } }); // it is there still
    expect(written).toEqual([]);
  });
});

test('forgets what was taken, or is being taken', async () => {
  const { take, write, cancel, hold, open, written } = takeWith();
  await take(request);
  cancel();
  expect(await write()).toMatchObject({ error: { code: 'not-found' } });
  hold();
  const late = take(request);
  cancel();
  open();
  expect(await late).toMatchObject({ ok: false });
  expect(await write()).toMatchObject({ error: { code: 'not-found' } });
  expect(written).toEqual([]);
});
