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
  personal,
  policyFacts,
  trustActions,
  type PolicyCondition,
  type PolicyDecision,
  type PolicyProblem,
  type PolicyRule,
  type TrustAction,
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
 * Refuses each row that would let anything but a person or the app cause an effect outside its own domain. Two things
 * are excepted: a personal gateway may notify, and an agent may ask or tell a domain that trust leads to, after a person
 * has approved or granted it. Without this, one careless row would be a way from work to personal.
 */
export function lintPolicy(rules: readonly PolicyRule[]): readonly PolicyProblem[] {
  return rules.flatMap((rule) => {
    const message = faultOf(rule);
    return message === null ? [] : [{ line: rule.line, message }];
  });
}

function faultOf(rule: PolicyRule): string | null {
  const { principal, action, resource, condition, effect } = rule;
  if (effect === 'deny') return null;
  if (effect === 'ask' && !askable.has(action)) return `nobody can be asked about “${action}”`;
  if (principal === 'user' || principal === 'app') return null;
  const [kind, domain] = principal.split(':');
  if (domain === undefined)
    return `“${principal}” may not be allowed anything: it can be anyone outside`;
  const outside = `${principal} ${action} ${resource} would be an effect outside its own domain`;
  if (kind === 'agent') {
    if (!crossings.has(action) || resource !== 'session:@trusted') return outside;
    return effect === 'ask' || condition === 'approved' || condition === 'granted'
      ? null
      : `what an agent writes leaves its domain only if it is “approved” or “granted”`;
  }
  const own = [
    'session:@own',
    'connection:@own',
    `session:${domain}`,
    `connection:${domain}`,
  ].includes(resource);
  const confined = own && !resource.endsWith(':*') && confinedActions.has(action);
  const notifies = principal === `gateway:${personal}` && resource === 'os' && action === 'notify';
  return confined || notifies ? null : outside;
}

/** Whether the policy lets it happen, and which row says so. */
export function decide(policy: TrustPolicy, request: TrustRequest): PolicyDecision {
  const rule = policy.rules.find((candidate) => matches(candidate, request));
  if (rule === undefined) {
    const broken = policy.problems[0];
    return broken === undefined
      ? {
          effect: 'deny',
          condition: null,
          rule: 'no row',
          reason: 'no row of the policy allows it',
        }
      : {
          effect: 'deny',
          condition: null,
          rule: 'unreadable policy',
          reason: `the policy has a fault at line ${broken.line}: ${broken.message}`,
        };
  }
  const words = `line ${rule.line}: ${rule.principal} ${rule.action} ${rule.resource} ${rule.condition === 'always' ? '-' : rule.condition} ${rule.effect}`;
  return {
    effect: rule.effect,
    condition: rule.condition,
    rule: words,
    reason: `${effectWords[rule.effect]} by ${words}`,
  };
}

const effectWords = { allow: 'allowed', ask: 'left to a person', deny: 'denied' } as const;

/** What an agent may do to another domain, and a person can be asked about. */
const crossings: ReadonlySet<string> = new Set<TrustAction>(['ask_work', 'tell_work']);
const askable: ReadonlySet<string> = new Set<TrustAction>(['ask_work', 'tell_work', 'send']);

/** What a gateway can do to its own domain without a way out of it: no row may hand it anything else. */
const confinedActions: ReadonlySet<string> = new Set<TrustAction>([
  'append',
  'refresh',
  'announce',
]);

const principalPattern = /^(?:\*|user|app|ext|(?:gateway|agent):(?:\*|[a-z0-9][a-z0-9-]*))$/u;
const resourcePattern =
  /^(?:\*|os|host|app|(?:session|connection|agent):(?:\*|@own|@trusted|[a-z0-9][a-z0-9-]*))$/u;
const conditions: Readonly<Record<string, PolicyCondition>> = {
  '-': 'always',
  'carries-foreign': 'carries-foreign',
  ...Object.fromEntries(policyFacts.map((fact) => [fact, fact])),
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
  if (resource.endsWith(':@trusted') && !principal.startsWith('agent:'))
    return { line, message: `${resource} says whose trust only for an agent` };
  const condition = Object.hasOwn(conditions, conditionWord)
    ? conditions[conditionWord]
    : undefined;
  if (condition === undefined) return { line, message: `“${conditionWord}” is no condition` };
  if (effect !== 'allow' && effect !== 'ask' && effect !== 'deny')
    return { line, message: `“${effect}” is neither allow, ask nor deny` };
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
    (pattern === 'gateway:*' && principal.startsWith('gateway:')) ||
    (pattern === 'agent:*' && principal.startsWith('agent:'))
  );
}

function matchesResource(pattern: string, request: TrustRequest): boolean {
  const { principal, resource, trusted = [] } = request;
  if (pattern === '*' || pattern === resource) return true;
  const [kind, whose] = pattern.split(':');
  const target = domainOf(resource);
  if (kind === undefined || target === null || !resource.startsWith(`${kind}:`)) return false;
  if (whose === '@trusted') return trusted.includes(target);
  return whose === '*' || (whose === '@own' && target === domainOf(principal));
}

function matchesCondition(condition: PolicyCondition, request: TrustRequest): boolean {
  const { resource, labels, facts = [] } = request;
  switch (condition) {
    case 'always':
      return true;
    case 'carries-foreign':
      return labels.some((label) => label !== domainOf(resource));
    case 'approved':
    case 'granted':
    case 'typed':
    case 'pinned':
      return facts.includes(condition);
    default:
      return assertNever(condition);
  }
}

/** The domain in `gateway:work`, `session:work` and the like; null where there is none. */
function domainOf(name: string): DomainId | null {
  const colon = name.indexOf(':');
  return colon === -1 ? null : name.slice(colon + 1);
}
