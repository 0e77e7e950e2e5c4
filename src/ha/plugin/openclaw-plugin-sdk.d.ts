// The part of OpenClaw's plugin SDK that the fence uses, as 2026.9.6 documents it (docs/plugins/). The package itself is no
// dependency of ours: these modules exist inside the gateway that loads the plugin.

declare module 'openclaw/plugin-sdk/agent-harness' {
  /** Asks the active run of a session to stop; false if there is none. */
  export function abortAgentHarnessRun(sessionId: string): boolean;
}

declare module 'openclaw/plugin-sdk/agent-runtime' {
  /** Has the credentials themselves in it: only names may be taken. */
  export function loadAuthProfileStoreForRuntime(
    agentDir: string,
    options: { readonly allowKeychainPrompt: false },
  ): { readonly profiles: Readonly<Record<string, { readonly provider: string }>> };
}

declare module 'openclaw/plugin-sdk/agent-scope-runtime' {
  export function listAgentIds(config: unknown): readonly string[];
}

declare module 'openclaw/plugin-sdk/agent-sessions' {
  import type { TranscriptIdentity } from 'openclaw/plugin-sdk/session-transcript-runtime';

  export class SessionManager {
    static openBoundedAsync(
      target: TranscriptIdentity,
      limits: { readonly maxEvents: number; readonly maxBytes: number },
    ): Promise<SessionManager>;
    /** Marked protected there. Writes a row of any type at once, under the id and parent that it has. */
    persistRecord(
      row: object,
      options: { readonly idempotencyLookup: 'caller-checked' },
    ): { readonly adoptedMessageId?: string } | undefined;
  }
}

declare module 'openclaw/plugin-sdk/gateway-runtime' {
  /** Calls a method of the gateway of this computer's configuration, as its command line does; rejects when it is refused. */
  export function callGatewayFromCli(
    method: string,
    options: { readonly timeout: string; readonly json: true },
    params: object,
  ): Promise<unknown>;
}

declare module 'openclaw/plugin-sdk/session-transcript-runtime' {
  export interface TranscriptIdentity {
    readonly agentId: string;
    readonly sessionKey: string;
    readonly sessionId: string;
    readonly storePath: string;
  }
  export function appendSessionTranscriptMessageByIdentity(
    append: TranscriptIdentity & { readonly message: object; readonly updateMode: 'none' },
  ): Promise<{ readonly messageId: string } | undefined>;
  export function readSessionTranscriptRawDelta(
    read: TranscriptIdentity & {
      readonly cursor?: string;
      readonly maxEvents?: number;
      readonly maxBytes?: number;
    },
  ): Promise<
    | {
        readonly kind: 'page';
        readonly cursor: string;
        readonly events: readonly { readonly event: unknown; readonly seq: number }[];
        readonly hasMore: boolean;
        /** The next row alone is larger than was allowed. */
        readonly requiredBytes?: number;
      }
    | { readonly kind: 'reset'; readonly cursor: string }
    | { readonly kind: 'missing' }
  >;
  /** Tells whoever watches the session that a row has come. */
  export function publishSessionTranscriptUpdateByIdentity(
    publish: TranscriptIdentity & {
      readonly update: { readonly messageId: string; readonly message: object };
    },
  ): Promise<void>;
}

declare module 'openclaw/plugin-sdk/session-store-runtime' {
  /** What we read and write of it; OpenClaw's own has some 150 fields. */
  export interface SessionEntry {
    readonly sessionId: string;
    readonly updatedAt: number;
    readonly incognito?: true;
    /** `running`: a turn goes on, or was cut off by the end of the process. */
    readonly status?: string | undefined;
    readonly endedAt?: number | undefined;
    readonly abortedLastRun?: boolean | undefined;
    readonly restartRecoveryRuns?: undefined;
    readonly mainRestartRecovery?: undefined;
    readonly label?: string;
    readonly autoLabel?: string;
    readonly displayName?: string;
    readonly subject?: string;
    readonly icon?: string;
    readonly color?: string;
    readonly category?: string;
    readonly pinnedAt?: number;
    readonly archivedAt?: number;
    readonly chatType?: string;
    readonly thinkingLevel?: string;
    readonly verboseLevel?: string;
    readonly reasoningLevel?: string;
    readonly elevatedLevel?: string;
    readonly responseUsage?: string;
    readonly providerOverride?: string;
    readonly modelOverride?: string;
    readonly modelOverrideSource?: string;
    readonly groupActivation?: string;
    readonly sendPolicy?: string;
    readonly queueMode?: string;
    readonly queueDebounceMs?: number;
    readonly queueCap?: number;
    readonly queueDrop?: string;
    readonly parentSessionKey?: string;
    readonly previousSessionId?: string;
    /** Unix time in milliseconds. */
    readonly sessionStartedAt?: number;
    /** Unix time in milliseconds. */
    readonly lastInteractionAt?: number;
  }
  interface SessionPlace {
    readonly agentId: string;
    readonly sessionKey: string;
  }
  export function resolveStorePath(store: undefined, options: { readonly agentId: string }): string;
  export function listSessionEntries(list: {
    readonly agentId: string;
  }): readonly { readonly sessionKey: string; readonly entry: SessionEntry }[];
  /** How large a transcript is, without reading it. */
  export function readTranscriptStatsSync(place: SessionPlace & { readonly sessionId: string }): {
    readonly eventCount: number;
    readonly maxSeq: number;
    readonly sizeBytes: number;
  };
  export function getSessionEntry(place: SessionPlace): SessionEntry | undefined;
  export function upsertSessionEntry(
    upsert: SessionPlace & { readonly storePath?: string; readonly entry: SessionEntry },
  ): Promise<void>;
  export function patchSessionEntry(
    patch: SessionPlace & {
      readonly preserveActivity: boolean;
      readonly update: (entry: SessionEntry) => Partial<SessionEntry>;
    },
  ): Promise<SessionEntry | null>;
  /** With `archiveTranscript` the rows leave the store for an archive; without, they stay under their session id. */
  export function deleteSessionEntry(
    place: SessionPlace & { readonly archiveTranscript: true },
  ): Promise<boolean>;
  export function cleanupSessionLifecycleArtifacts(cleanup: {
    readonly agentId: string;
    readonly storePath: string;
    readonly sessionKeySegmentPrefix: string;
    readonly transcriptContentMarker: string;
    readonly orphanTranscriptMinAgeMs: number;
    readonly archiveRemovedEntryTranscripts: boolean;
  }): Promise<{ readonly removedEntries: number }>;
}

declare module 'openclaw/plugin-sdk/plugin-entry' {
  export type HookHandler = (event: unknown, context: unknown) => unknown;
  export interface GatewayCall {
    readonly params: unknown;
    readonly respond: (
      ok: boolean,
      payload: unknown,
      error: { readonly code: string; readonly message: string } | undefined,
    ) => void;
  }
  export interface PluginApi {
    readonly pluginConfig?: unknown;
    readonly logger: { info(message: string): void; warn(message: string): void };
    readonly runtime: {
      readonly version: string;
      readonly state: { resolveStateDir(environment: unknown): string };
      readonly config: { current(): unknown };
      readonly agent: {
        resolveAgentWorkspaceDir(config: unknown, agentId: string): string;
        resolveAgentDir(config: unknown, agentId: string): string;
      };
      readonly events: {
        onSessionTranscriptUpdate(
          listener: (update: { readonly sessionKey?: string }) => void,
        ): () => void;
      };
    };
    on(hook: string, handler: HookHandler, options?: { readonly priority?: number }): void;
    registerGatewayMethod(
      method: string,
      handler: (call: GatewayCall) => Promise<void> | void,
      options: { readonly scope: 'operator.read' | 'operator.write' | 'operator.admin' },
    ): void;
  }
  export interface PluginEntry {
    readonly id: string;
    readonly name: string;
    readonly description: string;
    readonly register: (api: PluginApi) => void;
  }
  export function definePluginEntry(entry: PluginEntry): PluginEntry;
}

/** Set by build/gateway-plugin.config.ts: our own version, and the OpenClaw that `build/gateway-runtime` pins. */
declare const SWITCHYARD_VERSION: string;
declare const SWITCHYARD_TESTED_OPENCLAW: string;
