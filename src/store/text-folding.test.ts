import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyText } from './testing/any-text.ts';
import { addressOf, foldText } from './text-folding.ts';

describe('foldText', () => {
  it.each([
    ['ＡＴＬＡＳ', 'atlas'],
    ['Straße', 'strasse'],
    ['e\u0301', 'é'],
    ['ﬁle', 'file'],
  ])('%s becomes %s', (text, folded) => {
    expect(foldText(text)).toBe(folded);
  });

  it('keeps ordinary marks and cuts runs that no script has', () => {
    expect(foldText(`a${'\u0301'.repeat(30)}`)).toHaveLength(30);
    expect(foldText(`a${'\u0301\u0316'.repeat(1_000)}b`).length).toBeLessThan(40);
    expect(foldText(`a${'\uFF9E\u0316'.repeat(1_000)}b`).length).toBeLessThan(40);
  });

  it('takes any text', () => {
    fc.assert(
      fc.property(anyText(), (text) => {
        expect(typeof foldText(text)).toBe('string');
      }),
    );
  });
});

describe('addressOf', () => {
  it.each([
    ['Home standby', 'home-standby'],
    ['  Küche & Bad ', 'küche-bad'],
    ['HOME_STANDBY', 'home-standby'],
    ['★', ''],
  ])('of %j is %j', (name, address) => {
    expect(addressOf(name)).toBe(address);
  });
});
