import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readJson } from './json-reader.ts';
import { anyCharacter, anyText } from './testing/any-text.ts';

describe('readJson', () => {
  it('gives what JSON.parse gives, for every value and layout', () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ stringUnit: anyCharacter }),
        fc.constantFrom(undefined, 2, '\t', '\r\n'),
        (value, space) => {
          const text = JSON.stringify(
            value,
            null,
            typeof space === 'string' ? ' ' : space,
          ).replaceAll('\n', space === '\r\n' ? '\r\n' : '\n');
          const read = readJson(text);
          expect(read.ok && read.value.value).toEqual(JSON.parse(text));
        },
      ),
    );
  });

  it('accepts what JSON.parse accepts and refuses what it refuses, in damaged texts too', () => {
    const damaged = fc
      .tuple(
        fc.json(),
        fc.nat(),
        fc.nat(3),
        fc.constantFrom(
          '',
          ',',
          '}',
          ']',
          '"',
          '\\',
          '0',
          '.',
          'e',
          '-',
          ' ',
          '\n',
          'true',
          '\\u12',
          '\u2028',
          '\u0000',
          '\u007f',
        ),
      )
      .map(
        ([text, at, length, put]) =>
          text.slice(0, at % (text.length + 1)) +
          put +
          text.slice((at % (text.length + 1)) + length),
      );
    fc.assert(
      fc.property(damaged, (text) => {
        let expected: { readonly value: unknown } | null;
        try {
          expected = { value: JSON.parse(text) };
        } catch {
          expected = null;
        }
        const read = readJson(text);
        if (!read.ok && read.error.message.includes('already there')) return; // the one thing that is stricter
        expect(read.ok).toBe(expected !== null);
        if (read.ok && expected !== null) expect(read.value.value).toEqual(expected.value);
      }),
      { numRuns: 2_000 },
    );
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        readJson(text);
      }),
    );
    expect(readJson('['.repeat(100_000))).toMatchObject({ ok: false, error: { line: 1 } });
  });

  it('keeps __proto__ a plain key', () => {
    const read = readJson('{"__proto__": {"polluted": true}}');
    expect(read.ok && Object.keys(read.value.value as object)).toEqual(['__proto__']);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it('locates keys and values', () => {
    const read = readJson('\uFEFF{\n  "a": [\n    1,\n    { "b": true }\n  ]\n}');
    if (!read.ok) throw new Error(read.error.message);
    expect(read.value.locate(['a', 1, 'b'])).toEqual({ line: 4, column: 12 });
    expect(read.value.locate(['a', 1, 'b'], 'key')).toEqual({ line: 4, column: 7 });
    expect(read.value.locate(['a', 1, 'missing'])).toEqual({ line: 4, column: 5 });
    expect(read.value.locate(['nothing', 7])).toEqual({ line: 1, column: 2 });
  });

  it.each([
    ['{\n  "a": 1,\n}', 3, 1, 'comma before this bracket'],
    ['{\n  "a": 1\n  "b": 2\n}', 3, 3, 'a comma or }'],
    ['{\n  a: 1\n}', 2, 3, 'key in quotation marks'],
    ['{ "a": \'x\' }', 1, 8, 'double quotation marks'],
    ['{ "a": 1, "a": 2 }', 1, 11, 'already there'],
    ['{\n  // why\n  "a": 1\n}', 2, 3, 'quotation marks'],
    ['{ "a": // why\n 1 }', 1, 8, 'comments'],
    ['{ "path": "C:\\new\\x" }', 1, 18, 'no escape of JSON'],
    ['{ "a": "x\n" }', 1, 8, 'no closing quotation mark'],
    ['', 1, 1, 'the end of the file'],
    ['{} {}', 1, 4, 'nothing should follow'],
  ])('says what is wrong with %j, and where', (text, line, column, words) => {
    expect(readJson(text)).toMatchObject({
      ok: false,
      error: { line, column, message: expect.stringContaining(words) as string },
    });
  });
});
