/** What the probe is told, and what it writes down. */
export interface ProbeConfig {
  readonly everyMs: number;
  /** Every `IP:PORT` that the app knows, or the address that a name has now. */
  readonly by:
    | { readonly kind: 'addresses'; readonly addresses: readonly string[] }
    | {
        readonly kind: 'name';
        readonly name: string;
        readonly server: string;
        readonly port: number;
      };
  /** Good answers go into this file, one JSON `Reply` a line. */
  readonly out: string;
}

/** An answer with the right nonce; times are CLOCK_MONOTONIC. */
export interface Reply {
  readonly atMs: number;
  readonly askedAtMs: number;
  readonly id: string;
  readonly epoch: number;
  readonly isStale: boolean;
}

/** Asks one address for a turn that takes a while. */
export interface TurnOrder {
  readonly address: string;
  readonly turnMs: number;
}
