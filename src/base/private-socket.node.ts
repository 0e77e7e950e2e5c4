import { createHash } from 'node:crypto';
import { chmodSync, lstatSync, mkdirSync } from 'node:fs';
import { platform, tmpdir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { errorText } from './logger.ts';
import { fail, ok, type Result } from './result.ts';

/** What fits into `sun_path` without its end mark. */
const maxSocketPathBytes = platform() === 'darwin' ? 103 : 107;

/**
 * Where something of the profile `home` listens: `<home>/<name>/<name>.sock`; in a private folder under the temporary
 * folder when that is longer than the system allows; on Windows a named pipe that begins with `pipe`.
 */
export function privateSocketPath(home: string, name: string, pipe: string): string {
  const hash = createHash('sha256').update(resolve(home)).digest('hex').slice(0, 16);
  if (platform() === 'win32') return `\\\\.\\pipe\\${pipe}-${userInfo().username}-${hash}`;
  const inHome = join(resolve(home), name, `${name}.sock`);
  if (Buffer.byteLength(inHome) <= maxSocketPathBytes) return inHome;
  return join(tmpdir(), `switchyard-${String(userInfo().uid)}-${hash}`, `${name}.sock`);
}

/**
 * Makes sure that the folder of `socket` exists, is ours and is closed to others, so that nobody else can put a socket
 * there and be given tokens. Named pipes have no folder.
 */
export function preparePrivateFolder(socket: string): Result<void, string> {
  if (platform() === 'win32') return ok(undefined);
  const folder = dirname(socket);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    const found = lstatSync(folder);
    if (!found.isDirectory() || found.uid !== userInfo().uid) {
      return fail(`${folder} is not a folder of this user; name another place for the socket`);
    }
    if ((found.mode & 0o077) !== 0) chmodSync(folder, 0o700);
    return ok(undefined);
  } catch (error) {
    return fail(`${folder} cannot be used for the socket (${errorText(error)})`);
  }
}
