import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { replaceFile } from '../../base/index.node.ts';
import { pluginId } from '../fence/protocol.ts';

/** A small file in which a part of the plugin remembers something. */
export interface MemoryFile {
  /** Null: there is none, or it cannot be read. */
  read(): string | null;
  /** Replaces it; may be lost with the machine's power. Throws on a disk that fails. */
  write(text: string): void;
  /** Replaces it; when this returns it survives a power cut. Throws on a disk that fails. */
  keep(text: string): void;
}

/** The folder of the plugin below the state of the gateway that loaded it. */
export function pluginFolder(api: PluginApi): string {
  return join(api.runtime.state.resolveStateDir(process.env), pluginId);
}

/** The file `name` in the folder of the plugin. */
export function memoryFile(api: PluginApi, name: string): MemoryFile {
  const path = join(pluginFolder(api), name);
  return {
    read: () => {
      try {
        return readFileSync(path, 'utf8');
      } catch {
        return null;
      }
    },
    write: (text) => {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
      writeFileSync(`${path}.new`, text, { mode: 0o600 });
      renameSync(`${path}.new`, path);
    },
    keep: (text) => replaceFile(path, text),
  };
}
