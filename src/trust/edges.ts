import { fail, ok, type Result } from '../base/index.ts';
import type { DomainId, TrustEdge } from '../shared/index.ts';
import { personal } from './model.ts';

/**
 * The edges, each once, if they may stand together; the failure says which may not, and why. No edge may lead to personal,
 * so no path does; and none may close a circle, of which an edge and its reverse are the shortest.
 */
export function checkEdges(
  edges: readonly TrustEdge[],
  domains: readonly DomainId[],
): Result<readonly TrustEdge[], string> {
  const accepted: TrustEdge[] = [];
  for (const edge of edges) {
    const { from, to } = edge;
    const unknown = [from, to].find((id) => !domains.includes(id));
    if (unknown !== undefined) return fail(`there is no domain “${unknown}”`);
    if (to === personal) return fail(`trust may never lead to ${personal}`);
    if (reaches(accepted, to, from))
      return fail(
        from === to
          ? `“${from}” needs no trust in itself`
          : `${from} → ${to} would close a circle: trust already leads from ${to} to ${from}`,
      );
    if (!hasEdge(accepted, from, to)) accepted.push({ from, to });
  }
  return ok(accepted);
}

/** Whether trust leads from one to the other directly. Nothing passes along two edges. */
export function hasEdge(edges: readonly TrustEdge[], from: DomainId, to: DomainId): boolean {
  return edges.some((edge) => edge.from === from && edge.to === to);
}

/** Where trust leads from a domain. */
export function trustedFrom(edges: readonly TrustEdge[], from: DomainId): readonly DomainId[] {
  return edges.filter((edge) => edge.from === from).map(({ to }) => to);
}

function reaches(edges: readonly TrustEdge[], from: DomainId, to: DomainId): boolean {
  return from === to || trustedFrom(edges, from).some((next) => reaches(edges, next, to));
}
