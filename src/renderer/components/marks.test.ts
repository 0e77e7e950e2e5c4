import { describe, expect, it } from 'vitest';

import { splitMarks } from './marks.ts';

const marked = (text: string, ...spans: readonly [number, number][]): string =>
  splitMarks(
    text,
    spans.map(([start, end]) => ({ start, end })),
  )
    .map((part) => (part.span === null ? part.text : `[${part.text}]`))
    .join('');

describe('splitMarks', () => {
  it.each([
    ['plain', [], 'plain'],
    ['', [], ''],
    ['a key here', [[2, 5]], 'a [key] here'],
    ['key', [[0, 3]], '[key]'],
    [
      'one two',
      [
        [4, 7],
        [0, 3],
      ],
      '[one] [two]',
    ],
    [
      'abcdef',
      [
        [1, 4],
        [2, 5],
      ],
      'a[bcd][e]f',
    ],
    [
      'abcdef',
      [
        [1, 5],
        [2, 3],
      ],
      'a[bcde]f',
    ],
    ['abc', [[2, 9]], 'ab[c]'],
    ['abc', [[7, 9]], 'abc'],
    ['abc', [[1, 1]], 'abc'],
  ] as [string, [number, number][], string][])('splits “%s” at %j', (text, spans, expected) => {
    expect(marked(text, ...spans)).toBe(expected);
  });
});
