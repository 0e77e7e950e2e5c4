import type { BackupProgress } from './pair-backup.ts';
import type { Domain, GatewayView, OutboxItem, PaneView, PairView, RoutingRule } from './model.ts';
import { emptyTrustView, type TrustView } from './trust-view.ts';

export type PaneMode = 'columns' | 'rows' | 'single';
/** `join`: join a pair of another computer; it belongs to `failover` and has no button of its own in the rail. */
export type PanelId = 'rules' | 'trust' | 'failover' | 'join' | 'diagnostics';

/** A condition of the whole app that a person should know of. `values` fill the words of `notice.<code>`. */
export interface Notice {
  readonly code:
    | 'no-keyring'
    | 'settings-error'
    | 'settings-restart'
    | 'policy-error'
    | 'outbox-stranded'
    | 'no-runtime'
    | 'demo'
    | 'store-error';
  readonly severity: 'info' | 'warning' | 'error';
  readonly values: Readonly<Record<string, string | number>>;
}

/** The one truth, owned by main, frozen, projected into renderers, tray, menus and notifications. Holds no secret. */
export interface AppState {
  readonly revision: number;
  readonly domains: readonly Domain[];
  readonly gateways: readonly GatewayView[];
  readonly panes: readonly PaneView[];
  readonly pairs: readonly PairView[];
  /** The backups of the set-up that is being saved, or was last. */
  readonly backups: readonly BackupProgress[];
  /** Gateways whose jobs and channels stay off until a person switches them on. */
  readonly resting: readonly string[];
  readonly rules: readonly RoutingRule[];
  readonly outbox: readonly OutboxItem[];
  readonly notices: readonly Notice[];
  readonly ui: {
    readonly paneMode: PaneMode;
    readonly focusedPaneId: string | null;
    readonly panel: PanelId | null;
  };
  readonly trust: TrustView;
}

/** The state before anything is known. */
export const emptyAppState: AppState = {
  revision: 0,
  domains: [],
  gateways: [],
  panes: [],
  pairs: [],
  backups: [],
  resting: [],
  rules: [],
  outbox: [],
  notices: [],
  ui: { paneMode: 'columns', focusedPaneId: null, panel: null },
  trust: emptyTrustView,
};
