/**
 * The files that rows of this gateway's transcripts name.
 *
 * Invariant: a name is one plain file name, checked again here, so that nothing outside the folder is read or written; and a
 * file is there only when it is whole.
 */
import { access, mkdir, open, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { isFileName, partBytes } from '../mirror/media.ts';
import type { FileStore } from '../mirror/media.ts';

/** The files of the gateway whose state lies in `stateDir`. */
export function openFiles(stateDir: string): FileStore {
  const folder = join(stateDir, 'media', 'inbound');
  const pathOf = (name: string): string => {
    if (!isFileName(name)) throw new Error('this is no file name');
    return join(folder, name);
  };
  return {
    missing: async (names) => {
      const there = await Promise.all(
        names.map((name) =>
          access(pathOf(name)).then(
            () => true,
            () => false,
          ),
        ),
      );
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
      const part = `${pathOf(name)}.part`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(part, offset === 0 ? 'w' : 'r+', 0o600);
      const bytes = Buffer.from(data, 'base64');
      try {
        await file.write(bytes, 0, bytes.length, offset);
        if (offset + bytes.length >= size) await file.sync();
      } finally {
        await file.close();
      }
      if (offset + bytes.length >= size) await rename(part, pathOf(name));
    },
  };
}
