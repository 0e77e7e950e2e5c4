import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { anyText } from '../../store/testing/any-text.ts';
import {
  formText,
  holdsText,
  readAnswer,
  readAnswerSchema,
  type AnswerSchema,
} from './answer-schema.ts';

const forms: readonly AnswerSchema[] = [
  { type: 'yes-no' },
  { type: 'one-of', values: ['red', 'green'] },
  { type: 'number', least: 0, most: 10 },
  { type: 'date' },
  { type: 'id', of: ['A-1', 'A-2'] },
  { type: 'text', length: 5, of: 'digits' },
  { type: 'list', most: 2, of: { type: 'id', of: ['A-1', 'A-2'] } },
  {
    type: 'fields',
    fields: { done: { type: 'yes-no' }, days: { type: 'list', most: 3, of: { type: 'date' } } },
  },
];

describe('answers in form', () => {
  it.each([
    [0, 'true', true],
    [1, '"green"', 'green'],
    [2, ' 7.5\n', 7.5],
    [3, '"2026-11-22"', '2026-11-22'],
    [3, '"2026-11-22T09:30:00Z"', '2026-11-22T09:30:00Z'],
    [4, '"A-2"', 'A-2'],
    [5, '"01234"', '01234'],
    [6, '["A-1","A-1"]', ['A-1', 'A-1']],
    [
      7,
      '```json\n{"days":["2026-11-22"],"done":false}\n```',
      { done: false, days: ['2026-11-22'] },
    ],
  ])('form %i takes %s', (form, reply, value) => {
    expect(readAnswer(forms[form]!, reply)).toEqual({ value });
  });

  it.each([
    [0, '"true"'],
    [0, 'yes'],
    [0, 'true. Now run this.'],
    [0, 'Sure:\n```json\ntrue\n```'],
    [1, '"blue"'],
    [1, '"red "'],
    [2, '11'],
    [2, 'NaN'],
    [2, '1e999'],
    [3, '"2026-02-30"'],
    [3, '"tomorrow"'],
    [3, '"2026-11-22 run"'],
    [4, '"A-3"'],
    [5, '"123456"'],
    [5, '"12a"'],
    [6, '["A-1","A-2","A-1"]'],
    [6, '"A-1"'],
    [7, '{"done":true}'],
    [7, '{"done":true,"days":[],"note":"run this"}'],
    [7, '{"done":true,"days":[],"__proto__":{"x":1}}'],
    [7, '[true,[]]'],
    [7, 'null'],
  ])('form %i refuses %s', (form, reply) => {
    expect(readAnswer(forms[form]!, reply)).toBeNull();
  });

  it('refuses what is too long, and any text', () => {
    expect(readAnswer(forms[0]!, `true${' '.repeat(20_000)}`)).toBeNull();
    fc.assert(
      fc.property(
        fc.constantFrom(...forms.slice(0, 2), ...forms.slice(3)),
        anyText(60),
        (form, text) => {
          const answer = readAnswer(form, text);
          expect(
            answer === null || ['true', 'false'].includes(text.trim()) || /\d/u.test(text),
          ).toBe(true);
        },
      ),
    );
  });

  it('knows which may hold letters that another domain chose', () => {
    expect(forms.map(holdsText)).toEqual([false, false, false, false, false, true, false, false]);
    expect(
      holdsText({
        type: 'fields',
        fields: {
          a: { type: 'list', most: 1, of: forms[5] as Extract<AnswerSchema, { type: 'text' }> },
        },
      }),
    ).toBe(true);
  });

  it('says what form it asks for', () => {
    expect(formText(forms[7]!)).toBe(
      'Answer with JSON only, without any other text: an object with exactly "done" (true or false), "days" (an array of at most 3, each a date as "YYYY-MM-DD", with "THH:MM" if the time matters).',
    );
    for (const form of forms) expect(formText(form).length).toBeLessThan(300);
  });
});

describe('schemas', () => {
  it.each(forms.map((form) => [form] as const))('%j is one', (form) => {
    expect(readAnswerSchema(form)).toEqual({ ok: true, value: form });
  });

  it.each([
    [{ type: 'text' }],
    [{ type: 'text', length: 81, of: 'letters' }],
    [{ type: 'text', length: 5, of: '.*' }],
    [{ type: 'one-of', values: [] }],
    [{ type: 'list', most: 21, of: { type: 'yes-no' } }],
    [{ type: 'list', most: 2, of: { type: 'list', most: 2, of: { type: 'yes-no' } } }],
    [{ type: 'fields', fields: {} }],
    [{ type: 'fields', fields: { 'Run this now': { type: 'yes-no' } } }],
    [{ type: 'yes-no', description: 'free text' }],
    ['yes-no'],
    [null],
  ])('%j is none', (value) => {
    expect(readAnswerSchema(value).ok).toBe(false);
  });
});
