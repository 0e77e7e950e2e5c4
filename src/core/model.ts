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
  AuditView,
  CrossingAction,
  DomainId,
  Draft,
  FailoverEvent,
  GrantTerms,
  Notice,
  PairCommandName,
  PairView,
  PaneChange,
  PaneMode,
  PanelId,
  RouteDecision,
  SendConfirmation,
  Translate,
  TrustDecision,
  TrustEdge,
} from '../shared/index.ts';
import type { AppDatabase, SecretVault, SettingsFile } from '../store/index.ts';
import type { AgentDoor, TrustPolicy } from '../trust/index.ts';
import type { PairBackups } from './pair-backup.ts';
import type { PairFiles } from './pair-files.ts';
import type { PairSetup } from './pair-setup.ts';
import type { WayBack } from './pair-single.ts';
import type { PairTake } from './pair-take.ts';
import type { FindGuardian, JoinHost, PairSetupHost, TrustHost } from './ports.ts';

export interface CoreOptions {
  readonly version: string;
  readonly settings: SettingsFile;
  readonly database: AppDatabase;
  readonly vault: SecretVault;
  readonly policy: TrustPolicy;
  readonly trust: TrustHost;
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
    forget(): Promise<void>;
  };
  readonly enrol: (
    portal: string,
    code: string | null,
  ) => Promise<Result<Enrolment, PortalFailure>>;
  readonly guardian: FindGuardian;
  readonly setupHost: PairSetupHost;
  readonly joinHost: JoinHost;
  readonly backups: GatewayBackups;
  /** Conditions found while the parts were opened. */
  readonly notices: readonly Notice[];
  readonly t: Translate;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What a person may do about trust. */
export interface TrustControl {
  allow(edge: TrustEdge): Result<null, AppError>;
  /** Cuts an edge, or all. It is cut when this returns, even when it fails: then it is not on disk yet, and is tried again. */
  revoke(edge?: TrustEdge): Result<null, AppError>;
  /** Cuts trust, closes the connections to a domain's gateways and forgets their credentials; in words what came of it. */
  disconnect(domain: DomainId): Promise<Result<{ readonly words: string }, AppError>>;
  approve(digest: string): Result<null, AppError>;
  decline(digest: string): void;
  grant(edge: TrustEdge, action: CrossingAction, terms: GrantTerms): Result<null, AppError>;
  endGrants(): void;
  give(handle: string, digest: string): Result<null, AppError>;
  clearTaint(domain: DomainId): Result<null, AppError>;
  /** With a person's consent: agents of this gateway get the tools to ask and tell other domains, or lose them. */
  setAgentTools(gatewayId: string, on: boolean): Result<null, AppError>;
  /** What to add by hand to the configuration of a gateway that we do not run. */
  agentToolsText(gatewayId: string): Result<string, AppError>;
  /** Checks the whole log, which takes about half a second for 10,000 records. */
  verify(): AuditView;
  exportLog(
    redacted: boolean,
  ): Result<{ readonly text: string; readonly records: number }, AppError>;
  /** What a person has to confirm before this draft can be sent; null: nothing, or nothing helps. */
  confirmation(draft: Draft): SendConfirmation | null;
  /** They have confirmed it: sends it. Refused when text or destination are not what was shown any more. */
  confirm(
    draft: Draft,
    shown: Pick<SendConfirmation, 'paneId' | 'digest'>,
  ): Result<{ readonly id: string }, AppError>;
}

/** What agents may call, and when to look again. */
export type AgentCalls = AgentDoor & { onChange(listener: () => void): () => void };

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
  readonly trust: TrustControl;
  readonly agentCalls: AgentCalls;
  readonly pairSetup: PairSetup;
  readonly pairTake: PairTake;
  readonly pairFiles: PairFiles;
  readonly pairBackups: PairBackups;
  readonly wayBack: WayBack;
}
