import { assertNever } from '../base/index.ts';
import type { RoutingRule, RuleCondition } from '../shared/index.ts';
import { compileRulePattern, foldText } from '../store/index.ts';

/** A message as conditions see it. */
export interface MatchSubject {
  readonly text: string;
  /** The text in one form (see `foldText`), made once for all rules. */
  readonly folded: string;
  readonly pane: string | null;
}

type Match = (subject: MatchSubject) => string | null;

/** No condition looks further into a message than this many characters. */
const examinedCharacters = 200_000;
const longestShown = 60;

/** A compiled condition lives as long as its rule: settings are replaced, never changed. */
const compiled = new WeakMap<RuleCondition, Match>();

/** Prepares a message for matching. */
export function matchSubject(text: string, pane: string | null): MatchSubject {
  const examined = text.slice(0, examinedCharacters);
  return { text: examined, folded: foldText(examined), pane };
}

/** What made the rule match, for the reason that is shown; null when it does not match or is switched off. */
export function matchRule(rule: RoutingRule, subject: MatchSubject): string | null {
  if (!rule.enabled) return null;
  let match = compiled.get(rule.when);
  if (match === undefined) {
    match = compile(rule.when);
    compiled.set(rule.when, match);
  }
  return match(subject);
}

function compile(condition: RuleCondition): Match {
  switch (condition.kind) {
    case 'contains': {
      const wanted = foldText(condition.text);
      // A condition of nothing would match everything.
      return ({ folded }) => (wanted !== '' && folded.includes(wanted) ? condition.text : null);
    }
    case 'regex': {
      const pattern = compileRulePattern(condition.pattern);
      // The settings refuse a pattern that does not compile; one from elsewhere matches nothing.
      return ({ text }) => (pattern.ok ? shown(pattern.value.find(text)) : null);
    }
    case 'pane':
      return ({ pane }) => (pane === condition.pane ? pane : null);
    default:
      return assertNever(condition);
  }
}

function shown(matched: string | null): string | null {
  if (matched === null) return null;
  const line = matched.replace(/\s+/gu, ' ');
  return line.length <= longestShown ? line : `${line.slice(0, longestShown - 1)}…`;
}
