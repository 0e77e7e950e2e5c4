/** Time that passes on a host. */
import { canonicalNode, floorsOf, shifted } from './canonical.ts';
import type { Host, HostRules } from './host.ts';

/** The host when its clock shows `ticks` more. A grant that has run out under way is forgotten: it gives nothing. */
export function later({ bounds, index }: HostRules, host: Host, ticks: number): Host {
  const { node, ...rest } = host;
  const moved = shifted(rest, ticks, floorsOf(bounds)) as typeof rest;
  const alive = moved.toGateway.filter(
    (command) => command.kind !== 'grant' || command.untilMs > 0,
  );
  return {
    ...moved,
    node: node && canonicalNode(node, ticks, bounds, bounds.config(index).self),
    toGateway: alive,
  };
}
