import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { becauseText, createTranslator } from '../shared/index.ts';
import { defaultSettings, serialiseSettings, type Settings } from '../store/index.ts';
import { runRoute } from './route-cli.node.ts';

const t = createTranslator('en');

const settings: Settings = {
  ...defaultSettings,
  gateways: [
    { id: 'home', name: 'Home', domain: 'personal', kind: 'remote', url: 'wss://home.example' },
    { id: 'acme', name: 'Acme', domain: 'work', kind: 'remote', url: 'wss://acme.example' },
  ],
  rules: [
    {
      id: 'r1',
      name: 'Projects',
      enabled: true,
      when: { kind: 'contains', text: 'ATLAS' },
      then: 'work',
    },
    {
      id: 'r2',
      name: 'From home',
      enabled: true,
      when: { kind: 'pane', pane: 'home' },
      then: 'personal',
    },
  ],
};

describe('npm run route', () => {
  let folder: string;
  let input: string;
  let output: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'switchyard-route-'));
    input = join(folder, 'messages.jsonl');
    output = join(folder, 'routes.jsonl');
    await mkdir(join(folder, 'home'));
    writeFileSync(join(folder, 'home', 'settings.json'), serialiseSettings(settings));
  });
  afterEach(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  const run = async (...args: readonly string[]) => {
    let error = '';
    const code = await runRoute(args, (text) => {
      error += text;
    });
    return { code, error };
  };
  const route = (text: string, ...args: readonly string[]) => {
    writeFileSync(input, text);
    return run('--in', input, '--out', output, ...args);
  };
  const written = (): unknown[] =>
    readFileSync(output, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line): unknown => JSON.parse(line));

  it('asks about everything that is not addressed when there is no profile', async () => {
    expect(
      await route('{"text":"hello ATLAS"}\n{"id":7,"text":"@work hello"}\n{"id":"c","text":""}'),
    ).toEqual({ code: 0, error: '' });
    expect(written()).toEqual([
      {
        action: 'ask',
        gateway: 'ask',
        pWork: 0.5,
        confidence: 0,
        via: 'default',
        because: becauseText(t, { code: 'nothing-decides' }),
      },
      {
        id: 7,
        action: 'send',
        gateway: 'work',
        pWork: 1,
        confidence: 1,
        via: 'override',
        because: becauseText(t, { code: 'named', name: 'work' }),
      },
      {
        id: 'c',
        action: 'stay',
        gateway: 'ask',
        pWork: 0.5,
        confidence: 0,
        via: 'default',
        because: becauseText(t, { code: 'empty' }),
      },
    ]);
  });

  it('uses the rules of a profile, and the context of a line', async () => {
    const context = {
      pane: 'HOME',
      session: 's',
      previous: { domain: 'work', text: 'x' },
      time: '2026-01-01T09:00:00Z',
      app: 'mail',
      attachments: [{ name: 'a.pdf' }],
      more: 1,
    };
    await route(
      `{"text":"about atlas"}\r\n\r\n${JSON.stringify({ text: 'hello', context, more: 1 })}\r\n`,
      '--home',
      join(folder, 'home'),
    );
    expect(written()).toMatchObject([
      {
        gateway: 'work',
        via: 'rule',
        because: expect.stringContaining('(rule 1, Projects)') as string,
      },
      {
        gateway: 'personal',
        via: 'rule',
        pWork: 0,
        because: expect.stringContaining('Home (rule 2, From home)') as string,
      },
    ]);
  });

  it.each([
    ['{"text":"a"}\n{"text":"b"', 'line 2: not JSON'],
    ['{"text":"a"}\n\n{"id":"x"}\n', 'line 3: text: '],
    ['{"text":"a"}\n[]\n', 'line 2: the line: '],
    ['{"text":"a","context":{"previous":"work"}}', 'line 1: context.previous: '],
  ])(
    'stops at a bad line, names it, and leaves an earlier result alone: %j',
    async (text, words) => {
      writeFileSync(output, 'earlier');
      const result = await route(text);
      expect([result.code, result.error]).toEqual([65, expect.stringContaining(words)]);
      expect(readFileSync(output, 'utf8')).toBe('earlier');
      expect(readdirSync(folder).sort()).toEqual(['home', 'messages.jsonl', 'routes.jsonl']);
    },
  );

  it('keeps a line with U+2028 in one piece, a mark at the start and characters across chunks', async () => {
    const text = `a\u2028b ${'😀'.repeat(40_000)}`;
    await route(`\uFEFF${JSON.stringify({ text: `@work ${text}` })}\n{"text":"@personal x"}\n`);
    expect(written()).toMatchObject([{ gateway: 'work' }, { gateway: 'personal' }]);
  });

  it('writes as many lines as it reads', async () => {
    const lines = Array.from({ length: 3_000 }, (_, id) =>
      JSON.stringify({ id, text: id % 2 === 0 ? `ATLAS ${id}` : 'hello' }),
    );
    await route(lines.join('\n'), '--home', join(folder, 'home'));
    expect(written().map((line) => (line as { readonly id: number }).id)).toEqual(
      lines.map((_, id) => id),
    );
  });

  it.each([[[]], [['--in', 'x']], [['--in', 'x', '--out', 'y', '--fast']], [['x']]])(
    'ends with 64 when it is called wrongly: %j',
    async (args) => {
      const result = await run(...args);
      expect([result.code, result.error]).toEqual([64, expect.stringContaining('usage:')]);
    },
  );

  it('ends with 74 when a file is not there or is a folder', async () => {
    expect((await run('--in', join(folder, 'none'), '--out', output)).code).toBe(74);
    expect((await run('--in', folder, '--out', output)).code).toBe(74);
    writeFileSync(input, '{"text":"a"}');
    expect((await run('--in', input, '--out', join(folder, 'none', 'routes.jsonl'))).code).toBe(74);
    expect(existsSync(output)).toBe(false);
  });

  it('ends with 65 and the line when the settings have a fault', async () => {
    writeFileSync(join(folder, 'home', 'settings.json'), '{\n "version": 1,\n "rulez": []\n}');
    const result = await route('{"text":"a"}', '--home', join(folder, 'home'));
    expect([result.code, result.error]).toEqual([
      65,
      expect.stringContaining('line 3, rulez: “rulez” is not known here; did you mean “rules”?'),
    ]);
  });
});
