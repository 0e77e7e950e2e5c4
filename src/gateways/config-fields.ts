/** Reads the fields of a configuration that others write too. */
export type Fields = Readonly<Record<string, unknown>>;

/** A part of a configuration; empty where it is missing or of another kind. */
export function fieldsAt(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}
