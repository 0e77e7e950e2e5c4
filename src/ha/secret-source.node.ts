import { readFile } from 'node:fs/promises';

import type { SecretSource } from './secret-source.ts';

/**
 * Reads a secret: white space around it is not part of it. Null when it is not there (`missingSecretWords` says what to do
 * about it); never rejects.
 * @param environment where `{"env": NAME}` is looked up
 * @param fromApp what the app handed over, for `{"app": true}`
 */
export async function readSecret(
  source: SecretSource,
  environment: Readonly<Record<string, string | undefined>>,
  fromApp?: () => string | undefined,
): Promise<string | null> {
  if ('app' in source) return emptyToNull(fromApp?.() ?? '');
  if ('env' in source) return emptyToNull(environment[source.env] ?? '');
  try {
    return emptyToNull(await readFile(source.file, 'utf8'));
  } catch {
    return null;
  }
}

function emptyToNull(text: string): string | null {
  const trimmed = text.trim();
  return trimmed === '' ? null : trimmed;
}
