import type { FailoverProfile, PairView, PaneView } from '../shared/index.ts';
import type { PairSettings, Settings } from '../store/index.ts';

/**
 * The pairs while no guardian speaks for them: nothing covers them. `holders` names who was active last, by pair; the
 * primary stands in where that is not known.
 */
export function unguardedPairs(
  settings: Settings,
  reason: string,
  holders: Readonly<Record<string, string>> = {},
): readonly PairView[] {
  return settings.pairs.map((pair) => ({
    id: pair.id,
    name: pair.name,
    domain: settings.gateways.find((gateway) => gateway.id === pair.primary)?.domain ?? '',
    primaryId: pair.primary,
    standbyId: pair.standby,
    activeId: holders[pair.id] === pair.standby ? pair.standby : pair.primary,
    epoch: 0,
    cover: 'unguarded',
    coverReason: reason,
    profile: pair.profile,
    lease:
      pair.place.kind === 'this-computer'
        ? { kind: 'held' }
        : { kind: 'timed', leaseMs: leaseMsOf[pair.profile], remainingMs: null },
    register: { ...registerOf(pair), ok: false, detail: reason },
    nodes: [],
    dns: [],
    mirror: null,
    workspace: null,
    duties: null,
    hold: false,
    preempt: '',
    busy: null,
    checks: [],
    timeline: [],
  }));
}

const leaseMsOf: Readonly<Record<FailoverProfile, number>> = {
  fast: 1_000,
  default: 2_000,
  safe: 5_000,
};

function registerOf({ place }: PairSettings): Pick<PairView['register'], 'kind' | 'address'> {
  if (place.kind === 'this-computer') return { kind: 'lock', address: '' };
  const { register } = place;
  return register.kind === 'witness'
    ? { kind: 'witness', address: `${register.host}:${register.port}` }
    : { kind: 'rfc2136', address: `${register.name} @ ${register.server}:${register.port}` };
}

/** Which gateway speaks for a pane: of a pair the one that its view says, else the pane's only member. */
export function activeMember(
  pane: Pick<PaneView, 'memberIds' | 'pairId'>,
  pairs: readonly PairView[],
): string {
  const pair = pairs.find((candidate) => candidate.id === pane.pairId);
  return pair?.activeId ?? pane.memberIds[0] ?? '';
}

/** The pane that has the focus when the panes changed: the one that has the gateway of the one before, else the first. */
export function focusAfter(
  before: readonly PaneView[],
  focusedPaneId: string | null,
  panes: readonly Pick<PaneView, 'id' | 'memberIds'>[],
): string | null {
  const gatewayId = before.find((pane) => pane.id === focusedPaneId)?.activeGatewayId ?? '';
  const same = panes.find(({ memberIds }) => memberIds.includes(gatewayId));
  return (same ?? panes[0])?.id ?? null;
}
