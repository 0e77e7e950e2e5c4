import type { z } from 'zod';

import { kindsAt, knownKeysAt } from './settings-schema.ts';

/** A fault at a place of the settings, in words. `of`: whether the key or the value is what is wrong. */
export interface SettingsFault {
  readonly path: readonly (string | number)[];
  readonly of: 'key' | 'value';
  readonly message: string;
}

/** Turns what the schema found into words that name the place and say what may stand there. `value`: the whole file's. */
export function describeIssues(
  issues: readonly z.core.$ZodIssue[],
  value: unknown,
): readonly SettingsFault[] {
  return issues.flatMap((issue): readonly SettingsFault[] => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const last = path.at(-1);
    const found = valueAt(value, path);
    if (issue.code === 'unrecognized_keys') {
      const known = knownKeysAt(path, found);
      return issue.keys.map((key) => ({
        path: [...path, key],
        of: 'key',
        message: unknownKey(key, known),
      }));
    }
    if (found === undefined && typeof last === 'string') {
      return [{ path, of: 'value', message: `“${last}” is missing` }];
    }
    return [{ path, of: 'value', message: `${nameOf(last)} ${requirement(issue)}` }];
  });
}

function requirement(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${kindWords[issue.expected] ?? issue.expected}`;
    case 'invalid_value':
      return `must be ${listOf(issue.values.map((value) => (typeof value === 'string' ? `“${value}”` : String(value))))}`;
    case 'invalid_union':
      return `must be ${listOf(kindsAt(issue.path).map((kind) => `“${kind}”`))}`;
    case 'too_small':
      return issue.origin === 'number'
        ? `must be at least ${issue.minimum}`
        : issue.origin === 'string'
          ? 'must not be empty'
          : 'must not be an empty list';
    case 'too_big':
      return issue.origin === 'number'
        ? `must be at most ${issue.maximum}`
        : `must not be longer than ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const kindWords: Readonly<Record<string, string>> = {
  string: 'text in quotation marks',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list in [ ]',
  object: 'a group in { }',
};

function unknownKey(key: string, known: readonly string[]): string {
  const nearest = nearestWord(key, known);
  return nearest === null
    ? `“${key}” is not known here; known are ${listOf(
        known.map((word) => `“${word}”`),
        'and',
      )}`
    : `“${key}” is not known here; did you mean “${nearest}”?`;
}

function nameOf(last: string | number | undefined): string {
  if (last === undefined) return 'the file';
  return typeof last === 'number' ? `entry ${last + 1}` : `“${last}”`;
}

function listOf(words: readonly string[], joiner: 'or' | 'and' = 'or'): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} ${joiner} ${words.at(-1) ?? ''}`;
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, step) =>
      typeof inner === 'object' && inner !== null
        ? Object.getOwnPropertyDescriptor(inner, step)?.value
        : undefined,
    value,
  );
}

/** The candidate that differs least from `word`; null when none is near. */
export function nearestWord(word: string, candidates: readonly string[]): string | null {
  const limit = Math.max(2, Math.floor(word.length / 3));
  const ranked = candidates
    .map((candidate) => ({
      candidate,
      distance: editDistance(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .sort((left, right) => left.distance - right.distance)[0];
  return ranked !== undefined && ranked.distance <= limit ? ranked.candidate : null;
}

function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
