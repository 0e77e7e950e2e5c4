/**
 * The workspaces of a gateway on its disk.
 *
 * Invariants
 * 1. Nothing outside of a workspace is read or written: no link is followed below it, and every path is checked again here.
 * 2. A file is there whole or not at all: written beside under a name that nobody lists, synced, renamed.
 * 3. What is removed or replaced against somebody's work goes to the trash first and stays there for thirty days.
 */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import {
  copyFile,
  lstat,
  mkdir,
  open,
  readdir,
  readFile,
  realpath,
  rename,
  rm,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { sha256 } from './hash.node.ts';
import type { FileHash, LeftFile } from './model.ts';
import { isSkipped, judgeName, splitPath } from './names.ts';
import type { Folders, StoredFile } from './ports.ts';

export interface FoldersOptions {
  /** The workspace of each agent. */
  readonly roots: () => readonly { readonly agent: string; readonly folder: string }[];
  readonly trash: string;
  /** Where OpenClaw keeps what it writes into a new workspace; null: nobody knows. */
  readonly templates: string | null;
  /** Wall time in milliseconds. */
  readonly wallMs: () => number;
}

/** Names of ours, of files that are there for a moment. */
const ownPrefix = '.switchyard-';
const momentMs = 3_600_000;
const trashMs = 30 * 24 * 3_600_000;

/** What it is may change after it was looked at: a link would be followed without these, and a pipe waited for. */
const readFlags =
  process.platform === 'win32'
    ? constants.O_RDONLY
    : constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Opens the workspaces of a gateway. */
export function openFolders(options: FoldersOptions): Folders {
  const rootOf = (agent: string): string => {
    const found = options.roots().find((root) => root.agent === agent);
    if (found === undefined) throw new Error(`this gateway has no agent ${agent}`);
    return found.folder;
  };
  /** The place of a path; throws where a link would be followed. */
  const placeOf = async (path: string): Promise<string> => {
    const parts = splitPath(path);
    if (parts === null) throw new Error('this is no path of a workspace');
    const folder = rootOf(parts.agent);
    const names = parts.within.split('/');
    const root = (await realpath(folder).catch(absent)) ?? folder;
    for (let depth = 1; depth < names.length; depth += 1) {
      const found = await lstat(join(root, ...names.slice(0, depth))).catch(absent);
      if (found?.isDirectory() === false)
        throw new Error('a folder above it is none of the workspace itself');
    }
    return join(root, ...names);
  };

  /** Where a file goes that is taken away now; what has been there for too long is deleted. */
  const trashPlace = async (path: string): Promise<string> => {
    const stamp = new Date(options.wallMs()).toISOString().replaceAll(':', '-');
    const kept = join(options.trash, stamp, ...path.split('/'));
    await mkdir(dirname(kept), { recursive: true, mode: 0o700 });
    for (const name of await readdir(options.trash)) {
      const atMs = Date.parse(name.replace(/T(\d\d)-(\d\d)-/u, 'T$1:$2:'));
      if (options.wallMs() - atMs > trashMs)
        await rm(join(options.trash, name), { recursive: true, force: true });
    }
    return kept;
  };

  const list = async (
    agent: string,
    folder: string,
    files: StoredFile[],
    left: LeftFile[],
  ): Promise<void> => {
    const walk = async (within: string): Promise<void> => {
      const entries = await readdir(join(folder, within), { withFileTypes: true }).catch(absent);
      for (const entry of entries ?? []) {
        const path = within === '' ? entry.name : `${within}/${entry.name}`;
        const full = `${agent}/${path}`;
        if (entry.name.startsWith(ownPrefix)) await clearOld(join(folder, path));
        else if (entry.isDirectory()) {
          if (!isSkipped(path)) await walk(path);
        } else {
          const isLink = entry.isSymbolicLink();
          const verdict = judgeName(path);
          if (isLink && (verdict.kind === 'copied' || !isSkipped(path)))
            left.push({ path: full, because: 'it is a link; what it points to is not copied' });
          else if (verdict.kind === 'left') left.push({ path: full, because: verdict.because });
          else if (verdict.kind === 'copied' && entry.isFile()) {
            const found = await lstat(join(folder, path), { bigint: true }).catch(absent);
            if (found === null) continue;
            const { size, ino, mtimeNs, ctimeNs, mtimeMs, mode } = found;
            files.push({
              path: full,
              size: Number(size),
              changedMs: Number(mtimeMs),
              executable: process.platform !== 'win32' && (mode & 0o100n) !== 0n,
              version: [size, ino, mtimeNs, ctimeNs].join(' '),
            });
          }
        }
      }
    };
    await walk('');
  };
  const clearOld = async (place: string): Promise<void> => {
    const found = await lstat(place).catch(absent);
    if (found !== null && options.wallMs() - found.mtimeMs > momentMs)
      await unlink(place).catch(absent);
  };

  return {
    list: async () => {
      const files: StoredFile[] = [];
      const left: LeftFile[] = [];
      const agents: string[] = [];
      const seen = new Set<string>();
      for (const { agent, folder } of options.roots()) {
        agents.push(agent);
        const real = await realpath(folder).catch(absent);
        if (real === null || seen.has(real)) continue; // two agents may work in one folder
        seen.add(real);
        await list(agent, real, files, left);
      }
      return { agents, files, left };
    },
    read: async (path) => {
      const place = await placeOf(path);
      if ((await lstat(place).catch(absent))?.isFile() !== true) return null;
      const file = await open(place, readFlags).catch(absent);
      if (file === null) return null;
      try {
        return (await file.stat()).isFile() ? await file.readFile() : null;
      } finally {
        await file.close();
      }
    },
    write: async (path, bytes, executable, may) => {
      const place = await placeOf(path);
      const folder = dirname(place);
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const before = await lstat(place).catch(absent);
      if (before !== null && !before.isFile()) throw new Error('something else has this name');
      const kept = before === null ? 0o600 : before.mode & 0o666;
      const mode = executable ? kept | 0o100 : kept;
      const beside = join(folder, `${ownPrefix}${randomBytes(6).toString('hex')}.part`);
      try {
        await writeFile(beside, bytes, { mode, flag: 'wx', flush: true });
        if (!(await may())) {
          await unlink(beside);
          return false;
        }
        await rename(beside, place);
      } catch (error) {
        await unlink(beside).catch(absent);
        throw error;
      }
      await syncFolder(folder);
      return true;
    },
    keep: async (path) => copyFile(await placeOf(path), await trashPlace(path)),
    remove: async (path) => {
      const place = await placeOf(path);
      const trashed = await trashPlace(path);
      try {
        await rename(place, trashed);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
        await copyFile(place, trashed); // the workspace is another file system
        await unlink(place);
      }
      await syncFolder(dirname(place));
    },
    sign: async (nonce, how) => {
      const found: string[] = [];
      for (const { agent, folder } of options.roots()) {
        const place = join(folder, `${ownPrefix}${nonce}`);
        if (how === 'leave') await writeFile(place, '', { mode: 0o600 });
        const isThere = (await lstat(place).catch(absent)) !== null;
        if (isThere) found.push(agent);
      }
      if (how === 'take')
        for (const { folder } of options.roots())
          await unlink(join(folder, `${ownPrefix}${nonce}`)).catch(absent);
      return found;
    },
    templates: () => readTemplates(options.templates),
  };
}

/** What OpenClaw writes into a new workspace: its templates without the head that its documentation needs. */
async function readTemplates(folder: string | null): Promise<ReadonlyMap<string, FileHash>> {
  const found = new Map<string, FileHash>();
  if (folder === null) return found;
  for (const name of (await readdir(folder).catch(absent)) ?? []) {
    if (!name.endsWith('.md')) continue;
    const text = await readFile(join(folder, name), 'utf8');
    const head = /^---[^\S\n]*\n[\s\S]*?\n---[^\S\n]*(\n|$)/u;
    const body = head.test(text) ? text.replace(head, '').trimStart() : text;
    found.set(name, sha256(Buffer.from(body)));
  }
  return found;
}

async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return; // its folders cannot be opened, and need it not
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Null where there is nothing, or a link where none is followed; everything else is an error. */
function absent(error: unknown): null {
  const code = (error as NodeJS.ErrnoException).code ?? '';
  if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(code)) return null;
  throw error;
}
