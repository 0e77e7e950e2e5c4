import type { AppState, PaneMode, PanelId } from './app-state.ts';

export interface Rect {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PaneLayout {
  readonly paneId: string;
  /** The whole pane: header, attention rows and conversation. */
  readonly pane: Rect;
  /** Where the gateway's own view lies. */
  readonly view: Rect;
}

export interface WindowLayout {
  readonly rail: Rect;
  readonly notices: Rect;
  readonly panes: readonly PaneLayout[];
  readonly composer: Rect;
  /** Null when no panel is open. A panel beside the panes, or over them in a narrow window. */
  readonly panel: Rect | null;
}

/** Device-independent pixels that the shell's style sheet and main's `setBounds` share. */
export const metrics = {
  rail: 60,
  paneHeader: 52,
  attentionRow: 40,
  noticeRow: 36,
  composer: 136,
  gap: 1,
  panel: 420,
  narrow: 1080,
} as const;

/**
 * Where everything is, from the window's content size and the state. Main sets the views' bounds with it in the same
 * turn as a resize, and the shell draws around them with the same numbers, so nothing lags behind or flickers.
 */
export function layoutWindow(
  size: { readonly width: number; readonly height: number },
  state: Pick<AppState, 'panes' | 'ui' | 'notices' | 'outbox' | 'gateways'>,
): WindowLayout {
  const { rail, gap } = metrics;
  const beside = state.ui.panel !== null && size.width >= metrics.narrow;
  const panelWidth = beside ? metrics.panel : 0;
  const noticesHeight = state.notices.length * metrics.noticeRow;
  const areaWidth = Math.max(0, size.width - rail - panelWidth);
  const composerHeight = Math.min(metrics.composer, size.height);
  const area: Rect = {
    x: rail,
    y: noticesHeight,
    width: areaWidth,
    height: Math.max(0, size.height - composerHeight - noticesHeight),
  };
  return {
    rail: { x: 0, y: 0, width: rail, height: size.height },
    notices: { x: rail, y: 0, width: size.width - rail, height: noticesHeight },
    panes: placePanes(
      area,
      shownPanes(
        state.panes.map((pane) => pane.id),
        state.ui,
      ),
      state.ui.paneMode,
      gap,
    ).map(({ paneId, pane }) => {
      const top = metrics.paneHeader + attentionRows(paneId, state) * metrics.attentionRow;
      return {
        paneId,
        pane,
        view: {
          x: pane.x,
          y: pane.y + top,
          width: pane.width,
          height: Math.max(0, pane.height - top),
        },
      };
    }),
    composer: {
      x: rail,
      y: size.height - composerHeight,
      width: areaWidth,
      height: composerHeight,
    },
    panel: panelRect(state.ui.panel, beside, size, rail, noticesHeight),
  };
}

/** How many rows under a pane's header ask for attention: one for a state that is not ready, one for messages that wait. */
export function attentionRows(
  paneId: string,
  state: Pick<AppState, 'panes' | 'outbox' | 'gateways'>,
): number {
  const pane = state.panes.find((candidate) => candidate.id === paneId);
  const gateway = state.gateways.find((candidate) => candidate.id === pane?.activeGatewayId);
  const connection = gateway !== undefined && gateway.state.phase !== 'ready' ? 1 : 0;
  const waiting = state.outbox.some((item) => item.paneId === paneId && needsAttention(item.state))
    ? 1
    : 0;
  return connection + waiting;
}

/** Whether an outbox state is shown as waiting: everything but a normal send in progress. */
export function needsAttention(state: AppState['outbox'][number]['state']): boolean {
  return ['queued', 'uncertain', 'interrupted', 'failed'].includes(state);
}

function shownPanes(paneIds: readonly string[], ui: AppState['ui']): readonly string[] {
  if (ui.paneMode !== 'single') return paneIds;
  const focused = paneIds.find((paneId) => paneId === ui.focusedPaneId) ?? paneIds[0];
  return focused === undefined ? [] : [focused];
}

function placePanes(
  area: Rect,
  paneIds: readonly string[],
  mode: PaneMode,
  gap: number,
): { paneId: string; pane: Rect }[] {
  const along = mode === 'rows' ? area.height : area.width;
  const count = paneIds.length;
  const each = (along - gap * (count - 1)) / Math.max(1, count);
  return paneIds.map((paneId, index) => {
    const start = Math.round(index * (each + gap));
    const length = Math.round((index + 1) * (each + gap) - gap) - start;
    const pane =
      mode === 'rows'
        ? { x: area.x, y: area.y + start, width: area.width, height: length }
        : { x: area.x + start, y: area.y, width: length, height: area.height };
    return { paneId, pane };
  });
}

function panelRect(
  panel: PanelId | null,
  beside: boolean,
  size: { readonly width: number; readonly height: number },
  rail: number,
  top: number,
): Rect | null {
  if (panel === null) return null;
  return beside
    ? { x: size.width - metrics.panel, y: top, width: metrics.panel, height: size.height - top }
    : { x: rail, y: top, width: size.width - rail, height: size.height - top };
}
