/**
 * The forms that an answer from another domain may have to reach an agent: few values, none of which can say more than was
 * asked. Free text has no form here.
 *
 * Invariants
 * 1. What `readAnswer` gives was built by this file from the schema: nothing that came is handed on as it came.
 * 2. The words of an enumeration and the identifiers come from the one who asks.
 */
import { z } from 'zod';

import { fail, ok, type Result } from '../../base/index.ts';
import type { Json } from '../canonical-json.ts';

const word = z.string().min(1).max(80);
const most = z.int().min(1).max(20);

const simple = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('yes-no') }),
  z.strictObject({ type: z.literal('one-of'), values: z.array(word).min(1).max(20) }),
  z.strictObject({ type: z.literal('number'), least: z.number(), most: z.number() }),
  z.strictObject({ type: z.literal('date') }),
  z.strictObject({ type: z.literal('id'), of: z.array(word).min(1).max(200) }),
  z.strictObject({
    type: z.literal('text'),
    length: z.int().min(1).max(80),
    of: z.enum(['digits', 'letters', 'identifier']),
  }),
]);

const list = z.strictObject({ type: z.literal('list'), most, of: simple });

const schema = z.discriminatedUnion('type', [
  ...simple.options,
  list,
  z.strictObject({
    type: z.literal('fields'),
    fields: z
      .record(
        z.string().regex(/^[a-z][a-z0-9_]{0,39}$/u),
        z.discriminatedUnion('type', [...simple.options, list]),
      )
      .refine((fields) => {
        const count = Object.keys(fields).length;
        return count >= 1 && count <= 20;
      }, 'one to 20 fields'),
  }),
]);

export type AnswerSchema = z.infer<typeof schema>;

/** Reads the schema that an agent gives; the failure says what is wrong with it. */
export function readAnswerSchema(value: unknown): Result<AnswerSchema, string> {
  const parsed = schema.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : fail(
        parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '),
      );
}

/** Whether a string may be in it, so that its reader must know that another domain chose the letters. */
export function holdsText(answer: AnswerSchema): boolean {
  switch (answer.type) {
    case 'text':
      return true;
    case 'list':
      return holdsText(answer.of);
    case 'fields':
      return Object.values(answer.fields).some(holdsText);
    default:
      return false;
  }
}

/** Reads an answer of this form out of a reply; null when it is anything else, or anything besides. */
export function readAnswer(answer: AnswerSchema, reply: string): { readonly value: Json } | null {
  if (reply.length > 20_000) return null;
  const fenced = /^\s*```(?:json)?\s*\n([\s\S]*?)\n\s*```\s*$/u.exec(reply)?.[1];
  let given: unknown;
  try {
    given = JSON.parse(fenced ?? reply);
  } catch {
    return null;
  }
  const value = rebuilt(answer, given);
  return value === undefined ? null : { value };
}

/** The words that ask for the form, added to a question. */
export function formText(answer: AnswerSchema): string {
  return `Answer with JSON only, without any other text: ${describe(answer)}.`;
}

const patterns = {
  digits: /^[0-9]+$/u,
  letters: /^\p{L}+$/u,
  identifier: /^[A-Za-z0-9][A-Za-z0-9_.-]*$/u,
} as const;

function rebuilt(answer: AnswerSchema, given: unknown): Json | undefined {
  switch (answer.type) {
    case 'yes-no':
      return typeof given === 'boolean' ? given : undefined;
    case 'one-of':
      return answer.values.find((value) => value === given);
    case 'id':
      return answer.of.find((value) => value === given);
    case 'number':
      return typeof given === 'number' && given >= answer.least && given <= answer.most
        ? given
        : undefined;
    case 'date':
      return typeof given === 'string' && isDate(given) ? given : undefined;
    case 'text':
      return typeof given === 'string' &&
        given.length <= answer.length &&
        patterns[answer.of].test(given)
        ? given
        : undefined;
    case 'list': {
      if (!Array.isArray(given) || given.length > answer.most) return undefined;
      const items = given.map((item) => rebuilt(answer.of, item));
      return items.every((item) => item !== undefined) ? items : undefined;
    }
    case 'fields': {
      if (typeof given !== 'object' || given === null || Array.isArray(given)) return undefined;
      const names = Object.keys(answer.fields);
      if (Object.keys(given).some((name) => !names.includes(name))) return undefined;
      const entries = Object.entries(answer.fields).map(
        ([name, form]) =>
          [name, rebuilt(form, Object.getOwnPropertyDescriptor(given, name)?.value)] as const,
      );
      return entries.every((entry): entry is readonly [string, Json] => entry[1] !== undefined)
        ? Object.fromEntries(entries)
        : undefined;
    }
  }
}

function isDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2})?(?:Z|[+-]\d{2}:\d{2})?)?$/u.test(text))
    return false;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  return !Number.isNaN(Date.parse(text)) && day.toISOString().slice(0, 10) === text.slice(0, 10);
}

function describe(answer: AnswerSchema): string {
  switch (answer.type) {
    case 'yes-no':
      return 'true or false';
    case 'one-of':
      return `one of ${JSON.stringify(answer.values)}`;
    case 'id':
      return `one of these identifiers: ${JSON.stringify(answer.of)}`;
    case 'number':
      return `a number from ${answer.least} to ${answer.most}`;
    case 'date':
      return 'a date as "YYYY-MM-DD", with "THH:MM" if the time matters';
    case 'text':
      return `a string of at most ${answer.length} characters, ${patternWords[answer.of]} only`;
    case 'list':
      return `an array of at most ${answer.most}, each ${describe(answer.of)}`;
    case 'fields':
      return `an object with exactly ${Object.entries(answer.fields)
        .map(([name, form]) => `"${name}" (${describe(form)})`)
        .join(', ')}`;
  }
}

const patternWords = {
  digits: 'digits',
  letters: 'letters',
  identifier: 'letters, digits, “_”, “.” and “-”',
} as const;
