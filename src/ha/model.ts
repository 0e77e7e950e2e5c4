/** The words of failover: what is configured, what the guardian knows, what can happen to it and what it then wants done. */
import type { CheckDepth, FailoverProfile } from '../shared/index.ts';
import type { SecretSource } from './secret-source.ts';

export interface MemberConfig {
  readonly id: string;
  readonly name: string;
  /** Its WebSocket address: on this machine for a local member, else where this machine reaches it. */
  readonly url: string;
  /** Where other machines reach it: what the register and DNS tell clients. Default: `url`. */
  readonly addr?: string | undefined;
  /** Which certificate it must show at `url`, in a file or by SHA-256; left out: the system decides whom to trust. */
  readonly tls?: { readonly certificate: string } | { readonly fingerprint: string } | undefined;
  readonly token?: SecretSource | undefined;
  /** The record of its process that our supervisor writes; lets the guardian see and end the process. */
  readonly pidFile?: string | undefined;
}

/** How often and how patiently members are checked. */
export interface CheckConfig {
  /** Time between two fast checks of a member that is all right. */
  readonly everyMs: number;
  /** Time between two turns to the model and back. */
  readonly turnEveryMs: number;
  /** Time between two checks while a member is under suspicion. */
  readonly confirmEveryMs: number;
  readonly timeoutMs: number;
  readonly turnTimeoutMs: number;
  /** How many checks in a row must be missed before a member counts as down. */
  readonly misses: number;
  /** How long an active member that was never seen well may take to start before it can be replaced. */
  readonly startGraceMs: number;
}

export interface LeaseConfig {
  readonly leaseMs: number;
  readonly renewEveryMs: number;
  readonly marginMs: number;
  /** By how much a clock may run fast or slow, 0..1. */
  readonly rateError: number;
}

export interface TsigKeyConfig {
  readonly name: string;
  readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  readonly secret: SecretSource;
}

export type RegisterConfig =
  | { readonly kind: 'lock' }
  | {
      readonly kind: 'rfc2136';
      readonly server: string;
      readonly port: number;
      readonly zone: string;
      /** The name that clients follow; the lease is kept at `_lease.<name>`. */
      readonly name: string;
      readonly ttlSeconds: number;
      readonly key: TsigKeyConfig;
    }
  | {
      readonly kind: 'witness';
      readonly host: string;
      readonly port: number;
      readonly secret: SecretSource;
    };

/** `resolver`: an address (and port) to look through as a client would, in place of the system's. */
export type DnsConfig = { readonly name: string; readonly resolver?: string | undefined } & (
  | {
      readonly kind: 'dnsmasq';
      readonly hostsDir: string;
      readonly pidFile?: string | undefined;
    }
  | { readonly kind: 'pihole'; readonly url: string; readonly password: SecretSource }
  | {
      readonly kind: 'cloudflare';
      readonly zoneId: string;
      readonly token: SecretSource;
      readonly ttlSeconds: number;
    }
  | {
      readonly kind: 'route53';
      readonly zoneId: string;
      readonly accessKeyId: string;
      readonly secret: SecretSource;
      readonly ttlSeconds: number;
    }
  | {
      readonly kind: 'rfc2136';
      readonly server: string;
      readonly port: number;
      readonly zone: string;
      readonly ttlSeconds: number;
      readonly key: TsigKeyConfig;
    }
);

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** The link to the guardian of the other host. */
export interface PeerConfig {
  readonly listen: HostPort;
  readonly connect: HostPort;
  readonly secret: SecretSource;
}

export interface PreemptConfig {
  readonly preferred: 'primary' | 'standby';
  readonly delayMs: number;
}

/** How the files of the two workspaces are kept in step. `remote`: what git calls the place that both reach. */
export type WorkspaceConfig =
  | { readonly kind: 'sync' | 'shared-folder' | 'none' }
  | { readonly kind: 'git'; readonly remote: string };

export interface PairConfig {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly primary: MemberConfig;
  readonly standby: MemberConfig;
  /** Which members run on this machine. */
  readonly local: 'both' | 'primary' | 'standby';
  readonly profile: FailoverProfile;
  readonly lease: LeaseConfig;
  readonly check: CheckConfig;
  readonly register: RegisterConfig;
  readonly dns: readonly DnsConfig[];
  readonly peer: PeerConfig | null;
  readonly preempt: PreemptConfig | null;
  readonly workspace: WorkspaceConfig;
}

export interface GuardianConfig {
  readonly version: 1;
  /** Where the registers and the instance lock are kept. */
  readonly stateDir: string;
  /** The local socket (a path, or a named pipe on Windows) on which the app attaches. */
  readonly socket: string;
  /** Where figures are served as Prometheus text; loopback only. */
  readonly metrics: HostPort | null;
  readonly pairs: readonly PairConfig[];
}

/** What the register holds: who is active (`holder`), since which `epoch`; `ctr` rises with every write. */
export interface RegisterRecord {
  readonly epoch: number;
  readonly holder: string;
  readonly ctr: number;
  readonly addr: string;
}

/** Boot time decides (it never jumps); wall time is only written into records. Both in milliseconds. */
export interface Now {
  readonly bootMs: number;
  readonly wallMs: number;
}

/**
 * `fast`: as deep as the member allows without a model: process, port, `/readyz`, RPC, and the echo of our plugin. A member on
 * another host is looked at as far as `/readyz`. `turn`: through the whole gateway to its real model and back (a canary).
 */
export type ProbeDepth = 'fast' | 'turn';

/** One depth that a check got through. */
export interface DepthPassed {
  readonly depth: CheckDepth;
  readonly latencyMs: number;
  readonly detail: string;
}

/**
 * `miss`: `gone` says that there is certainly no process behind the address any more (its end was seen, or nothing listens).
 * `blind`: the check could not be made (no token, token refused), which is evidence of nothing.
 */
export type CheckOutcome =
  | {
      readonly kind: 'ok';
      readonly latencyMs: number;
      readonly detail: string;
      /** Shallow first; the last one is how deep the check went. */
      readonly passed: readonly DepthPassed[];
    }
  | {
      readonly kind: 'miss';
      readonly failedAt: CheckDepth;
      readonly detail: string;
      readonly gone?: boolean;
    }
  | { readonly kind: 'blind'; readonly detail: string };

export type RegisterRead =
  | { readonly kind: 'found'; readonly record: RegisterRecord }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly detail: string };

/**
 * `present`: the register holds `next`, and whether this swap wrote it or an identical one of an earlier life is not known.
 * `conflict`: the register holds something else. `held`: it cannot change hands while a live process holds its lock.
 * `unknown`: the write may or may not have happened; only reading again can tell.
 */
export type RegisterSwap =
  | { readonly kind: 'swapped' }
  | { readonly kind: 'present' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'held' }
  | { readonly kind: 'unknown'; readonly detail: string };

/** Why a guardian did not start. `running`: another one has this state folder or socket. */
export interface StartFailure {
  readonly code: 'running' | 'cannot-create';
  readonly words: string;
}
