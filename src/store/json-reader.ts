/**
 * Reads JSON and remembers where everything was, so that a fault can be named by its line.
 *
 * Invariants
 * 1. It accepts what `JSON.parse` accepts and gives the same value, with three differences: a key may not occur twice in
 *    an object (one of the two would be lost without a word), nesting ends at 100 levels, and a byte-order mark is skipped.
 * 2. It never throws.
 */
import { fail, ok, type Result } from '../base/index.ts';

export interface JsonPosition {
  readonly line: number;
  readonly column: number;
}

export type JsonPath = readonly (string | number)[];

export interface JsonFault extends JsonPosition {
  readonly message: string;
}

export interface JsonDocument {
  readonly value: unknown;
  /** Where the value at `path` begins, or where its key stands; a path that is not there is found at its nearest parent. */
  locate(path: JsonPath, of?: 'key' | 'value'): JsonPosition;
}

/** Reads a whole JSON document. */
export function readJson(text: string): Result<JsonDocument, JsonFault> {
  const places = new Map<string, { readonly key: number; readonly value: number }>();
  try {
    const value = readDocument(text, (path, key, at) =>
      places.set(pathKey(path), { key, value: at }),
    );
    return ok({
      value,
      locate: (path, of = 'value') => {
        for (let length = path.length; length >= 0; length -= 1) {
          const place = places.get(pathKey(path.slice(0, length)));
          // Only the last step can be a key of its own; for a parent, where its value begins says more.
          if (place !== undefined)
            return positionAt(text, length === path.length ? place[of] : place.value);
        }
        return positionAt(text, 0);
      },
    });
  } catch (error) {
    if (error instanceof Fault)
      return fail({ ...positionAt(text, error.offset), message: error.message });
    throw error;
  }
}

class Fault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

type Remember = (path: JsonPath, key: number, value: number) => void;

const deepest = 100;
const literals: readonly (readonly [string, unknown])[] = [
  ['true', true],
  ['false', false],
  ['null', null],
];
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
/** Everything from the space on, except the quotation mark and the backslash. */
const plainCharacters = /[ !#-[\]-\u{10FFFF}]*/uy;
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
};

function readDocument(text: string, remember: Remember): unknown {
  let at = text.startsWith('\uFEFF') ? 1 : 0;

  const skipSpace = (): void => {
    while (text[at] === ' ' || text[at] === '\n' || text[at] === '\r' || text[at] === '\t') at += 1;
  };

  const found = (): string =>
    at < text.length
      ? `“${String.fromCodePoint(text.codePointAt(at) ?? 0)}”`
      : 'the end of the file';

  const readString = (): string => {
    const start = at;
    at += 1;
    let value = '';
    for (;;) {
      plainCharacters.lastIndex = at;
      value += plainCharacters.exec(text)?.[0] ?? '';
      at = plainCharacters.lastIndex;
      const next = text[at];
      if (next === '"') {
        at += 1;
        return value;
      }
      if (next !== '\\')
        throw new Fault(start, 'this text has no closing quotation mark on its line');
      const escape = text[at + 1] ?? '';
      const simple = escapes[escape];
      if (simple !== undefined) {
        value += simple;
        at += 2;
      } else {
        const digits = escape === 'u' ? /^[0-9a-fA-F]{4}/u.exec(text.slice(at + 2, at + 6)) : null;
        if (digits === null)
          throw new Fault(
            at,
            `“\\${escape}” is no escape of JSON; a backslash itself is written \\\\`,
          );
        value += String.fromCharCode(Number.parseInt(digits[0], 16));
        at += 6;
      }
    }
  };

  const readObject = (path: JsonPath): Record<string, unknown> => {
    const object: Record<string, unknown> = {};
    const keys = new Set<string>();
    at += 1;
    skipSpace();
    if (text[at] === '}') {
      at += 1;
      return object;
    }
    for (;;) {
      skipSpace();
      const keyAt = at;
      if (text[at] === '}')
        throw new Fault(at, 'there is a comma before this bracket; remove the comma');
      if (text[at] !== '"')
        throw new Fault(at, `a key in quotation marks should stand here, not ${found()}`);
      const key = readString();
      if (keys.has(key)) throw new Fault(keyAt, `“${key}” is already there in the same object`);
      keys.add(key);
      skipSpace();
      if (text[at] !== ':')
        throw new Fault(at, `a colon should stand here, after “${key}”, not ${found()}`);
      at += 1;
      const value = readValue([...path, key], keyAt);
      // `__proto__` is a key like any other, as in JSON.parse.
      Object.defineProperty(object, key, {
        value,
        enumerable: true,
        configurable: true,
        writable: true,
      });
      skipSpace();
      if (text[at] === '}') {
        at += 1;
        return object;
      }
      if (text[at] !== ',') throw new Fault(at, `a comma or } should stand here, not ${found()}`);
      at += 1;
    }
  };

  const readArray = (path: JsonPath): unknown[] => {
    const array: unknown[] = [];
    at += 1;
    skipSpace();
    if (text[at] === ']') {
      at += 1;
      return array;
    }
    for (;;) {
      skipSpace();
      if (text[at] === ']')
        throw new Fault(at, 'there is a comma before this bracket; remove the comma');
      array.push(readValue([...path, array.length]));
      skipSpace();
      if (text[at] === ']') {
        at += 1;
        return array;
      }
      if (text[at] !== ',') throw new Fault(at, `a comma or ] should stand here, not ${found()}`);
      at += 1;
    }
  };

  const readValue = (path: JsonPath, keyAt?: number): unknown => {
    skipSpace();
    remember(path, keyAt ?? at, at);
    if (path.length > deepest) throw new Fault(at, `this is nested deeper than ${deepest} levels`);
    const first = text[at];
    if (first === '{') return readObject(path);
    if (first === '[') return readArray(path);
    if (first === '"') return readString();
    for (const [word, value] of literals) {
      if (text.startsWith(word, at)) {
        at += word.length;
        return value;
      }
    }
    numberPattern.lastIndex = at;
    const digits = numberPattern.exec(text)?.[0];
    if (digits === undefined) {
      if (first === "'") throw new Fault(at, 'text stands in double quotation marks (")');
      if (first === '/' || first === '#')
        throw new Fault(at, 'comments are not possible in this file');
      throw new Fault(at, `a value should stand here, not ${found()}`);
    }
    at = numberPattern.lastIndex;
    return Number(digits);
  };

  const value = readValue([]);
  skipSpace();
  if (at < text.length) throw new Fault(at, `nothing should follow here, but there is ${found()}`);
  return value;
}

function pathKey(path: JsonPath): string {
  return JSON.stringify(path);
}

function positionAt(text: string, offset: number): JsonPosition {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}
