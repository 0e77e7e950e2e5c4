import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';

import { expect, it } from 'vitest';

import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openFolders } from './folders.node.ts';
import { sha256 } from './hash.node.ts';
import type { Folders } from './ports.ts';

interface World {
  readonly base: string;
  readonly root: string;
  readonly folders: Folders;
  wallMs: number;
  put(path: string, text: string): void;
}

function world(): World {
  const base = temporaryFolder();
  const root = join(base, 'workspace');
  mkdirSync(root);
  const made: World = {
    base,
    root,
    wallMs: Date.UTC(2026, 10, 22, 9, 14),
    folders: openFolders({
      roots: () => [{ agent: 'main', folder: root }],
      trash: join(base, 'trash'),
      templates: join(base, 'templates'),
      wallMs: () => made.wallMs,
    }),
    put: (path, text) => {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      writeFileSync(join(root, path), text);
    },
  };
  return made;
}

const always = async (): Promise<boolean> => true;
const bytes = (text: string): Uint8Array => Buffer.from(text);

it('lists what is copied, says what is not, and is silent about the rest', async () => {
  const { root, put, folders } = world();
  for (const path of [
    'MEMORY.md',
    'memory/2026-11-22.md',
    'skills/cook/SKILL.md',
    'skills/cook/run.sh',
    'skills/cook/node_modules/x/index.js',
    'skills/cook/.git/config',
    'memory/.dreams/x.md',
    'projects/site/README.md',
    'media/inbound/staged.png',
    'photo.png',
    '.git/HEAD',
    '.env',
    'id_ed25519.md',
    'skills/cook/tls.key',
  ])
    put(path, path);
  chmodSync(join(root, 'skills/cook/run.sh'), 0o755);
  symlinkSync(join(root, 'photo.png'), join(root, 'memory', 'link.md'));
  symlinkSync('/', join(root, 'skills', 'outside'));
  const { files, left } = await folders.list();
  expect(files.map(({ path, executable }) => [path, executable]).sort()).toEqual([
    ['main/MEMORY.md', false],
    ['main/memory/2026-11-22.md', false],
    ['main/skills/cook/SKILL.md', false],
    ['main/skills/cook/run.sh', true],
  ]);
  expect(left.map(({ path }) => path).sort()).toEqual([
    'main/.env',
    'main/id_ed25519.md',
    'main/memory/link.md',
    'main/skills/cook/tls.key',
    'main/skills/outside',
  ]);
});

it('tells each change by another version', async () => {
  const { put, folders } = world();
  put('MEMORY.md', 'one');
  const version = async (): Promise<string | undefined> => (await folders.list()).files[0]?.version;
  const before = await version();
  expect(await version()).toBe(before);
  await folders.write('main/MEMORY.md', bytes('two'), false, always);
  expect(await version()).not.toBe(before);
});

it('writes whole files, keeps their mode and makes folders', async () => {
  const { root, put, folders } = world();
  put('MEMORY.md', 'one');
  chmodSync(join(root, 'MEMORY.md'), 0o640);
  await folders.write('main/MEMORY.md', bytes('two'), false, always);
  await folders.write('main/skills/new/run.sh', bytes('#!'), true, always);
  expect(readFileSync(join(root, 'MEMORY.md'), 'utf8')).toBe('two');
  expect(statSync(join(root, 'MEMORY.md')).mode & 0o777).toBe(0o640);
  expect(statSync(join(root, 'skills/new/run.sh')).mode & 0o777).toBe(0o700);
  expect(await folders.read('main/skills/new/run.sh')).toEqual(Buffer.from('#!'));
  expect(readdirSync(root, { recursive: true }).sort()).toEqual([
    'MEMORY.md',
    'skills',
    'skills/new',
    'skills/new/run.sh',
  ]);
});

it('writes nothing when it may not any more', async () => {
  const { root, put, folders } = world();
  put('MEMORY.md', 'one');
  const written = folders.write('main/MEMORY.md', bytes('two'), false, async () => {
    expect(readFileSync(join(root, 'MEMORY.md'), 'utf8')).toBe('one');
    return false;
  });
  expect(await written).toBe(false);
  expect(readFileSync(join(root, 'MEMORY.md'), 'utf8')).toBe('one');
  expect(readdirSync(root)).toEqual(['MEMORY.md']);
});

it('leaves a file as it was when the new one cannot be put in its place', async () => {
  const { root, put, folders } = world();
  put('memory/x.md/inside', 'a folder has this name');
  await expect(folders.write('main/memory/x.md', bytes('x'), false, always)).rejects.toThrow();
  expect(readdirSync(join(root, 'memory'))).toEqual(['x.md']);
});

it.each(['main/../../secret.md', '/etc/passwd', 'main/memory//x', 'main', 'main/a\0b', 'main/./x'])(
  'neither reads nor writes %j',
  async (path) => {
    const { folders } = world();
    await expect(folders.write(path, bytes('x'), false, always)).rejects.toThrow('no path');
    await expect(folders.read(path)).rejects.toThrow('no path');
    await expect(folders.remove(path)).rejects.toThrow('no path');
  },
);

it('follows no link out of the workspace', async () => {
  const { base, root, folders } = world();
  mkdirSync(join(base, 'outside'));
  writeFileSync(join(base, 'outside', 'x.md'), 'outside');
  symlinkSync(join(base, 'outside'), join(root, 'memory'));
  symlinkSync(join(base, 'outside', 'x.md'), join(root, 'MEMORY.md'));
  await expect(folders.read('main/memory/x.md')).rejects.toThrow('none of the workspace');
  await expect(folders.write('main/memory/y.md', bytes('y'), false, always)).rejects.toThrow();
  expect(await folders.read('main/MEMORY.md')).toBeNull();
  await expect(folders.write('main/MEMORY.md', bytes('y'), false, always)).rejects.toThrow();
  expect(readdirSync(join(base, 'outside'))).toEqual(['x.md']);
  expect(readFileSync(join(base, 'outside', 'x.md'), 'utf8')).toBe('outside');
});

it('keeps what is removed for thirty days', async () => {
  const made = world();
  const { base, root, put, folders } = made;
  put('memory/x.md', 'x');
  await folders.remove('main/memory/x.md');
  expect(existsSync(join(root, 'memory/x.md'))).toBe(false);
  const trashed = join(base, 'trash', '2026-11-22T09-14-00.000Z', 'main/memory/x.md');
  expect(readFileSync(trashed, 'utf8')).toBe('x');
  made.wallMs += 29 * 86_400_000;
  put('memory/y.md', 'y');
  await folders.keep('main/memory/y.md');
  expect(existsSync(trashed)).toBe(true);
  made.wallMs += 2 * 86_400_000;
  await folders.keep('main/memory/y.md');
  expect(existsSync(trashed)).toBe(false);
});

it('leaves, finds and takes away a sign, and clears what a crash left', async () => {
  const { root, put, folders } = world();
  expect(await folders.sign('nonce-of-ours', 'find')).toEqual([]);
  expect(await folders.sign('nonce-of-ours', 'leave')).toEqual(['main']);
  expect(await folders.sign('nonce-of-ours', 'find')).toEqual(['main']);
  expect((await folders.list()).files).toEqual([]);
  expect(await folders.sign('nonce-of-ours', 'take')).toEqual(['main']);
  put('.switchyard-left.part', 'half');
  utimesSync(join(root, '.switchyard-left.part'), 0, 0);
  await folders.list();
  expect(readdirSync(root)).toEqual([]);
});

it('knows OpenClaw’s templates without the head of the documentation', async () => {
  const { base, folders } = world();
  expect((await folders.templates()).size).toBe(0);
  mkdirSync(join(base, 'templates'));
  writeFileSync(join(base, 'templates', 'SOUL.md'), '---\ntitle: x\n---\n\n# Soul\n\n---\n');
  writeFileSync(join(base, 'templates', 'USER.md'), '# User\n');
  expect(Object.fromEntries(await folders.templates())).toEqual({
    'SOUL.md': sha256(bytes('# Soul\n\n---\n')),
    'USER.md': sha256(bytes('# User\n')),
  });
});

it('takes a workspace that is not there yet for an empty one, and says when one cannot be read', async () => {
  const base = temporaryFolder();
  const open = (folder: string): Folders =>
    openFolders({
      roots: () => [{ agent: 'main', folder }],
      trash: join(base, 'trash'),
      templates: null,
      wallMs: () => 0,
    });
  const later = open(join(base, 'later'));
  expect(await later.list()).toEqual({ agents: ['main'], files: [], left: [] });
  await later.write('main/memory/x.md', bytes('x'), false, always);
  expect(readFileSync(join(base, 'later/memory/x.md'), 'utf8')).toBe('x');
});
