import type { Result } from '../base/index.ts';
import type { AppError, OutboxItem, RouteDecision } from '../shared/index.ts';
import type { Settings, SettingsProblem, StoredDraft } from './model.ts';

/** The settings file of a profile: read, written, and watched for edits by a person. */
export interface SettingsFile {
  /** For people, and for "open the settings file". */
  readonly path: string;
  /** The last good settings. */
  current(): Settings;
  /** The faults of the file as it is on disk now; empty while it is good. */
  problems(): readonly SettingsProblem[];
  /** Told after `current` or `problems` changed, whoever caused it. */
  onChange(listener: () => void): () => void;
  /**
   * Changes what is on disk now (edits by a person included) and writes it. Refused while the file has a fault, so that
   * nothing a person wrote is overwritten, and when the outcome would not be valid settings.
   */
  update(change: (settings: Settings) => Settings): Promise<Result<Settings, AppError>>;
  /** Stops watching; waits for a write that is under way. */
  close(): Promise<void>;
}

/** What may change about a message on its way. Its destination and its text never do. */
export type OutboxChange = Partial<Pick<OutboxItem, 'state' | 'gatewayId' | 'problem'>> &
  Pick<OutboxItem, 'updatedAtMs'>;

/** Messages on their way. A call that succeeded is on disk when it returns. */
export interface OutboxStore {
  /** Fails with `bad-input` when the id is taken: one key, one message. */
  insert(item: OutboxItem): Result<null, AppError>;
  /** Answers the item as it is now; `not-found` when there is none. */
  update(id: string, change: OutboxChange): Result<OutboxItem, AppError>;
  /** A person discarded it; `not-found` when there is none. */
  remove(id: string): Result<null, AppError>;
  get(id: string): OutboxItem | null;
  /** Everything without an answer, oldest first. */
  listOpen(): readonly OutboxItem[];
  /**
   * Forgets answered items that did not change since `beforeMs` (wall milliseconds), and the routes older than that whose
   * message is gone; answers how many items.
   */
  pruneAnswered(beforeMs: number): Result<number, AppError>;
}

/** The composer's one draft. */
export interface DraftStore {
  /** The empty draft when none is stored. */
  load(): StoredDraft;
  save(draft: StoredDraft): Result<null, AppError>;
}

/** A route that was taken, kept beside its message so that it can be looked up later. */
export interface StoredRoute {
  readonly messageId: string;
  readonly atMs: number;
  /** Its text is empty: what was sent is kept once, with the message. */
  readonly decision: RouteDecision;
}

export interface RouteStore {
  /** Keeps the decision of a message without its text; a message has one, the first one stays. */
  record(route: StoredRoute): Result<null, AppError>;
  get(messageId: string): StoredRoute | null;
}

/** Which session each pane shows. */
export interface PaneSessionStore {
  get(paneId: string): string | null;
  set(paneId: string, sessionKey: string): Result<null, AppError>;
}

/** A pair's role went to another gateway. */
export interface RoleChange {
  readonly epoch: number;
  readonly atMs: number;
  readonly gatewayId: string;
  /** False: the gateway is known to lack some of what was said to the one before it. */
  readonly complete: boolean;
}

/** When the roles of pairs changed: longer than a guardian remembers it. */
export interface RoleChangeStore {
  /** Keeps a change; an epoch has one, the first one stays. */
  record(pairId: string, change: RoleChange): Result<null, AppError>;
  /** The newest fifty of a pair, oldest first. */
  list(pairId: string): readonly RoleChange[];
}

/** The durable data of a profile, as one thing that is opened and closed. */
export interface AppDatabase {
  readonly outbox: OutboxStore;
  readonly drafts: DraftStore;
  readonly routes: RouteStore;
  readonly sessions: PaneSessionStore;
  readonly roleChanges: RoleChangeStore;
  close(): void;
}

/**
 * Where credentials are. Nothing here rejects: a keyring that fails in the middle of a run is logged, and what was set
 * in this run stays usable from memory.
 */
export interface SecretVault {
  /** `memory`: gone when the app quits, and a person must be told so. */
  readonly kind: 'keyring' | 'memory';
  /** For people: which keyring, or why none. */
  readonly detail: string;
  get(name: string): Promise<string | null>;
  set(name: string, value: string): Promise<void>;
  delete(name: string): Promise<void>;
}
