import { readdirSync, readFileSync } from 'node:fs';
import { join, posix, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

import { checkStructure, type SourceFile } from '../build/structure/check-structure.ts';

const root = join(import.meta.dirname, '..');

/** The smallest tree in which every rule holds. */
const soundTree: readonly SourceFile[] = [
  { path: 'src/base/index.ts', text: "export { ok } from './result.ts';" },
  { path: 'src/base/result.ts', text: 'export const ok = true;' },
  { path: 'src/base/index.node.ts', text: "import { hrtime } from 'node:process';" },
  { path: 'src/trust/index.ts', text: "import { ok } from '../base/index.ts';" },
  { path: 'src/trust/audit.node.ts', text: "import { systemClock } from '../base/index.node.ts';" },
  {
    path: 'src/trust/audit.test.ts',
    text: "import { clock } from '../base/testing/manual-clock.ts';",
  },
  {
    path: 'src/main/open-link.ts',
    text: "import { shell } from 'electron'; void shell.openExternal('');",
  },
  { path: 'src/main/register.ts', text: "import { ipcMain } from 'electron'; // not openExternal" },
  { path: 'src/headless/index.ts', text: "import { audit } from '../trust/index.node.ts';" },
  {
    path: 'src/preload/index.ts',
    text: "import { ipcRenderer } from 'electron'; import { channels } from '../shared/ipc/channels.ts';",
  },
  {
    path: 'src/renderer/app.tsx',
    text: "import { useState } from 'react'; import '../shared/index.ts';",
  },
];

/** One broken example a rule, and a part of what must be said about it. */
const broken: readonly (SourceFile & { readonly rule: string; readonly says: string })[] = [
  {
    rule: 'a lower layer does not import a higher one',
    path: 'src/store/a.ts',
    text: "import { x } from '../trust/index.ts';",
    says: 'src/store/a.ts:1: store (rank 2) may not import trust (rank 3)',
  },
  {
    rule: 'a type import is an import',
    path: 'src/store/a.ts',
    text: "\nimport type { X } from '../core/index.ts';",
    says: 'src/store/a.ts:2: store (rank 2) may not import core (rank 8)',
  },
  {
    rule: 'an import inside a type is an import',
    path: 'src/store/a.ts',
    text: "type X = import('../chat/index.ts').X;",
    says: 'store (rank 2) may not import chat',
  },
  {
    rule: 'a re-export is an import',
    path: 'src/store/a.ts',
    text: "export * from '../chat/index.ts';",
    says: 'store (rank 2) may not import chat',
  },
  {
    rule: 'a dynamic import is an import',
    path: 'src/store/a.ts',
    text: "export const x = () => import('../chat/index.ts');",
    says: 'store (rank 2) may not import chat',
  },
  {
    rule: 'an import is named',
    path: 'src/store/a.ts',
    text: 'export const x = (name: string) => import(name);',
    says: 'imports something (computed: name)',
  },
  {
    rule: 'layers of one rank do not see each other',
    path: 'src/ha/a.ts',
    text: "import { x } from '../cloud/index.ts';",
    says: 'ha (rank 5) may not import cloud (rank 5)',
  },
  {
    rule: 'nobody imports a composition root',
    path: 'src/headless/a.ts',
    text: "import { x } from '../main/index.ts';",
    says: 'headless (rank 9) may not import main (rank 9)',
  },
  {
    rule: 'nobody imports the renderer',
    path: 'src/main/a.ts',
    text: "import { x } from '../renderer/index.ts';",
    says: 'main may not import renderer',
  },
  {
    rule: 'an area has a door',
    path: 'src/trust/a.ts',
    text: "import { ok } from '../base/result.ts';",
    says: 'reaches into base',
  },
  {
    rule: 'a pure file does not import a Node adapter of its own area',
    path: 'src/trust/a.ts',
    text: "import { audit } from './audit.node.ts';",
    says: 'src/trust/audit.node.ts uses Node',
  },
  {
    rule: 'a pure file does not use the Node door',
    path: 'src/trust/a.ts',
    text: "import { x } from '../base/index.node.ts';",
    says: 'src/base/index.node.ts uses Node',
  },
  {
    rule: 'node: stays in the adapters',
    path: 'src/trust/a.ts',
    text: "import { readFileSync } from 'node:fs';",
    says: 'node:fs belongs to *.node.ts',
  },
  {
    rule: 'a builtin without node: is one too',
    path: 'src/renderer/a.ts',
    text: "const fs = require('fs');",
    says: 'fs belongs to *.node.ts',
  },
  {
    rule: 'electron stays in main and preload',
    path: 'src/core/a.ts',
    text: "import type { App } from 'electron';",
    says: 'electron belongs to main and preload only',
  },
  {
    rule: 'a subpath of electron is electron',
    path: 'src/headless/a.ts',
    text: "import { app } from 'electron/main';",
    says: 'electron belongs to main and preload only',
  },
  {
    rule: 'electron is taken by name',
    path: 'src/main/a.ts',
    text: "import * as electron from 'electron';",
    says: "take electron's parts by name",
  },
  {
    rule: 'react stays in the renderer',
    path: 'src/chat/a.ts',
    text: "import { useState } from 'react';",
    says: 'react belongs to the renderer only',
  },
  {
    rule: 'the renderer knows base and shared only',
    path: 'src/renderer/a.tsx',
    text: "import { x } from '../trust/index.ts';",
    says: 'the renderer may not import trust',
  },
  {
    rule: 'the preload knows the channel names only',
    path: 'src/preload/a.ts',
    text: "import { x } from '../shared/index.ts';",
    says: 'the preload may import src/shared/ipc/channels.ts only',
  },
  {
    rule: 'the preload has no packages',
    path: 'src/preload/a.ts',
    text: "import { z } from 'zod';",
    says: 'the preload imports zod',
  },
  {
    rule: 'fakes are for tests',
    path: 'src/trust/a.ts',
    text: "import { clock } from './testing/clock.ts';",
    says: 'src/trust/testing/clock.ts is for tests only',
  },
  {
    rule: 'nobody imports a test',
    path: 'src/trust/b.test.ts',
    text: "import { x } from './a.test.ts';",
    says: 'imports a test',
  },
  {
    rule: 'src imports nothing from outside',
    path: 'src/trust/a.ts',
    text: "import { x } from '../../build/layers.mjs';",
    says: 'build/layers.mjs, which is outside src/',
  },
  {
    rule: 'every folder is a known area',
    path: 'src/utils/a.ts',
    text: '',
    says: 'src/utils/a.ts:1: is in no known area',
  },
  {
    rule: 'files have kebab-case names',
    path: 'src/base/someThing.ts',
    text: '',
    says: 'src/base/someThing.ts:1: has a name that is not kebab-case',
  },
  {
    rule: 'openExternal has one caller',
    path: 'src/main/a.ts',
    text: "import { shell } from 'electron';\nvoid shell['openExternal']('');",
    says: 'openExternal must be used in exactly one place, and is used in 2: src/main/open-link.ts:1, src/main/a.ts:2',
  },
  {
    rule: 'openExternal cannot be taken apart first',
    path: 'src/main/a.ts',
    text: "import { shell } from 'electron';\nconst { openExternal: open } = shell;",
    says: 'openExternal must be used in exactly one place, and is used in 2',
  },
  {
    rule: 'ipcMain has one importer',
    path: 'src/main/a.ts',
    text: "import { ipcMain as bus } from 'electron';",
    says: 'ipcMain must be used in exactly one place, and is used in 2',
  },
  {
    rule: 'ipcRenderer has one importer',
    path: 'src/preload/a.ts',
    text: "import { ipcRenderer } from 'electron';",
    says: 'ipcRenderer must be used in exactly one place, and is used in 2',
  },
  {
    rule: 'ipcRenderer stays in the preload',
    path: 'src/main/a.ts',
    text: "import { ipcRenderer } from 'electron';",
    says: 'src/main/a.ts:1: ipcRenderer belongs to src/preload',
  },
];

describe('the structure checker', () => {
  it('finds nothing in a sound tree', () => {
    expect(checkStructure(soundTree)).toEqual([]);
  });

  it.each(broken)('reports: $rule', ({ path, text, says }) => {
    const problems = checkStructure([...soundTree, { path, text }]);
    expect(problems).toEqual([expect.stringContaining(says), ...problems.slice(1)]);
  });

  it('misses a power that nobody uses', () => {
    const withoutRegister = soundTree.filter(({ path }) => path !== 'src/main/register.ts');
    expect(checkStructure(withoutRegister)).toEqual([
      'src/main: ipcMain must be used in exactly one place, and is used in 0: nowhere',
    ]);
  });
});

describe('the source tree', () => {
  it('keeps every rule', () => {
    const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.tsx?$/.test(name) && !name.endsWith('structure.test.ts'))
      .map((name) => posix.join('src', name.replaceAll(sep, '/')))
      .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
    expect(files.length).toBeGreaterThan(0);
    expect(checkStructure(files)).toEqual([]);
  });
});
