import { RE2JS } from 're2js';

import { fail, ok, type Result } from '../base/index.ts';

/** A regular expression of a rule. */
export interface RulePattern {
  /** The first match in `text`; null when there is none in the part that is examined. */
  find(text: string): string | null;
}

const longestPattern = 500;
const largestProgram = 1_000;
/** Automaton size times characters: what one pattern may cost on one message, about 30 ms at worst. */
const stepBudget = 1_000_000;
const mostCharacters = 20_000;

/**
 * Compiles a rule's regular expression: RE2 syntax, which matches in linear time (no backreferences, no look-around),
 * case ignored. How much of a message is examined depends on the pattern's size: 20,000 characters for an ordinary one,
 * at least 1,000 for the largest. The failure is a sentence for people.
 */
export function compileRulePattern(pattern: string): Result<RulePattern, string> {
  if (pattern.length > longestPattern)
    return fail(`the pattern is longer than ${longestPattern} characters`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern, RE2JS.CASE_INSENSITIVE);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
  const size = compiled.programSize();
  if (size > largestProgram) return fail('the pattern is too large: its repetitions multiply');
  const examined = Math.min(mostCharacters, Math.floor(stepBudget / size));
  return ok({
    find: (text) => {
      const matcher = compiled.matcher(text.slice(0, examined));
      return matcher.find() ? matcher.group() : null;
    },
  });
}
