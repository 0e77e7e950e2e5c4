import { describeState } from '../../shared/index.ts';
import type { AppState, GatewayView, Translate } from '../../shared/index.ts';
import { alarmsOf } from '../notifications/pair-alarms.ts';

export type TrayIcon = 'ok' | 'attention' | 'failover' | 'offline';

export interface TrayDescription {
  readonly icon: TrayIcon;
  readonly tooltip: string;
  /** One line per gateway, per pair and per edge of trust, for the menu: "Home: Ready". */
  readonly lines: readonly string[];
  /** Whether there is trust that can be cut. */
  readonly trusts: boolean;
}

/**
 * What the tray shows of a state: the worst thing that is true. A pane that nobody answers in beats a pair that runs on
 * its standby, which beats a gateway that waits for a person, a pair that nothing covers, and one that is merely starting.
 */
export function describeTray(state: AppState, t: Translate, nowMs: number): TrayDescription {
  return { ...describeGateways(state, t, nowMs), trusts: state.trust.edges.length > 0 };
}

function describeGateways(
  state: AppState,
  t: Translate,
  nowMs: number,
): Omit<TrayDescription, 'trusts'> {
  const nameOf = (gatewayId: string): string =>
    state.gateways.find((gateway) => gateway.id === gatewayId)?.name ?? gatewayId;
  const lines = [
    ...state.gateways.map(
      (gateway) => `${gateway.name}: ${describeState(t, gateway.state, nowMs).word}`,
    ),
    ...state.pairs.map((pair) =>
      t(pair.hold ? 'tray.pair.held' : 'tray.pair', {
        pair: pair.name,
        active: nameOf(pair.activeId),
        cover: t(`failover.cover.${pair.cover}`).toLowerCase(),
      }),
    ),
    ...state.trust.edges.map(({ from, to }) =>
      t('tray.trust', { from: domainName(state, from), to: domainName(state, to) }),
    ),
  ];
  const active = state.panes.flatMap((pane) =>
    state.gateways.filter((gateway) => gateway.id === pane.activeGatewayId),
  );
  const offline = active.filter(
    (gateway) => gateway.state.phase === 'offline' || gateway.state.phase === 'draining',
  );
  if (offline.length > 0)
    return { icon: 'offline', tooltip: t('tray.offline', { names: names(offline) }), lines };
  const idle = state.pairs.find((pair) => alarmsOf(pair).some(({ kind }) => kind === 'inactive'));
  if (idle !== undefined)
    return { icon: 'offline', tooltip: t('tray.inactive', { pair: idle.name }), lines };
  const moved = state.pairs.find((pair) => pair.activeId !== pair.primaryId);
  if (moved !== undefined) {
    const values = { pair: moved.name, active: nameOf(moved.activeId) };
    return { icon: 'failover', tooltip: t('tray.failover', values), lines };
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
  const uncovered = state.pairs.find((pair) => pair.cover !== 'protected' && pair.epoch > 0);
  if (uncovered !== undefined)
    return { icon: 'attention', tooltip: t('tray.uncovered', { pair: uncovered.name }), lines };
  const [astray] = state.pairs.flatMap(alarmsOf).filter(({ kind }) => kind === 'dns');
  if (astray !== undefined)
    return { icon: 'attention', tooltip: t('tray.dns', { name: astray.name }), lines };
  const starting = active.filter((gateway) => gateway.state.phase === 'starting');
  if (starting.length > 0)
    return { icon: 'attention', tooltip: t('tray.starting', { names: names(starting) }), lines };
  return { icon: 'ok', tooltip: t('tray.ok'), lines };
}

function domainName(state: AppState, domainId: string): string {
  return state.domains.find(({ id }) => id === domainId)?.name ?? domainId;
}

function names(gateways: readonly GatewayView[]): string {
  return gateways.map((gateway) => gateway.name).join(', ');
}
