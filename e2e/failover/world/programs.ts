import { existsSync } from 'node:fs';
import { resolve } from 'node:path';

/** The built guardian; `SWITCHYARD_GUARDIAN` names another, such as its source. Throws when there is none. */
export function guardianProgram(): string {
  const path =
    process.env['SWITCHYARD_GUARDIAN'] ??
    resolve(import.meta.dirname, '../../../out/node/guardian.js');
  if (!existsSync(path)) throw new Error(`there is no ${path}: run “npm run build”`);
  return path;
}
