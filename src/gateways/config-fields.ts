/** Reads the fields of a configuration that others write too. */
export type Fields = Readonly<Record<string, unknown>>;

/** A part of a configuration; empty where it is missing or of another kind. */
export function fieldsAt(fields: Fields, name: string): Fields {
  const value = fields[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Fields)
    : {};
}

/** The fields with `name` set to `part`, or without it if nothing is left in it. */
export function withPart(fields: Fields, name: string, part: Fields | readonly unknown[]): Fields {
  const { [name]: _old, ...rest } = fields;
  return Object.keys(part).length === 0 ? rest : { ...fields, [name]: part };
}

/**
 * A configuration as text after an edit, as we write them.
 * @throws SyntaxError if `configText` is not JSON
 */
export function edited(configText: string, edit: (config: Fields) => Fields): string {
  return `${JSON.stringify(edit(JSON.parse(configText) as Fields), null, 2)}\n`;
}
