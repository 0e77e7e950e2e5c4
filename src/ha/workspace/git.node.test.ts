import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it } from 'vitest';

import { temporaryFolder } from '../testing/temporary-folder.ts';
import { gitTurn, runGit } from './git.node.ts';
import type { RunGit } from './git.node.ts';
import type { GitOutcome } from './model.ts';

const wallMs = (): number => Date.UTC(2026, 10, 22);

interface Side {
  readonly folder: string;
  put(path: string, text: string): void;
  text(path: string): string | null;
  git(...args: readonly string[]): string;
  turn(role: 'active' | 'standby', ...files: readonly string[]): Promise<GitOutcome>;
}

function side(base: string, name: string, run: RunGit = runGit): Side {
  const folder = join(base, name);
  const git = (...args: readonly string[]): string =>
    execFileSync('git', ['-C', folder, ...args], { encoding: 'utf8', stdio: 'pipe' }).trim();
  return {
    folder,
    put: (path, text) => {
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), text);
    },
    text: (path) =>
      existsSync(join(folder, path)) ? readFileSync(join(folder, path), 'utf8') : null,
    git,
    turn: (role, ...files) =>
      gitTurn(
        run,
        [{ agent: 'main', folder }],
        { role, gateway: name, remote: 'origin', epoch: 1 },
        files.map((path) => `main/${path}`),
        wallMs,
      ),
  };
}

/** Two clones of one remote. */
async function clones(): Promise<{ a: Side; b: Side; remote: Side }> {
  const base = temporaryFolder();
  execFileSync('git', ['init', '--quiet', '--bare', '-b', 'main', join(base, 'remote')]);
  for (const name of ['a', 'b'])
    execFileSync('git', ['clone', '--quiet', join(base, 'remote'), join(base, name)], {
      stdio: 'pipe',
    });
  const [a, b] = [side(base, 'a'), side(base, 'b')];
  a.put('MEMORY.md', 'one\n');
  expect(await a.turn('active', 'MEMORY.md')).toMatchObject({ kind: 'done' });
  expect(await b.turn('standby')).toMatchObject({ kind: 'done' });
  return { a, b, remote: side(base, 'remote') };
}

it('publishes what changed and lets the standby follow', async () => {
  const { a, b } = await clones();
  expect(b.text('MEMORY.md')).toBe('one\n');
  a.put('MEMORY.md', 'two\n');
  a.put('memory/day.md', 'sunny\n');
  const published = await a.turn('active', 'MEMORY.md', 'memory/day.md');
  const followed = await b.turn('standby', 'MEMORY.md');
  expect(followed).toEqual(published);
  expect(b.text('memory/day.md')).toBe('sunny\n');
  execFileSync('rm', [join(a.folder, 'memory/day.md')]);
  expect(await a.turn('active', 'MEMORY.md')).toMatchObject({ kind: 'done' });
  await b.turn('standby', 'MEMORY.md');
  expect(b.text('memory/day.md')).toBeNull();
  const count = a.git('rev-list', '--count', 'HEAD');
  await a.turn('active', 'MEMORY.md');
  expect(a.git('rev-list', '--count', 'HEAD')).toBe(count); // nothing changed, nothing committed
});

it('commits nothing but what may be copied, also if somebody staged it', async () => {
  const { a, remote } = await clones();
  a.put('.env', 'TOKEN=1');
  a.put('notes.txt', 'mine');
  a.git('add', '--force', '.env', 'notes.txt');
  a.put('MEMORY.md', 'two\n');
  await a.turn('active', 'MEMORY.md');
  expect(remote.git('ls-tree', '-r', '--name-only', 'main')).toBe('MEMORY.md');
  expect(remote.git('show', 'main:MEMORY.md')).toBe('two');
  expect(a.git('diff', '--cached', '--name-only').split('\n')).toEqual(['.env', 'notes.txt']);
});

it('takes in what a person changed at the standby, and keeps both texts where both changed', async () => {
  const { a, b, remote } = await clones();
  b.put('USER.md', 'likes tea\n');
  b.put('MEMORY.md', 'of the standby\n');
  a.put('MEMORY.md', 'of the active\n');
  // The active one publishes first: what the standby has does not follow from it any more.
  await a.turn('active', 'MEMORY.md');
  const before = remote.git('rev-parse', 'main');
  expect(await b.turn('standby', 'MEMORY.md', 'USER.md')).toMatchObject({ kind: 'done' });
  expect(remote.git('rev-parse', 'main')).toBe(before);
  expect(b.text('MEMORY.md')).toBe('of the standby\n');
  await a.turn('active', 'MEMORY.md');
  await b.turn('standby', 'MEMORY.md', 'USER.md');
  for (const each of [a, b]) {
    expect(each.text('MEMORY.md')).toBe('of the active\n');
    expect(each.text('MEMORY.conflict-b-2026-11-22.md')).toBe('of the standby\n');
    expect(each.text('USER.md')).toBe('likes tea\n');
  }
  expect(b.git('rev-parse', 'HEAD')).toBe(remote.git('rev-parse', 'main'));
  expect(remote.git('merge-base', '--is-ancestor', before, 'main')).toBe(''); // no history was lost
  expect(a.git('branch', '--list', 'switchyard/kept-*')).not.toBe('');
});

it('keeps a file that one deleted and the other one changed', async () => {
  const { a, b } = await clones();
  a.put('USER.md', 'x\n');
  await a.turn('active', 'MEMORY.md', 'USER.md');
  await b.turn('standby', 'MEMORY.md', 'USER.md');
  b.put('USER.md', 'changed\n');
  execFileSync('rm', [join(a.folder, 'USER.md')]);
  await a.turn('active', 'MEMORY.md');
  await b.turn('standby', 'MEMORY.md', 'USER.md');
  await a.turn('active', 'MEMORY.md');
  expect(a.text('USER.md')).toBe('changed\n');
});

it('joins what the former active one could not publish, when the roles have changed', async () => {
  const { a, b } = await clones();
  a.put('MEMORY.md', 'last words of a\n');
  b.put('MEMORY.md', 'first words of b\n');
  expect(await b.turn('active', 'MEMORY.md')).toMatchObject({ kind: 'done' }); // a is dead
  expect(await a.turn('standby', 'MEMORY.md')).toMatchObject({ kind: 'done' });
  await b.turn('active', 'MEMORY.md');
  await a.turn('standby', 'MEMORY.md');
  for (const each of [a, b]) {
    expect(each.text('MEMORY.md')).toBe('first words of b\n');
    expect(each.text('MEMORY.conflict-a-2026-11-22.md')).toBe('last words of a\n');
  }
});

it('begins a merge again that a crash cut off, and leaves a person’s merge alone', async () => {
  const { a, b } = await clones();
  b.put('MEMORY.md', 'of b\n');
  a.put('MEMORY.md', 'of a\n');
  await a.turn('active', 'MEMORY.md');
  await b.turn('standby', 'MEMORY.md');
  a.git('fetch', '--quiet');
  const merge = (): void => {
    expect(() => a.git('merge', '--no-commit', 'origin/switchyard/b')).toThrow();
  };
  merge();
  expect(await a.turn('active', 'MEMORY.md')).toMatchObject({
    words: expect.stringContaining('finish it') as string,
  });
  a.git('update-ref', 'refs/switchyard/merging', 'origin/switchyard/b');
  expect(await a.turn('active', 'MEMORY.md')).toMatchObject({ kind: 'done' });
  expect(a.text('MEMORY.md')).toBe('of a\n');
  expect(a.text('MEMORY.conflict-b-2026-11-22.md')).toBe('of b\n');
});

it('says what is missing', async () => {
  const { a, b } = await clones();
  const words = async (turn: Promise<GitOutcome>): Promise<string> => {
    const outcome = await turn;
    return outcome.kind === 'failed' ? outcome.words : 'done';
  };
  const plain = side(temporaryFolder(), 'plain');
  mkdirSync(plain.folder);
  expect(await words(plain.turn('active'))).toContain('no git repository');
  mkdirSync(join(a.folder, 'inner'));
  expect(await words(side(a.folder, 'inner').turn('active'))).toContain('no git repository');
  execFileSync('git', ['init', '--quiet', plain.folder]);
  expect(await words(plain.turn('active'))).toContain('git remote add');
  plain.git('remote', 'add', 'origin', a.git('remote', 'get-url', 'origin'));
  plain.git('checkout', '--quiet', '-b', 'main');
  plain.put('MEMORY.md', 'another history');
  expect(await words(plain.turn('active', 'MEMORY.md'))).toContain('nothing in common');
  b.git('remote', 'set-url', 'origin', join(b.folder, 'nowhere'));
  expect(await words(b.turn('standby'))).toContain('git fetch failed');
  const absent: RunGit = async () => ({ code: 127, out: Buffer.alloc(0), words: '' });
  expect(await words(side(b.folder, '.', absent).turn('standby'))).toContain(
    'git is not installed',
  );
});
