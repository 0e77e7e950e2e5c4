import type {
  Domain,
  DomainId,
  Draft,
  FailoverProfile,
  PairWorkspace,
  RoutingRule,
  tsigAlgorithms,
} from '../shared/index.ts';

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
    | {
        readonly kind: 'remote';
        readonly url: string;
        /** SHA-256 of the certificate that it must show; without it the system decides whom to trust. */
        readonly tlsFingerprint?: string | undefined;
      }
    | { readonly kind: 'portal'; readonly portal: string; readonly code?: string | undefined }
  );

/** A primary and a standby of one domain, shown as one pane under one name. */
export interface PairSettings {
  readonly id: string;
  readonly name: string;
  readonly primary: string;
  readonly standby: string;
  readonly profile: FailoverProfile;
  /** The member that gets the role back by itself once it has been well for this long; null: neither. */
  readonly preempt: {
    readonly preferred: 'primary' | 'standby';
    readonly delaySeconds: number;
  } | null;
  /** The person agreed that our plugin is installed into the members that run here. */
  readonly plugin: boolean;
  /** How the files of the two workspaces are kept in step. */
  readonly workspace: PairWorkspace;
  readonly place: PairPlace;
}

/** Where the members run. Two computers need a register that both can reach, and may have a name that DNS moves. */
export type PairPlace = { readonly kind: 'this-computer' } | TwoComputers;

export interface TwoComputers {
  readonly kind: 'two-computers';
  /** Which member runs on this computer. */
  readonly here: 'primary' | 'standby';
  readonly hereAddress: string;
  readonly thereAddress: string;
  /** The port on which the two guardians talk, on both computers. */
  readonly peerPort: number;
  readonly register: PairRegister;
  readonly dns: readonly PairDns[];
}

export type PairRegister =
  | { readonly kind: 'witness'; readonly host: string; readonly port: number }
  | {
      readonly kind: 'rfc2136';
      readonly server: string;
      readonly port: number;
      readonly zone: string;
      readonly name: string;
      readonly ttlSeconds: number;
      readonly keyName: string;
      readonly algorithm: (typeof tsigAlgorithms)[number];
    };

/** A name that follows the active gateway. `resolver`: where a client's question is asked to check it. */
export type PairDns = { readonly name: string; readonly resolver?: string | undefined } & (
  | {
      readonly kind: 'dnsmasq';
      readonly hostsDir: string;
      /** Of a dnsmasq before 2.88, which has to be told. */
      readonly pidFile?: string | undefined;
    }
  | { readonly kind: 'pihole'; readonly url: string }
  | { readonly kind: 'cloudflare'; readonly zoneId: string; readonly ttlSeconds: number }
  | {
      readonly kind: 'route53';
      readonly zoneId: string;
      readonly accessKeyId: string;
      readonly ttlSeconds: number;
    }
);

/** What a person configures, as one JSON file. Holds no secret. */
export interface Settings {
  readonly version: 1;
  readonly domains: readonly Domain[];
  readonly gateways: readonly GatewaySettings[];
  readonly pairs: readonly PairSettings[];
  /** Gateways that were the other half of a pair: their jobs and channels stay off until a person switches them on. */
  readonly resting?: readonly string[] | undefined;
  /** First match wins. */
  readonly rules: readonly RoutingRule[];
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
