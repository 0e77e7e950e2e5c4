import type { TrustDecision } from '../../shared/index.ts';
import type { AuditEntry } from '../ports.ts';
import type { AuditRecord } from './format.ts';

/** A decision that is no crossing of the broker, as an entry. */
export function entryOf(
  decision: TrustDecision,
  epoch: number,
  body: string | undefined,
): AuditEntry & { readonly count: number } {
  const { principal, action, resource, effect, rule, count, detail } = decision;
  return {
    code: 'decision',
    epoch,
    principal,
    action,
    from: domainIn(principal),
    to: domainIn(resource),
    effect,
    obligations: [],
    actId: null,
    resource,
    rule,
    detail,
    body: body ?? null,
    count,
  };
}

/** An entry as the decision that people are shown. */
export function decisionOf(
  entry: Pick<AuditEntry, 'principal' | 'action' | 'resource' | 'effect' | 'rule' | 'detail'>,
  { time, count }: Pick<AuditRecord, 'time' | 'count'>,
): TrustDecision {
  const { principal, action, resource, effect, rule, detail } = entry;
  return {
    atMs: time,
    principal,
    action,
    resource,
    effect,
    rule,
    count,
    detail,
  };
}

function domainIn(name: string): string | null {
  const colon = name.indexOf(':');
  return colon === -1 ? null : name.slice(colon + 1);
}
