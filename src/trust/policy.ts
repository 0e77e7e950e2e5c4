/**
 * The policy: a table as text, and the decision by it.
 *
 * Invariants
 * 1. `decide` is total and pure: it answers for every request and never throws.
 * 2. First match wins; no match denies.
 * 3. A text that does not parse or does not pass the lint gives a policy that denies everything.
 */
import { assertNever } from '../base/index.ts';
import type { DomainId } from '../shared/index.ts';
import {
  trustActions,
  type PolicyCondition,
  type PolicyDecision,
  type PolicyProblem,
  type PolicyRule,
  type TrustPolicy,
  type TrustRequest,
} from './model.ts';

/** Reads a policy text. With any problem, all of them are named and the policy denies everything (invariant 3). */
export function parsePolicy(text: string): TrustPolicy {
  const rules: PolicyRule[] = [];
  const problems: PolicyProblem[] = [];
  for (const [index, row] of text.split(/\r?\n/u).entries()) {
    const content = row.replace(/#.*$/u, '').trim();
    if (content === '') continue;
    const rule = parseRow(content, index + 1);
    if ('message' in rule) problems.push(rule);
    else rules.push(rule);
  }
  const all = [...problems, ...lintPolicy(rules)];
  return all.length === 0 ? { rules, problems: [] } : { rules: [], problems: all };
}

/**
 * Refuses each row that would let anything but a person or the app cause an effect outside its own domain; a personal
 * gateway may notify besides. Without this, one careless row would be a way from work to personal.
 */
export function lintPolicy(rules: readonly PolicyRule[]): readonly PolicyProblem[] {
  return rules.flatMap((rule) => {
    if (rule.effect === 'deny' || rule.principal === 'user' || rule.principal === 'app') return [];
    const domain = /^gateway:(.+)$/u.exec(rule.principal)?.[1];
    if (domain === undefined)
      return [
        {
          line: rule.line,
          message: `“${rule.principal}” may not be allowed anything: it can be anyone outside`,
        },
      ];
    const own = [
      'session:@own',
      'connection:@own',
      `session:${domain}`,
      `connection:${domain}`,
    ].includes(rule.resource);
    const confined =
      own &&
      rule.resource !== 'session:*' &&
      rule.resource !== 'connection:*' &&
      confinedActions.has(rule.action);
    const personal =
      rule.principal === 'gateway:personal' && rule.resource === 'os' && rule.action === 'notify';
    return confined || personal
      ? []
      : [
          {
            line: rule.line,
            message: `${rule.principal} ${rule.action} ${rule.resource} would be an effect outside its own domain`,
          },
        ];
  });
}

/** Whether the policy lets it happen, and which row says so. */
export function decide(policy: TrustPolicy, request: TrustRequest): PolicyDecision {
  const rule = policy.rules.find((candidate) => matches(candidate, request));
  if (rule === undefined) {
    const broken = policy.problems[0];
    return broken === undefined
      ? { effect: 'deny', rule: 'no row', reason: 'no row of the policy allows it' }
      : {
          effect: 'deny',
          rule: 'unreadable policy',
          reason: `the policy has a fault at line ${broken.line}: ${broken.message}`,
        };
  }
  const words = `line ${rule.line}: ${rule.principal} ${rule.action} ${rule.resource} ${rule.condition === 'always' ? '-' : rule.condition} ${rule.effect}`;
  return {
    effect: rule.effect,
    rule: words,
    reason: `${rule.effect === 'allow' ? 'allowed' : 'denied'} by ${words}`,
  };
}

/** What a gateway can do to its own domain without a way out of it: no row may hand it anything else. */
const confinedActions: ReadonlySet<string> = new Set(['append', 'refresh', 'announce']);

const principalPattern = /^(?:\*|user|app|ext|gateway:(?:\*|[a-z0-9][a-z0-9-]*))$/u;
const resourcePattern =
  /^(?:\*|os|host|app|(?:session|connection):(?:\*|@own|[a-z0-9][a-z0-9-]*))$/u;
const conditions: Readonly<Record<string, PolicyCondition>> = {
  '-': 'always',
  'carries-foreign': 'carries-foreign',
};

function parseRow(content: string, line: number): PolicyRule | PolicyProblem {
  const words = content.split(/\s+/u);
  const [principal = '', action = '', resource = '', conditionWord = '', effect = ''] = words;
  if (words.length !== 5)
    return {
      line,
      message: `a row has five words (principal, action, resource, condition, effect), this one has ${words.length}`,
    };
  if (!principalPattern.test(principal)) return { line, message: `“${principal}” is no principal` };
  const knownAction = action === '*' ? action : trustActions.find((known) => known === action);
  if (knownAction === undefined) return { line, message: `“${action}” is no action` };
  if (!resourcePattern.test(resource)) return { line, message: `“${resource}” is no resource` };
  if (resource.endsWith(':@own') && !principal.startsWith('gateway:'))
    return { line, message: `${resource} says whose own only for a gateway` };
  const condition = Object.hasOwn(conditions, conditionWord)
    ? conditions[conditionWord]
    : undefined;
  if (condition === undefined) return { line, message: `“${conditionWord}” is no condition` };
  if (effect !== 'allow' && effect !== 'deny')
    return { line, message: `“${effect}” is neither allow nor deny` };
  return { line, principal, action: knownAction, resource, condition, effect };
}

function matches(rule: PolicyRule, request: TrustRequest): boolean {
  return (
    matchesPrincipal(rule.principal, request.principal) &&
    (rule.action === '*' || rule.action === request.action) &&
    matchesResource(rule.resource, request) &&
    matchesCondition(rule.condition, request)
  );
}

function matchesPrincipal(pattern: string, principal: string): boolean {
  return (
    pattern === '*' ||
    pattern === principal ||
    (pattern === 'gateway:*' && principal.startsWith('gateway:'))
  );
}

function matchesResource(pattern: string, { principal, resource }: TrustRequest): boolean {
  if (pattern === '*' || pattern === resource) return true;
  const [kind, whose] = pattern.split(':');
  const target = domainOf(resource);
  if (kind === undefined || target === null || !resource.startsWith(`${kind}:`)) return false;
  return whose === '*' || (whose === '@own' && target === domainOf(principal));
}

function matchesCondition(condition: PolicyCondition, { resource, labels }: TrustRequest): boolean {
  switch (condition) {
    case 'always':
      return true;
    case 'carries-foreign':
      return labels.some((label) => label !== domainOf(resource));
    default:
      return assertNever(condition);
  }
}

/** The domain in `gateway:work`, `session:work` and `connection:work`; null where there is none. */
function domainOf(name: string): DomainId | null {
  const colon = name.indexOf(':');
  return colon === -1 ? null : name.slice(colon + 1);
}
