import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { fail } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { parseGuardianConfig } from './config.ts';
import type { GuardianConfigInput } from './config.ts';
import type { GuardianConfig } from './model.ts';

/** Reads and checks a configuration file; every line of the error begins with its path. */
export function readGuardianConfig(path: string): Result<GuardianConfig, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return fail(
      `${path}: it cannot be read (${error instanceof Error ? error.message : String(error)}); name a file with --config`,
    );
  }
  const parsed = parseGuardianConfig(text);
  return parsed.ok
    ? parsed
    : fail(
        parsed.error
          .split('\n')
          .map((line) => `${path}: ${line}`)
          .join('\n'),
      );
}

/** Writes a configuration, whole or not at all. It holds no token (the schema has no place for one). Throws if the disk does. */
export function writeGuardianConfig(path: string, config: GuardianConfigInput): void {
  const text = `${JSON.stringify(config, null, 2)}\n`;
  const checked = parseGuardianConfig(text);
  if (!checked.ok) throw new Error(`The guardian's configuration is not valid:\n${checked.error}`);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

/** Tells two configurations apart, however they were laid out. */
export function configHash(config: GuardianConfig): string {
  return createHash('sha256').update(JSON.stringify(config)).digest('hex');
}
