// The part of OpenClaw's plugin SDK that the fence uses, as 2026.9.6 documents it (docs/plugins/). The package itself is no
// dependency of ours: these modules exist inside the gateway that loads the plugin.

declare module 'openclaw/plugin-sdk/agent-harness' {
  /** Asks the active run of a session to stop; false if there is none. */
  export function abortAgentHarnessRun(sessionId: string): boolean;
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
    read: TranscriptIdentity & { readonly cursor?: string },
  ): Promise<
    | { readonly kind: 'page'; readonly cursor: string; readonly events: readonly unknown[] }
    | { readonly kind: 'reset'; readonly cursor: string }
    | { readonly kind: 'missing' }
  >;
}

declare module 'openclaw/plugin-sdk/session-store-runtime' {
  export function upsertSessionEntry(upsert: {
    readonly agentId: string;
    readonly sessionKey: string;
    readonly storePath: string;
    readonly entry: { readonly sessionId: string; readonly updatedAt: number };
  }): Promise<void>;
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
