import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { foldText } from '../store/index.ts';
import { anyText } from '../store/testing/any-text.ts';
import { createLabelMemory } from './labels.ts';

const secret =
  'The key to the garden house is under the third pot from the left, next to the bicycle.';

function remembering(...copies: readonly (readonly [string, string])[]) {
  const memory = createLabelMemory();
  for (const [domain, text] of copies) memory.remember(domain, text);
  return memory;
}

describe('label memory', () => {
  it('knows nothing of text that was never copied', () => {
    expect(remembering(['personal', secret]).labelsOf('When is the meeting about ATLAS?')).toEqual(
      [],
    );
  });

  it.each([
    ['as it was', secret],
    ['inside other text', `FYI: ${secret} Thanks!`],
    ['with other white space and case', secret.toUpperCase().replaceAll(' ', '\n\t ')],
    ['with invisible characters', secret.split(/(?:)/u).join('\u200B')],
    ['with soft hyphens and selectors', secret.split(/(?:)/u).join('\u00AD\uFE0F')],
    [
      'in full-width letters',
      secret.replace(/[!-~]/gu, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0)),
    ],
    ['in part', secret.slice(20, 60)],
    ['with its end changed', secret.replace('bicycle.', 'bike')],
  ])('finds a copy %s', (_name, text) => {
    expect(remembering(['personal', secret]).labelsOf(text)).toEqual(['personal']);
  });

  it('finds any run of 35 characters of a copy', () => {
    const memory = remembering(['personal', secret]);
    for (let start = 0; start + 35 <= secret.length; start += 1) {
      // White space at the ends is not part of a run.
      const run = secret.slice(start, start + 35);
      if (run.trim().length === 35) expect(memory.labelsOf(`x${run}x`), run).toEqual(['personal']);
    }
  });

  it('finds a short copy whole, a very short one only as the whole text, and forgets about words', () => {
    const memory = remembering(
      ['personal', 'gate code 4711'],
      ['personal', '4711'],
      ['personal', 'ok'],
    );
    expect(memory.labelsOf('use gate code 4711 please')).toEqual(['personal']);
    expect(memory.labelsOf(' 4711 ')).toEqual(['personal']);
    expect(memory.labelsOf('ticket 4711')).toEqual([]);
    expect(memory.labelsOf('ok')).toEqual([]);
  });

  it('names every domain, in order', () => {
    const memory = remembering(
      ['work', 'quarterly budget draft'],
      ['personal', 'gate code 4711'],
      ['client', 'gate code 4711'],
    );
    expect(memory.labelsOf('quarterly budget draft and gate code 4711')).toEqual([
      'client',
      'personal',
      'work',
    ]);
  });

  it('forgets the oldest beyond its limits, and keeps what was copied again', () => {
    const memory = createLabelMemory({ copies: 2, characters: 1_000 });
    for (const text of ['the first copy', 'the second copy', 'the first copy', 'the third copy'])
      memory.remember('personal', text);
    expect(
      ['the first copy', 'the second copy', 'the third copy'].map(
        (text) => memory.labelsOf(text).length,
      ),
    ).toEqual([1, 0, 1]);
    const small = createLabelMemory({ copies: 100, characters: 100 });
    small.remember('personal', secret);
    small.remember('personal', `${secret} twice`);
    expect(small.labelsOf(secret.slice(0, 50))).toEqual(['personal']);
    small.remember('personal', 'x'.repeat(500));
    expect(small.labelsOf(secret)).toEqual([]);
    expect(small.labelsOf('x'.repeat(100))).toEqual(['personal']);
  });

  it('forgets no copy of one domain for copies of another, however many and long', () => {
    const short = 'gate code 4711';
    const memory = remembering(['personal', secret], ['personal', short]);
    for (let index = 0; index < 300; index += 1) memory.remember('work', `filler ${index}`);
    memory.remember('work', 'x'.repeat(200_000));
    expect(memory.labelsOf(secret)).toEqual(['personal']);
    expect(memory.labelsOf(`use ${short}`)).toEqual(['personal']);
    expect(memory.labelsOf('filler 0')).toEqual([]);
  });

  it('says where the copies stand, in whole words', () => {
    const memory = remembering(['personal', secret], ['work', 'quarterly budget draft']);
    const shown = (text: string): readonly string[] =>
      memory
        .spansOf(text)
        .map(({ start, end, label }) => `${label.sec.join()}: ${text.slice(start, end)}`);
    expect(
      shown(`FYI, he said: ${secret.toUpperCase()} And the  quarterly\n budget draft. Thanks!`),
    ).toEqual([`personal: ${secret.toUpperCase()}`, 'work: quarterly\n budget draft.']);
    expect(shown(`x ${secret.slice(20, 62)} y`)).toEqual([`personal: ${secret.slice(20, 62)}`]);
    expect(shown('nothing of the kind')).toEqual([]);
    expect(
      shown(`\u200b ${secret.split(/(?:)/u).join('\u200b')} end`)[0]?.replaceAll('\u200b', ''),
    ).toBe(`personal: ${secret}`);
  });

  it('says of each label that a text has where it stands', () => {
    fc.assert(
      fc.property(anyText(60), anyText(40), anyText(40), (copy, before, after) => {
        const memory = remembering(['personal', copy], ['work', after]);
        const text = `${before} ${copy} ${after}`;
        const spans = memory.spansOf(text);
        expect([...new Set(spans.flatMap(({ label }) => label.sec))].sort()).toEqual(
          memory.labelsOf(text),
        );
        expect(
          spans.every(({ start, end }) => start >= 0 && start < end && end <= text.length),
        ).toBe(true);
      }),
    );
  });

  it('finds every copy of 12 characters or more inside any text around it', () => {
    fc.assert(
      fc.property(anyText(80), anyText(40), anyText(40), (copy, before, after) => {
        const memory = remembering(['personal', copy]);
        // Folding may shorten a text: U+2F800 is two code units, and what it folds to is one.
        const visible = foldText(copy.replace(/[\p{Cf}\p{DI}\p{M}\s]/gu, ''));
        // Marks at the seams join what stands beside them, so a space keeps the copy itself.
        if (visible.length >= 12)
          expect(memory.labelsOf(`${before} ${copy} ${after}`)).toEqual(['personal']);
      }),
    );
  });
});
