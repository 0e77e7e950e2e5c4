import type { PaneSettings, Settings } from './model.ts';

/**
 * The panes that the settings make: each pair is one, and each gateway outside a pair is one. In the order of the
 * gateways; a pair stands where its first member does.
 */
export function panesOf(settings: Pick<Settings, 'gateways' | 'pairs'>): readonly PaneSettings[] {
  const panes = new Map<string, PaneSettings>();
  for (const gateway of settings.gateways) {
    const pair = settings.pairs.find(
      ({ primary, standby }) => primary === gateway.id || standby === gateway.id,
    );
    const pane: PaneSettings =
      pair === undefined
        ? {
            id: gateway.id,
            name: gateway.name,
            domain: gateway.domain,
            memberIds: [gateway.id],
            pairId: null,
          }
        : {
            id: pair.id,
            name: pair.name,
            domain: gateway.domain,
            memberIds: [pair.primary, pair.standby],
            pairId: pair.id,
          };
    if (!panes.has(pane.id)) panes.set(pane.id, pane);
  }
  return [...panes.values()];
}
