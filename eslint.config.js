import js from '@eslint/js';
import reactHooks from 'eslint-plugin-react-hooks';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { compositionRoots, doors, layerRanks, rendererMayImport } from './build/layers.mjs';

const layers = Object.keys(layerRanks);
const areas = [...layers, 'preload', 'renderer'];
const domainLayers = layers.filter((layer) => !compositionRoots.includes(layer));
const doorNames = doors.map((door) => door.replaceAll('.', '\\.')).join('|');

// prettier-ignore
const scriptGlobals = [
  'Buffer', 'Headers', 'Response', 'URL', '__dirname', 'clearInterval', 'clearTimeout', 'console', 'performance',
  'process', 'setInterval', 'setTimeout',
];

const testFiles = ['**/*.test.{ts,tsx}', '**/testing/**', 'e2e/**'];
const uiPackages = {
  regex: '^(react|react-dom|zustand|cmdk)(/|$)',
  message: 'The UI belongs to the renderer.',
};
const electron = { regex: '^electron(/|$)', message: 'Electron belongs to main and preload.' };
const node = { regex: '^node:', message: 'Node belongs to *.node.ts, main and headless.' };

/**
 * The layer rules again, where the editor shows them while typing; src/structure.test.ts is the judge.
 * @param {string} area
 */
function importRules(area) {
  const allowed = areas.filter((other) =>
    area === 'renderer' ? rendererMayImport.includes(other) : rankOf(other) < rankOf(area),
  );
  const forbidden = areas.filter((other) => other !== area && !allowed.includes(other));
  return [
    {
      regex: `^(\\.\\./)+(${forbidden.join('|')})/`,
      message: `${area} may import ${allowed.join(', ') || 'nothing'} only.`,
    },
    {
      regex: `^(\\.\\./)+(${allowed.join('|')})/(?!(${doorNames})$|testing/)`,
      message: 'Import the door of an area: its index.',
    },
    ...(area === 'main' ? [] : [electron]),
    ...(area === 'renderer' ? [] : [uiPackages]),
    ...(area === 'renderer' ? [node] : []),
  ];
}

/** @param {string} area @returns {number} */
function rankOf(area) {
  return layerRanks[area] ?? Number.POSITIVE_INFINITY;
}

/** @type {import('eslint').Linter.Config[]} */
const layerConfigs = [...layers, 'renderer'].map((area) => ({
  files: [`src/${area}/**`],
  rules: { 'no-restricted-imports': ['error', { patterns: importRules(area) }] },
}));

/** What the pure part of a domain layer must take through a port. */
const impure = [
  ['MemberExpression[object.name="Math"][property.name="random"]', 'Take a Random.'],
  ['MemberExpression[object.name="Date"][property.name="now"]', 'Take a Clock.'],
  ['NewExpression[callee.name="Date"][arguments.length=0]', 'Take a Clock.'],
  ['MemberExpression[object.name="performance"]', 'Take a Clock.'],
  ['Identifier[name=/^(setTimeout|setInterval)$/]', 'Take a Clock.'],
  ['MemberExpression[object.name="crypto"]', 'Take a Random, or write a *.node.ts.'],
].map(([selector, message]) => ({ selector, message }));

const unfinishedTests = {
  selector:
    'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(skip|only|todo|skipIf|runIf|fails|fixme)$/]',
  message: 'A test runs or does not exist.',
};

export default defineConfig(
  globalIgnores(['node_modules', 'out', 'dist', '.cache', 'bench-results', 'build/types']),
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      'func-style': ['error', 'declaration', { allowArrowFunctions: true }],
      'max-lines': ['error', 450],
      'no-restricted-exports': [
        'error',
        { restrictDefaultExports: { direct: true, named: true, defaultFrom: true } },
      ],
    },
  },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.lint.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      // `() => doIt()` for a function without result reads well and hides nothing.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Our objects are made by functions and have no `this`; taking a method off one is safe.
      '@typescript-eslint/unbound-method': 'off',
      // An async function may satisfy an asynchronous port without awaiting anything.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: Object.fromEntries(scriptGlobals.map((name) => [name, 'readonly'])),
    },
  },
  ...layerConfigs,
  {
    files: domainLayers.map((layer) => `src/${layer}/**/*.ts`),
    ignores: ['**/*.node.ts', 'src/base/random.ts', ...testFiles],
    rules: {
      'no-restricted-syntax': ['error', ...impure],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'fetch'],
    },
  },
  {
    files: ['src/preload/**'],
    rules: { 'no-restricted-globals': ['error', 'Buffer', 'setImmediate', 'require'] },
  },
  { files: ['src/renderer/**'], extends: [reactHooks.configs.flat.recommended] },
  {
    files: testFiles,
    rules: {
      'no-restricted-syntax': ['error', unfinishedTests],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // What a matcher like `expect.any` gives is `any`, and a parsed answer often stays one.
      '@typescript-eslint/no-unsafe-assignment': 'off',
    },
  },
  {
    files: ['*.config.{js,ts}', 'build/*.config.{ts,mjs}'],
    rules: { 'no-restricted-exports': 'off' },
  },
);
