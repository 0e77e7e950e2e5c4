import { resolve } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';

import { parseStartArguments } from './start.mjs';

afterEach(() => vi.unstubAllEnvs());

test('--demo and --home are ours, the rest goes to the app', () => {
  vi.stubEnv('INIT_CWD', '/work');
  expect(parseStartArguments(['--demo', '--home', 'here', '--lang=de'])).toEqual({
    demo: true,
    help: false,
    home: resolve('/work', 'here'),
    rest: ['--lang=de'],
    problem: undefined,
  });
});

test('SWITCHYARD_HOME is the default, and --home wins', () => {
  vi.stubEnv('SWITCHYARD_HOME', '/one');
  expect(parseStartArguments([]).home).toBe(resolve('/one'));
  expect(parseStartArguments(['--home=/two']).home).toBe(resolve('/two'));
});

test.each([[['--home']], [['--home=']], [['--home', '--demo']], [['--demo=yes']]])(
  'refuses %j',
  (args) => {
    expect(parseStartArguments(args).problem).toBeDefined();
  },
);
