/** Reads what came from a gateway or over its RPC, field by field: the plugin carries no schema library into the gateway's process. */
import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';

export type Fields = Readonly<Record<string, unknown>>;

/** Long enough for every id and address. */
export const longestText = 256;

/** A field that does not fit; its message is the field's name. Thrown by readers inside `parse`. */
export class Misfit extends Error {}

/** Reads fields by hand; the error says which one does not fit. */
export function parse<T>(value: unknown, read: (fields: Fields) => T): Result<T, string> {
  if (!isFields(value)) return fail('parameters are missing');
  try {
    return ok(read(value));
  } catch (error) {
    if (error instanceof Misfit) return fail(`“${error.message}” is missing or out of range`);
    throw error;
  }
}

/** Whether a value has fields at all. */
export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A field of something that may have none; undefined: it has not. */
export function fieldAt(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Fields)[name] : undefined;
}

/** A text of `shortest` to `longest` characters. */
export function text(fields: Fields, name: string, shortest = 1, longest = longestText): string {
  const value = fields[name];
  if (typeof value !== 'string' || value.length < shortest || value.length > longest)
    throw new Misfit(name);
  return value;
}

/** A whole number from `least` to `most`. */
export function whole(
  fields: Fields,
  name: string,
  least: number,
  most = Number.MAX_SAFE_INTEGER,
): number {
  const value = fields[name];
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < least || value > most)
    throw new Misfit(name);
  return value;
}
