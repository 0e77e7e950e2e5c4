/** The words of following a pair's role in DNS: what is written, what is read, what can go wrong. */
import type { Result } from '../../base/index.ts';
import type { DnsView } from '../../shared/index.ts';
import type { TsigAlgorithm } from '../register/tsig.ts';

export type DnsKind = DnsView['provider'];

/** What a name is to say from now on. */
export interface DnsChange {
  readonly name: string;
  /** An IPv4 or IPv6 address in its usual spelling (`canonicalAddress`). */
  readonly address: string;
  /** Which takeover this belongs to; written beside the record wherever the provider has room for it. */
  readonly epoch: number;
}

/** What the provider itself holds now, read back after the write. What clients are told is the resolver's to say. */
export interface Applied {
  readonly address: string;
  readonly ttlSeconds: number | null;
  /** A sentence for people. */
  readonly detail: string;
}

/** What the provider holds. `epoch` is null where no mark of ours was found. */
export interface DnsReading {
  readonly addresses: readonly string[];
  readonly ttlSeconds: number | null;
  readonly epoch: number | null;
}

/** `superseded`: a newer epoch is written there. `later`: may pass by itself. `wrong`: somebody has to do what `detail` says. */
export type DnsFailure =
  | { readonly kind: 'superseded'; readonly epoch: number; readonly detail: string }
  | { readonly kind: 'later'; readonly detail: string; readonly retryAfterMs: number | null }
  | { readonly kind: 'wrong'; readonly detail: string };

export interface ApplyOptions {
  /** Cuts a slow write off. It may still take effect at the server afterwards. */
  readonly signal?: AbortSignal;
  /** Told what a long change is waiting for. */
  readonly onProgress?: (detail: string) => void;
}

/**
 * A place that holds the name. `apply` reads before it writes (a newer epoch wins), changes in one step without a moment
 * of no answer, and reads back. No method rejects; no text carries a secret.
 */
export interface DnsProvider {
  readonly kind: DnsKind;
  readonly name: string;
  /** What to look at when the provider holds the new address and a resolver still does not give it. */
  readonly whenUnseen: string;
  apply(change: DnsChange, options?: ApplyOptions): Promise<Result<Applied, DnsFailure>>;
  read(): Promise<Result<DnsReading, DnsFailure>>;
  /** Tries, without changing the name, whether a change would work; the value is a sentence for the set-up. */
  test(): Promise<Result<string, DnsFailure>>;
  close(): Promise<void>;
}

/** A secret when it is needed; null while it is not there. */
export type ReadSecret = () => Promise<string | null>;

/** What a resolver says to a client. */
export type ResolverAnswer =
  | {
      readonly kind: 'addresses';
      readonly addresses: readonly string[];
      /** The lowest of the answer: how long a client may keep it. */
      readonly ttlSeconds: number;
    }
  | {
      readonly kind: 'nodata' | 'nxdomain' | 'servfail' | 'refused' | 'silent' | 'garbled';
      readonly detail: string;
    };

/** Asks a resolver as a client would. Never rejects; answers within its own time limit. */
export interface Resolver {
  /** Where it is, for people. */
  readonly server: string;
  addresses(name: string, family: 4 | 6): Promise<ResolverAnswer>;
  /** The server's own version text (CHAOS `version.bind`), or null where it does not say. */
  version(): Promise<string | null>;
}

/** One `dns` entry of the guardian's configuration, without its secret. */
export type DnsTarget = { readonly name: string; readonly resolver?: string | undefined } & (
  | { readonly kind: 'dnsmasq'; readonly hostsDir: string; readonly pidFile?: string | undefined }
  | { readonly kind: 'pihole'; readonly url: string }
  | {
      readonly kind: 'rfc2136';
      /** The zone's primary server: an IP address. */
      readonly server: string;
      readonly port?: number | undefined;
      readonly zone: string;
      readonly keyName: string;
      readonly algorithm: TsigAlgorithm;
      readonly ttlSeconds?: number | undefined;
    }
  | {
      readonly kind: 'cloudflare';
      readonly zoneId: string;
      readonly ttlSeconds?: number | undefined;
    }
  | {
      readonly kind: 'route53';
      readonly zoneId: string;
      readonly accessKeyId: string;
      readonly ttlSeconds?: number | undefined;
    }
);
