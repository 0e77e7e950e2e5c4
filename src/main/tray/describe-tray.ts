import { describeState } from '../../shared/index.ts';
import type { AppState, GatewayView, Translate } from '../../shared/index.ts';

export type TrayIcon = 'ok' | 'attention' | 'failover' | 'offline';

export interface TrayDescription {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  /** One line per gateway, for the menu: "Home: Ready". */
  readonly lines: readonly string[];
}

/**
 * What the tray shows of a state: the worst thing that is true. A pane that nobody answers in beats a pair that runs on
 * its standby, which beats a gateway that is merely starting or waits for a person.
 */
export function describeTray(state: AppState, t: Translate, nowMs: number): TrayDescription {
  const lines = state.gateways.map(
    (gateway) => `${gateway.name}: ${describeState(t, gateway.state, nowMs).word}`,
  );
  const active = state.panes.flatMap((pane) =>
    state.gateways.filter((gateway) => gateway.id === pane.activeGatewayId),
  );
  const offline = active.filter(
    (gateway) => gateway.state.phase === 'offline' || gateway.state.phase === 'draining',
  );
  if (offline.length > 0)
    return { icon: 'offline', tooltip: t('tray.offline', { names: names(offline) }), lines };
  const moved = state.pairs.find((pair) => pair.activeId !== pair.primaryId);
  if (moved !== undefined) {
    const standby =
      state.gateways.find((gateway) => gateway.id === moved.activeId)?.name ?? moved.activeId;
    return {
      icon: 'failover',
      tooltip: t('tray.failover', { pair: moved.name, active: standby }),
      lines,
    };
  }
  const asking = active.filter(
    (gateway) => gateway.state.phase === 'refused' || gateway.state.phase === 'pairing',
  );
  if (asking.length > 0) {
    const words = asking
      .map((gateway) => `${gateway.name}: ${describeState(t, gateway.state, nowMs).word}`)
      .join(', ');
    return { icon: 'attention', tooltip: t('tray.attention', { names: words }), lines };
  }
  const starting = active.filter((gateway) => gateway.state.phase === 'starting');
  if (starting.length > 0)
    return { icon: 'attention', tooltip: t('tray.starting', { names: names(starting) }), lines };
  return { icon: 'ok', tooltip: t('tray.ok'), lines };
}

function names(gateways: readonly GatewayView[]): string {
  return gateways.map((gateway) => gateway.name).join(', ');
}
