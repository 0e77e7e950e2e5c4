/** Numbers values, so that equal ones have one number and are worked out once. */
export interface Interner<Value> {
  readonly size: number;
  idOf(value: Value): number;
  valueOf(id: number): Value;
}

/**
 * Values are equal when their canonical text is: plain data, whose keys need not be in the same order.
 * @param most throws rather than give out a higher number, where the numbers are packed
 */
export function createInterner<Value>(most = Infinity): Interner<Value> {
  const ids = new Map<string, number>();
  const values: Value[] = [];
  return {
    get size() {
      return values.length;
    },
    idOf(value) {
      const key = canonicalText(value);
      const known = ids.get(key);
      if (known !== undefined) return known;
      if (values.length >= most) throw new RangeError(`more than ${String(most)} different values`);
      ids.set(key, values.length);
      values.push(value);
      return values.length - 1;
    },
    valueOf: (id) => values[id]!,
  };
}

/** Like JSON, but with keys in order and with endless times, which JSON cannot tell from null. */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
    return `{${entries.map(([key, inner]) => `${key}:${canonicalText(inner)}`).join()}}`;
  }
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
