import type { Clock } from '../base/index.ts';
import type {
  AskView,
  DomainId,
  FindingView,
  GatewayView,
  TrustEdge,
  TrustView,
} from '../shared/index.ts';
import { bytesOf, checkEdges, defaultLimits, type BrokerView } from '../trust/index.ts';
import type { ToolsClient } from './ports.ts';

/** What the broker knows as a person is shown it. `gatewayName`: by the id of a gateway. */
export function brokerPart(
  { epoch, edges, asks, grants, held, tainted, unfinished }: BrokerView,
  domains: readonly DomainId[],
  gatewayName: (gatewayId: string) => string,
  clock: Clock,
): Omit<TrustView, 'obstacle' | 'disconnected' | 'tools' | 'boundary' | 'audit' | 'dropped'> {
  const bootToWallMs = clock.wallMs() - clock.bootMs();
  return {
    epoch,
    edges,
    possible: possibleEdges(edges, domains),
    asks: asks.map(
      ({ digest, from, to, action, destination, text, purpose, findings, atMs }): AskView => ({
        digest,
        from,
        to,
        action,
        gateway: gatewayName(destination.gatewayId),
        pin: destination.pin,
        sessionKey: destination.sessionKey,
        text,
        bytes: bytesOf(text),
        purpose,
        findings: findings.map((finding): FindingView => {
          const start = text.indexOf(finding.excerpt);
          const span = start === -1 ? null : { start, end: start + finding.excerpt.length };
          return { ...finding, span };
        }),
        atMs,
      }),
    ),
    grants: grants.map(({ from, to, action, callsLeft, bytesEach, untilMs }) => ({
      from,
      to,
      action,
      callsLeft,
      bytesEach,
      untilMs: Math.round(untilMs + bootToWallMs),
    })),
    widestGrant: defaultLimits.grant,
    held: held.map(({ handle, from, to, text, digest }) => ({ handle, from, to, text, digest })),
    tainted,
    unfinished: unfinished.map(({ seq, actId }) => ({ record: seq, actId })),
  };
}

/** The gateways whose agents could have tools, and whom they could ask with them. */
export function toolsClients(
  gateways: readonly GatewayView[],
  domains: readonly DomainId[],
): readonly ToolsClient[] {
  return gateways.flatMap(({ id: gatewayId, domain }) => {
    const to = domains.filter((other) => checkEdges([{ from: domain, to: other }], domains).ok);
    return to.length === 0 ? [] : [{ gatewayId, domain, to }];
  });
}

/** The edges that could be switched on beside those that are. */
function possibleEdges(
  edges: readonly TrustEdge[],
  domains: readonly DomainId[],
): readonly TrustEdge[] {
  const isOn = ({ from, to }: TrustEdge): boolean =>
    edges.some((edge) => edge.from === from && edge.to === to);
  return domains
    .flatMap((from) => domains.map((to) => ({ from, to })))
    .filter((edge) => !isOn(edge) && checkEdges([...edges, edge], domains).ok);
}
