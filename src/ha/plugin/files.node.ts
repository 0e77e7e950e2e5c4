/**
 * The files that rows of this gateway's transcripts name.
 *
 * Invariants
 * 1. A name is one plain file name, checked again here, so that nothing outside the folder is read or written.
 * 2. A file is there only when it is whole, and one that is there is never written again.
 */
import { randomBytes } from 'node:crypto';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { isFileName, partBytes } from '../mirror/media.ts';
import type { FileStore } from '../mirror/media.ts';

/** The files of the gateway whose state lies in `stateDir`. */
export function openFiles(stateDir: string): FileStore {
  const folder = join(stateDir, 'media', 'inbound');
  /** What of a file is there so far, by its name: two that write one file never write into one part. */
  const parts = new Map<string, { readonly path: string; size: number }>();
  const pathOf = (name: string): string => {
    if (!isFileName(name)) throw new Error('this is no file name');
    return join(folder, name);
  };
  const isThere = (path: string): Promise<boolean> =>
    access(path).then(
      () => true,
      () => false,
    );
  const partAt = async (
    name: string,
    offset: number,
  ): Promise<{ readonly path: string; size: number }> => {
    const known = parts.get(name);
    if (offset > 0) {
      if (known?.size !== offset) throw new Error('this is not the next part of the file');
      return known;
    }
    if (known !== undefined) await rm(known.path, { force: true });
    const part = { path: `${pathOf(name)}.${randomBytes(6).toString('hex')}.part`, size: 0 };
    parts.set(name, part);
    return part;
  };
  return {
    missing: async (names) => {
      const there = await Promise.all(names.map((name) => isThere(pathOf(name))));
      return names.filter((_name, at) => there[at] !== true);
    },
    read: async (name, offset) => {
      const size = await stat(pathOf(name)).then(
        (found) => found.size,
        () => null,
      );
      if (size === null) return null;
      const file = await open(pathOf(name), 'r');
      try {
        const { buffer, bytesRead } = await file.read(
          Buffer.alloc(partBytes),
          0,
          partBytes,
          offset,
        );
        return { data: buffer.toString('base64', 0, bytesRead), size };
      } finally {
        await file.close();
      }
    },
    write: async (name, offset, { data, size }) => {
      const path = pathOf(name);
      if (await isThere(path)) return; // invariant 2
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const part = await partAt(name, offset);
      const bytes = Buffer.from(data, 'base64');
      const file = await open(part.path, offset === 0 ? 'wx' : 'r+', 0o600);
      try {
        await file.write(bytes, 0, bytes.length, offset);
        part.size = offset + bytes.length;
        if (part.size >= size) await file.sync();
      } finally {
        await file.close();
      }
      if (part.size < size) return;
      await rename(part.path, path);
      parts.delete(name);
    },
  };
}
