import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyText } from '../../store/testing/any-text.ts';
import { findingsOf } from './findings.ts';

const kinds = (text: string, canaries: readonly string[] = []): readonly string[] =>
  findingsOf(text, canaries)
    .map(({ kind }) => kind)
    .sort();

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const hex = (text: string): string => Buffer.from(text).toString('hex');
const percent = (text: string): string =>
  Array.from(Buffer.from(text))
    .map((byte) => `%${byte.toString(16).padStart(2, '0')}`)
    .join('');

describe('findings', () => {
  it.each([
    'Is the meeting about ATLAS still at three?',
    'Which of 2026-11-22, 2026-11-23 and 2026-11-24 suits you, at 14:30 or 15:45?',
    'Ticket 4711, order 100000001, build 20261122.1, phone 030 1234567',
    'Are pull requests 1234, 1235, 1236 and 1237 merged?',
    'The tokens of the parser are listed in src/parser/tokens.ts',
    '{"type":"one-of","values":["yes","no"]}',
  ])('has none in “%s”', (text) => {
    expect(findingsOf(text)).toEqual([]);
  });

  it.each([
    ['secret', 'sk-abcdefghijklmnop1234'],
    ['secret', 'ghp_0123456789abcdefghijABCDEFGHIJ012345'],
    ['secret', 'AKIAIOSFODNN7EXAMPLE'],
    ['secret', 'Authorization: Bearer abcdefghijklmnopqrstuvwx'],
    ['secret', 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.abc-def'],
    ['secret', '-----BEGIN OPENSSH PRIVATE KEY-----'],
    ['secret', 'the password is hunter22'],
    ['secret', 'api_key=0123456789'],
    ['iban', 'DE89 3704 0044 0532 0130 00'],
    ['iban', 'pay to GB82WEST12345698765432 please'],
    ['card', '4111 1111 1111 1111'],
    ['card', '5500-0000-0000-0004'],
    ['card', '3782 822463 10005'],
    ['home-path', 'see /home/anna/notes.md'],
    ['home-path', 'see /Users/anna/Desktop'],
    ['home-path', String.raw`see C:\Users\anna\Desktop`],
    ['home-path', 'cat ~/notes'],
    ['email', 'ask anna.example@mail.example'],
  ])('finds a %s in “%s”, however it is written', (kind, text) => {
    expect(kinds(text)).toContain(kind);
    for (const written of [
      `Is it ${base64(text)}?`,
      `Is it ${hex(text)}?`,
      `Is it ${percent(text)}?`,
      base64(base64(text)),
      hex(base64(text)),
      text.split(/(?:)/u).join('\u200b'),
      base64(text).replace(/(.{20})/gu, '$1\n'),
    ])
      expect(kinds(written), written).toContain(kind);
  });

  it('finds numbers by their check digits, and only then', () => {
    expect(kinds('DE89 3704 0044 0532 0130 01')).toEqual([]);
    expect(kinds('4111 1111 1111 1112')).toEqual([]);
    expect(kinds('D E 8 9 3 7 0 4 0 0 4 4 0 5 3 2 0 1 3 0 0 0')).toEqual(['iban']);
    expect(kinds('0000 0000 0000 0000')).toEqual([]);
  });

  it('finds a planted canary in whatever way it is spelled', () => {
    const canary = 'Blue Heron Seven';
    const found = (text: string): boolean => kinds(text, [canary]).includes('canary');
    for (const text of [
      'Is it blue heron seven?',
      'B-L-U-E H.E.R.O.N s_e_v_e_n',
      'ｂｌｕｅ ｈｅｒｏｎ ｓｅｖｅｎ',
      'blue\u200b heron\u00ad seven',
      base64('about blue heron seven'),
      hex('about blue heron seven'),
      percent('blue heron seven'),
    ])
      expect(found(text), text).toBe(true);
    expect(found('Is it a blue heron?')).toBe(false);
    expect(kinds('ab', ['ab'])).toEqual([]);
  });

  it('finds any canary of eight letters or more in any text around it', () => {
    const letters = fc.string({
      unit: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', '0', '1', '2', '3'),
      minLength: 8,
      maxLength: 40,
    });
    fc.assert(
      fc.property(letters, anyText(40), anyText(40), (canary, before, after) => {
        expect(kinds(`${before} ${canary} ${after}`, [canary])).toContain('canary');
      }),
      { numRuns: 300 },
    );
  });

  it('names what is too long to look at, and ends for any text', () => {
    expect(kinds('x'.repeat(20_001))).toEqual(['unreadable']);
    fc.assert(
      fc.property(anyText(2_000), (text) => {
        findingsOf(text, ['blue heron seven']);
      }),
      { numRuns: 100 },
    );
  });
});
