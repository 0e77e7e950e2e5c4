import type { Domain, DomainId, Draft, RoutingRule } from '../shared/index.ts';

/** The model that a gateway we run talks to; the demo's echo model and OpenAI-compatible servers are named by address. */
export interface ModelSettings {
  readonly provider: string;
  readonly baseUrl: string;
  readonly id: string;
}

interface GatewayIdentity {
  readonly id: string;
  readonly name: string;
  /** For life: a gateway never changes its domain. */
  readonly domain: DomainId;
}

/** One gateway of the settings file. `managed`: we run it; `remote`: someone does; `portal`: a portal hands it out. */
export type GatewaySettings = GatewayIdentity &
  (
    | { readonly kind: 'managed'; readonly port: number; readonly model: ModelSettings | null }
    | { readonly kind: 'remote'; readonly url: string }
    | { readonly kind: 'portal'; readonly portal: string; readonly code?: string | undefined }
  );

/** A primary and a standby of one domain, shown as one pane under one name. */
export interface PairSettings {
  readonly id: string;
  readonly name: string;
  readonly primary: string;
  readonly standby: string;
}

/** What a person configures, as one JSON file. Holds no secret. */
export interface Settings {
  readonly version: 1;
  readonly domains: readonly Domain[];
  readonly gateways: readonly GatewaySettings[];
  readonly pairs: readonly PairSettings[];
  /** First match wins. */
  readonly rules: readonly RoutingRule[];
  readonly trust: { readonly personalToWork: boolean };
  readonly updates: { readonly feed: string | null };
  readonly demo: boolean;
}

/** A fault of the settings file, at the place where a person can mend it. Lines and columns count from 1. */
export interface SettingsProblem {
  readonly line: number;
  readonly column: number;
  /** For people: `gateways[1].port`; empty for the file as a whole. */
  readonly path: string;
  readonly message: string;
}

/** What a person sees as one place to talk to, as far as the settings tell. */
export interface PaneSettings {
  readonly id: string;
  readonly name: string;
  readonly domain: DomainId;
  readonly memberIds: readonly string[];
  readonly pairId: string | null;
}

/** The composer's content as it survives a restart: what was typed, and whose text it may hold. */
export interface StoredDraft extends Draft {
  /** Domains that text in the draft was copied from. The memory of copies ends with the process, so the draft carries them. */
  readonly labels: readonly DomainId[];
}
