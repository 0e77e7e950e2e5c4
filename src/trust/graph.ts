import type { DomainId, TrustEdge } from '../shared/index.ts';
import { hasEdge, trustedFrom } from './edges.ts';
import {
  personal,
  policyFacts,
  trustActions,
  type PolicyEffect,
  type Principal,
  type Resource,
  type TrustAction,
  type TrustPolicy,
} from './model.ts';
import { decide } from './policy.ts';

/** Something that the policy lets happen. */
export interface PolicyEdge {
  readonly from: Principal;
  readonly to: Resource;
  /** Allowed, at least with some of the facts that a row can demand. */
  readonly actions: readonly TrustAction[];
  /** A person is asked first, at least without such facts. */
  readonly asks: readonly TrustAction[];
  /** Text of these other domains may go along. */
  readonly carries: readonly DomainId[];
  /** From work or outside to personal or to this machine, or along no edge of trust: must never exist. */
  readonly forbidden: boolean;
}

/**
 * Who can reach whom: every principal and resource of these domains is put to `decide`, so the graph shows what the
 * policy does and not what its rows seem to say.
 * @param trust the edges that are switched on
 */
export function policyGraph(
  policy: TrustPolicy,
  domains: readonly DomainId[],
  trust: readonly TrustEdge[],
): readonly PolicyEdge[] {
  const principals: readonly Principal[] = [
    'user',
    'app',
    'ext',
    ...domains.flatMap((domain): Principal[] => [`gateway:${domain}`, `agent:${domain}`]),
  ];
  const resources: readonly Resource[] = [
    ...domains.flatMap((domain): Resource[] => [
      `session:${domain}`,
      `connection:${domain}`,
      `agent:${domain}`,
    ]),
    'os',
    'host',
    'app',
  ];
  return principals.flatMap((from) =>
    resources.flatMap((to): PolicyEdge[] => {
      const trusted = trustedFrom(trust, domainIn(from));
      const reached = (effect: PolicyEffect, labels: readonly DomainId[]): readonly TrustAction[] =>
        trustActions.filter((action) =>
          factSets.some(
            (facts) =>
              decide(policy, { principal: from, action, resource: to, labels, facts, trusted })
                .effect === effect,
          ),
        );
      const others = domains.filter((domain) => !to.endsWith(`:${domain}`));
      const carries = others.filter((domain) => reached('allow', [domain]).length > 0);
      const anyOf = (effect: PolicyEffect): readonly TrustAction[] => {
        const found = [[], ...others.map((domain) => [domain])].flatMap((labels) =>
          reached(effect, labels),
        );
        return trustActions.filter((action) => found.includes(action));
      };
      const actions = anyOf('allow');
      const asks = anyOf('ask');
      return actions.length + asks.length === 0
        ? []
        : [{ from, to, actions, asks, carries, forbidden: isForbidden(from, to, trust) }];
    }),
  );
}

/** The graph as text, one edge a line. */
export function graphText(edges: readonly PolicyEdge[]): string {
  return edges
    .map(({ from, to, actions, asks, carries, forbidden }) => {
      const load =
        from !== 'user' || carries.length === 0 ? '' : `, also text of ${carries.join(', ')}`;
      const words = actions.map((action) =>
        asks.includes(action) ? `${action} (a person is asked)` : action,
      );
      const onlyAsked = asks.filter((action) => !actions.includes(action));
      const all = [...words, ...onlyAsked.map((action) => `${action} (only asked for)`)];
      return `${forbidden ? 'FORBIDDEN ' : ''}${from} -> ${to}: ${all.join(', ')}${load}\n`;
    })
    .join('');
}

/** Every set of facts, the empty one first. */
const factSets = policyFacts.reduce<readonly (typeof policyFacts)[number][][]>(
  (sets, fact) => [...sets, ...sets.map((set) => [...set, fact])],
  [[]],
);

function isForbidden(from: Principal, to: Resource, trust: readonly TrustEdge[]): boolean {
  if (from === 'user' || from === 'app') return false;
  const own = domainIn(from);
  const target = domainIn(to);
  if (from === `gateway:${personal}` && to === 'os') return false;
  if (target === '' || from === 'ext') return true;
  if (target === own) return !from.startsWith('gateway:');
  return !from.startsWith('agent:') || target === personal || !hasEdge(trust, own, target);
}

function domainIn(name: string): DomainId {
  return name.slice(name.indexOf(':') + 1 || name.length);
}
