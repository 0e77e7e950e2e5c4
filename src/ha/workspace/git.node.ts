/**
 * The git repository of a workspace: what is committed, fetched, joined and published in one turn.
 *
 * Invariants
 * 1. Only files that would be copied are committed: never what looks like a secret, whatever else lies in the folder.
 * 2. Nothing is pushed by force and no history is rewritten. What does not follow from the other is merged; where both changed
 *    the same lines, the active gateway's text stays and the other one is kept beside it.
 * 3. A gateway that rests changes its branch only by fast-forward. What a person changed there goes to a branch of its own,
 *    which the active gateway merges.
 */
import { execFile } from 'node:child_process';
import { realpath, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { redact } from '../../base/index.ts';
import type { GitOutcome, GitTurn } from './model.ts';
import { conflictPath, judgeName } from './names.ts';

export interface GitAnswer {
  readonly code: number;
  readonly out: Buffer;
  readonly words: string;
}

/** Runs git in a folder; never rejects. */
export type RunGit = (
  folder: string,
  args: readonly string[],
  input?: string,
) => Promise<GitAnswer>;

const timeoutMs = 60_000;
const mostOutput = 64 * 1024 * 1024;
/** Code of a program that is not there. */
const notInstalled = 127;

/** The git of this computer. It asks nobody for a password: whoever sets the remote up gives it a way in. */
export const runGit: RunGit = (folder, args, input) =>
  new Promise((resolve) => {
    const child = execFile(
      'git',
      ['-C', folder, '-c', 'commit.gpgsign=false', '-c', 'core.quotepath=false', ...args],
      {
        encoding: 'buffer',
        timeout: timeoutMs,
        maxBuffer: mostOutput,
        env: { ...process.env, GIT_TERMINAL_PROMPT: '0', GIT_EDITOR: 'true', LC_ALL: 'C' },
      },
      (error, out, words) => {
        const code = error === null ? 0 : codeOf(error);
        resolve({ code, out, words: redact(words.toString('utf8').trim().slice(0, 300)) });
      },
    );
    child.stdin?.on('error', () => undefined); // it ended before it had read all
    child.stdin?.end(input);
  });

function codeOf(error: { readonly code?: string | number | null }): number {
  if (error.code === 'ENOENT') return notInstalled;
  return typeof error.code === 'number' ? error.code : 1;
}

/** Says which merge is ours while it goes on. */
const ownMerge = 'refs/switchyard/merging';

/** What keeps a turn from being done, in words. */
class Obstacle extends Error {}

export interface GitPlace {
  readonly agent: string;
  readonly folder: string;
}

/** Takes one turn in each workspace; `files` are the paths that may be committed, with the agent's id before them. */
export async function gitTurn(
  run: RunGit,
  places: readonly GitPlace[],
  turn: GitTurn,
  files: readonly string[],
  wallMs: () => number,
): Promise<GitOutcome> {
  const heads: Record<string, string> = {};
  for (const { agent, folder } of places) {
    const prefix = `${agent}/`;
    const own = files
      .filter((path) => path.startsWith(prefix))
      .map((path) => path.slice(prefix.length));
    try {
      heads[agent] = await turnIn(repository(run, folder), turn, own, wallMs);
    } catch (error) {
      if (!(error instanceof Obstacle)) throw error;
      return { kind: 'failed', words: `${agent}: ${error.message}` };
    }
  }
  return { kind: 'done', heads };
}

type Repository = ReturnType<typeof repository>;

function repository(run: RunGit, folder: string) {
  const ask = (args: readonly string[], input?: string): Promise<GitAnswer> =>
    run(folder, args, input);
  const must = async (args: readonly string[], input?: string): Promise<string> => {
    const { code, out, words } = await ask(args, input);
    if (code === notInstalled)
      throw new Obstacle('git is not installed: install it, or choose the built-in sync');
    if (code !== 0) throw new Obstacle(`git ${args[0] ?? ''} failed: ${words}`);
    return out.toString('utf8').trim();
  };
  const list = async (args: readonly string[]): Promise<readonly string[]> =>
    (await must(args)).split('\0').filter((path) => path !== '');
  const commitOf = async (name: string): Promise<string | null> => {
    const { code, out } = await ask(['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
    return code === 0 ? out.toString('utf8').trim() : null;
  };
  const isIn = async (ancestor: string, of: string): Promise<boolean> =>
    (await ask(['merge-base', '--is-ancestor', ancestor, of])).code === 0;
  return { folder, ask, must, list, commitOf, isIn };
}

async function turnIn(
  git: Repository,
  turn: GitTurn,
  files: readonly string[],
  wallMs: () => number,
): Promise<string> {
  const { remote, gateway, role } = turn;
  const branch = await openBranch(git, remote);
  await commit(git, gateway, files);
  await git.must(['fetch', '--quiet', '--prune', remote]);
  const head = await git.commitOf('HEAD');
  const theirs = await git.commitOf(`refs/remotes/${remote}/${branch}`);
  const isApart =
    theirs !== null && head !== null && (await git.ask(['merge-base', head, theirs])).code !== 0;
  if (isApart)
    throw new Obstacle(
      `this folder and ${remote} have nothing in common: clone ${remote} there, and start again`,
    );

  if (role === 'standby') {
    if (theirs === null) throw new Obstacle('the active gateway has published nothing yet');
    if (head === null || (await git.isIn(head, theirs)))
      await git.must(['merge', '--ff-only', '--quiet', theirs]);
    else await publishBeside(git, remote, gateway);
  } else {
    if (head === null && theirs === null) throw new Obstacle('there is nothing to publish yet');
    if (theirs !== null) await joinWith(git, theirs, 'other', gateway, wallMs);
    const beside = await git.must([
      'for-each-ref',
      '--format=%(refname)',
      `refs/remotes/${remote}/switchyard/`,
    ]);
    for (const ref of beside.split('\n').filter((each) => each !== '')) {
      const from = ref.split('/').at(-1) ?? 'other';
      await joinWith(git, ref, from, gateway, wallMs);
    }
    if ((await git.commitOf('HEAD')) !== theirs)
      await git.must(['push', '--quiet', remote, `HEAD:refs/heads/${branch}`]);
  }
  return (await git.commitOf('HEAD')) ?? '';
}

/** The branch that is checked out; it must be a repository of this very folder with nothing half done. */
async function openBranch(git: Repository, remote: string): Promise<string> {
  const top = await git.ask(['rev-parse', '--show-toplevel']);
  if (top.code === notInstalled)
    throw new Obstacle('git is not installed: install it, or choose the built-in sync');
  const isOwn =
    top.code === 0 &&
    (await realpath(top.out.toString('utf8').trim())) === (await realpath(git.folder));
  if (!isOwn) throw new Obstacle('the workspace is no git repository: clone one there');
  if ((await git.ask(['remote', 'get-url', remote])).code !== 0)
    throw new Obstacle(`the repository has no remote ${remote}: add it with git remote add`);
  const merging = await git.commitOf('MERGE_HEAD');
  if (merging !== null) {
    if (merging !== (await git.commitOf(ownMerge)))
      throw new Obstacle('a merge is going on in the repository: finish it');
    await git.must(['merge', '--abort']); // one of ours, that a crash cut off
  }
  const named = await git.ask(['symbolic-ref', '--short', '--quiet', 'HEAD']);
  if (named.code !== 0) throw new Obstacle('the repository is on no branch: check one out');
  return named.out.toString('utf8').trim();
}

async function commit(git: Repository, gateway: string, files: readonly string[]): Promise<void> {
  const tracked = new Set(await git.list(['ls-files', '-z']));
  const open = await git.list(['ls-files', '-z', '--others', '--exclude-standard']);
  const present = new Set(files);
  const gone = (await git.list(['ls-files', '-z', '--deleted'])).filter(
    (path) => judgeName(path).kind === 'copied',
  );
  const wanted = [
    ...files.filter((path) => tracked.has(path)),
    ...open.filter((path) => present.has(path)),
    ...gone,
  ];
  if (wanted.length === 0) return;
  const paths = ['--pathspec-from-file=-', '--pathspec-file-nul'];
  const literal = '--literal-pathspecs';
  await git.must([literal, 'add', '--all', ...paths], wanted.join('\0'));
  const staged = await git.list(['diff', '--cached', '--name-only', '--no-renames', '-z']);
  const ours = new Set(wanted);
  if (!staged.some((path) => ours.has(path))) return;
  const message = `Workspace of ${gateway}`;
  await git.must(
    [
      ...author(gateway),
      literal,
      'commit',
      '--quiet',
      '--no-verify',
      '-m',
      message,
      '--only',
      ...paths,
    ],
    wanted.join('\0'),
  );
}

async function publishBeside(git: Repository, remote: string, gateway: string): Promise<void> {
  const push = (name: string): Promise<GitAnswer> =>
    git.ask(['push', '--quiet', remote, `HEAD:refs/heads/switchyard/${name}`]);
  if ((await push(gateway)).code === 0) return;
  const commitId = (await git.commitOf('HEAD')) ?? '';
  const { code, words } = await push(`${gateway}-${commitId.slice(0, 8)}`);
  if (code !== 0) throw new Obstacle(`git push failed: ${words}`);
}

/** Takes `ref` in; what the other one wrote where both did is kept as a file of its own. */
async function joinWith(
  git: Repository,
  ref: string,
  from: string,
  gateway: string,
  wallMs: () => number,
): Promise<void> {
  const head = await git.commitOf('HEAD');
  if (head !== null && (await git.isIn(ref, head))) return;
  if (head === null || (await git.isIn(head, ref))) {
    await git.must(['merge', '--ff-only', '--quiet', ref]);
    return;
  }
  const id = (await git.commitOf(ref)) ?? ref;
  await git.ask(['branch', `switchyard/kept-${id.slice(0, 8)}`, ref]); // it may be there already
  await git.must(['update-ref', ownMerge, id]);
  const merged = await git.ask([
    ...author(gateway),
    'merge',
    '--no-commit',
    '--no-ff',
    '--quiet',
    ref,
  ]);
  if ((await git.commitOf('MERGE_HEAD')) === null)
    throw new Obstacle(`git merge failed: ${merged.words}`);
  try {
    for (const path of await git.list(['diff', '--name-only', '--diff-filter=U', '-z']))
      await keepBoth(git, path, from, wallMs);
    await git.must([...author(gateway), 'commit', '--quiet', '--no-verify', '--no-edit']);
  } catch (error) {
    await git.ask(['merge', '--abort']);
    throw error;
  }
}

async function keepBoth(
  git: Repository,
  path: string,
  from: string,
  wallMs: () => number,
): Promise<void> {
  const [ours, theirs] = await Promise.all(
    [2, 3].map((stage) => git.ask(['show', `:${String(stage)}:${path}`])),
  );
  if (ours?.code !== 0) {
    await git.must(['checkout', '--theirs', '--', path]); // deleted here, changed there
    await git.must(['add', '--', path]);
    return;
  }
  if (theirs?.code === 0) {
    const present = new Set(await git.list(['ls-files', '-z']));
    const kept = conflictPath(path, from, wallMs(), (name) => !present.has(name));
    await writeFile(join(git.folder, ...kept.split('/')), theirs.out, { flag: 'wx', mode: 0o600 });
    await git.must(['add', '--', kept]);
    await git.must(['checkout', '--ours', '--', path]);
  }
  await git.must(['add', '--', path]);
}

function author(gateway: string): readonly string[] {
  return ['-c', `user.name=${gateway}`, '-c', `user.email=${gateway}@switchyard.invalid`];
}
