import type { Clock, Logger, Random, Result } from '../base/index.ts';
import type { Enrolment, PortalFailure } from '../cloud/index.ts';
import type {
  CreateWire,
  DeviceKey,
  DeviceTokenStore,
  GatewayBackups,
  Supervisor,
} from '../gateways/index.ts';
import type {
  AppError,
  AppState,
  Draft,
  FailoverEvent,
  Notice,
  PairCommandName,
  PairView,
  PaneChange,
  PaneMode,
  PanelId,
  RouteDecision,
  Translate,
  TrustDecision,
} from '../shared/index.ts';
import type { AppDatabase, SecretVault, SettingsFile } from '../store/index.ts';
import type { DecisionLog, SendGuard, TrustPolicy } from '../trust/index.ts';
import type { PairBackups } from './pair-backup.ts';
import type { PairSetup } from './pair-setup.ts';
import type { WayBack } from './pair-single.ts';
import type { FindGuardian, PairSetupHost } from './ports.ts';

export interface CoreOptions {
  readonly version: string;
  readonly settings: SettingsFile;
  readonly database: AppDatabase;
  readonly vault: SecretVault;
  readonly policy: TrustPolicy;
  readonly decisions: DecisionLog & { close(): void };
  readonly sendGuard: SendGuard;
  readonly supervisor: Supervisor;
  readonly createWire: CreateWire;
  /** SHA-256 of the certificate of a gateway that we run; null while it has none. */
  readonly certificate: (gatewayId: string) => Promise<string | null>;
  /** `address` is left out for a managed gateway alone: its secrets are for a process of ours. */
  readonly identity: (
    gatewayId: string,
    address?: string,
  ) => {
    key(): Promise<DeviceKey>;
    readonly tokens: DeviceTokenStore;
  };
  readonly enrol: (
    portal: string,
    code: string | null,
  ) => Promise<Result<Enrolment, PortalFailure>>;
  readonly guardian: FindGuardian;
  readonly setupHost: PairSetupHost;
  readonly backups: GatewayBackups;
  /** Conditions found while the parts were opened. */
  readonly notices: readonly Notice[];
  readonly t: Translate;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

export interface Core {
  state(): AppState;
  onState(listener: (state: AppState) => void): () => void;
  onPane(listener: (paneId: string, change: PaneChange) => void): () => void;
  onFailover(listener: (event: FailoverEvent, pair: PairView) => void): () => void;
  start(): void;
  /** Ends the app's part. `leaveRunning`: gateways and guardian go on without it. */
  stop(how: { readonly leaveRunning: boolean }): Promise<void>;
  pane(paneId: string): PaneChange | null;
  loadDraft(): Draft;
  saveDraft(draft: Draft): Result<null, AppError>;
  preview(draft: Draft): RouteDecision;
  send(draft: Draft, shown: string | null): Result<{ readonly id: string }, AppError>;
  retry(id: string): Result<null, AppError>;
  discard(id: string): Result<null, AppError>;
  focusPane(paneId: string): Result<null, AppError>;
  setPaneMode(mode: PaneMode): void;
  openPanel(panel: PanelId | null): void;
  selectSession(paneId: string, key: string): Result<null, AppError>;
  newSession(paneId: string): Result<null, AppError>;
  stopRun(paneId: string): Result<null, AppError>;
  /** Text was copied inside a pane's view: it keeps its domain when it comes back. */
  copied(paneId: string, text: string): void;
  reconnect(gatewayId: string): void;
  startGateway(gatewayId: string): void;
  enterToken(gatewayId: string, token: string): Promise<void>;
  setRuleEnabled(ruleId: string, enabled: boolean): Promise<Result<null, AppError>>;
  moveRule(ruleId: string, by: -1 | 1): Promise<Result<null, AppError>>;
  recentDecisions(): readonly TrustDecision[];
  /** A person's wish for a pair; answers in words what came of it. Forcing is confirmed by the caller. */
  pairCommand(
    pairId: string,
    command: PairCommandName,
  ): Promise<Result<{ readonly words: string }, AppError>>;
  readonly pairSetup: PairSetup;
  readonly pairBackups: PairBackups;
  readonly wayBack: WayBack;
}
