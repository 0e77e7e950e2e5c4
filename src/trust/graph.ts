import type { DomainId } from '../shared/index.ts';
import {
  trustActions,
  type Principal,
  type Resource,
  type TrustAction,
  type TrustPolicy,
} from './model.ts';
import { decide } from './policy.ts';

/** Something that the policy lets happen. */
export interface TrustEdge {
  readonly from: Principal;
  readonly to: Resource;
  readonly actions: readonly TrustAction[];
  /** Text of these other domains may go along. */
  readonly carries: readonly DomainId[];
  /** From work or outside to personal or to this machine: must never exist. */
  readonly forbidden: boolean;
}

/**
 * Who can reach whom: every principal and resource of these domains is put to `decide`, so the graph shows what the
 * policy does and not what its rows seem to say.
 */
export function trustGraph(
  policy: TrustPolicy,
  domains: readonly DomainId[],
): readonly TrustEdge[] {
  const principals: readonly Principal[] = [
    'user',
    'app',
    'ext',
    ...domains.map((domain): Principal => `gateway:${domain}`),
  ];
  const resources: readonly Resource[] = [
    ...domains.flatMap((domain): Resource[] => [`session:${domain}`, `connection:${domain}`]),
    'os',
    'host',
    'app',
  ];
  return principals.flatMap((from) =>
    resources.flatMap((to): TrustEdge[] => {
      const allowed = (labels: readonly DomainId[]): readonly TrustAction[] =>
        trustActions.filter(
          (action) =>
            decide(policy, { principal: from, action, resource: to, labels }).effect === 'allow',
        );
      const carries = domains.filter(
        (domain) => !to.endsWith(`:${domain}`) && allowed([domain]).length > 0,
      );
      const actions = trustActions.filter((action) =>
        [...allowed([]), ...carries.flatMap((domain) => allowed([domain]))].includes(action),
      );
      return actions.length === 0
        ? []
        : [{ from, to, actions, carries, forbidden: isForbidden(from, to) }];
    }),
  );
}

/** The graph as text, one edge a line. */
export function graphText(edges: readonly TrustEdge[]): string {
  return edges
    .map(({ from, to, actions, carries, forbidden }) => {
      const load =
        from !== 'user' || carries.length === 0 ? '' : `, also text of ${carries.join(', ')}`;
      return `${forbidden ? 'FORBIDDEN ' : ''}${from} -> ${to}: ${actions.join(', ')}${load}\n`;
    })
    .join('');
}

function isForbidden(from: Principal, to: Resource): boolean {
  if (from === 'user' || from === 'app' || from === 'gateway:personal') return false;
  return (
    to === 'host' ||
    to === 'os' ||
    to === 'app' ||
    to.endsWith(':personal') ||
    (from !== 'ext' && !to.endsWith(`:${from.slice('gateway:'.length)}`))
  );
}
