import { describe, expect, it } from 'vitest';

import { markdownBlocks } from './markdown-blocks.ts';

describe('markdownBlocks', () => {
  it('cuts at blank lines', () => {
    expect(markdownBlocks('one\ntwo\n\n\nthree')).toEqual(['one\ntwo', 'three']);
  });

  it('keeps a code fence in one piece, closed or not', () => {
    expect(markdownBlocks('a\n\n```js\nx\n\ny\n```\n\nb')).toEqual([
      'a',
      '```js\nx\n\ny\n```',
      'b',
    ]);
    expect(markdownBlocks('```\nx\n\ny')).toEqual(['```\nx\n\ny']);
  });

  it('does not take a shorter or another mark for the end of a fence', () => {
    expect(markdownBlocks('````\n```\n\n~~~\n````\n\nend')).toEqual([
      '````\n```\n\n~~~\n````',
      'end',
    ]);
  });

  it('gives the same leading blocks as the text grows', () => {
    const text = '# Title\n\n- a\n- b\n\n```sh\nls\n\npwd\n```\n\nThe end.';
    const whole = markdownBlocks(text);
    for (let length = 1; length < text.length; length += 1) {
      const part = markdownBlocks(text.slice(0, length));
      expect(whole.slice(0, part.length - 1)).toEqual(part.slice(0, -1));
    }
  });

  it('is empty for nothing', () => {
    expect(markdownBlocks('\n \n')).toEqual([]);
  });
});
