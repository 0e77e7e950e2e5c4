import type { PairView, PaneView } from '../shared/index.ts';
import type { Settings } from '../store/index.ts';

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
    checks: [],
    timeline: [],
  }));
}

/** Which gateway speaks for a pane: of a pair the one that its view says, else the pane's only member. */
export function activeMember(
  pane: Pick<PaneView, 'memberIds' | 'pairId'>,
  pairs: readonly PairView[],
): string {
  const pair = pairs.find((candidate) => candidate.id === pane.pairId);
  return pair?.activeId ?? pane.memberIds[0] ?? '';
}
