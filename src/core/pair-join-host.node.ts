import { access, chmod, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { takeJoin } from './pair-invite.node.ts';
import type { JoinContent } from './pair-join.ts';
import type { JoinHost } from './ports.ts';

/** What a guardian keeps there of its own: how far the role has come must not be forgotten. */
const stateFolder = 'state';

/** The hands of a join by pairing code: network and disk. `home`: the profile folder; `program`: where Switchyard lies. */
export function createJoinHost(home: string, program: string): JoinHost {
  return {
    program,
    take: takeJoin,
    look: async (name) => {
      const path = folderOf(home, name);
      const isThere = await access(path).then(
        () => true,
        () => false,
      );
      return { path, isThere };
    },
    write: (name, files) => writeJoin(home, name, files),
    writeFile: (name, file) => writeSecretly(folderOf(home, name), file),
  };
}

/**
 * Writes the files of another computer's guardian into the profile of `home`; answers their folder. What an earlier join left
 * is replaced, but for the state of its guardian.
 */
export async function writeJoin(
  home: string,
  name: string,
  files: JoinContent['files'],
): Promise<string> {
  const folder = folderOf(home, name);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const old of await readdir(folder))
    if (old !== stateFolder) await rm(join(folder, old), { recursive: true, force: true });
  for (const file of files) await writeSecretly(folder, file);
  return folder;
}

function folderOf(home: string, name: string): string {
  return join(home, 'join', name);
}

/** Only this user may read it. */
async function writeSecretly(folder: string, file: JoinContent['files'][number]): Promise<void> {
  const path = join(folder, file.name);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await writeFile(path, file.text, { mode: 0o600 });
  await chmod(path, 0o600); // whatever the umask made of it
}
