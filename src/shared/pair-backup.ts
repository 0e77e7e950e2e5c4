/** Backups of gateways as a person sees them: made before a pair touches a gateway for the first time. */

/** A finished one. */
export interface BackupView {
  readonly gatewayId: string;
  /** The gateway's name. */
  readonly name: string;
  /** The archive. */
  readonly path: string;
  readonly bytes: number;
  readonly madeAtMs: number;
  /** The OpenClaw that made it. */
  readonly version: string;
}

/** How far the backups of a set-up are, by gateway. */
export type BackupProgress = { readonly gatewayId: string; readonly name: string } & (
  | { readonly state: 'waiting' }
  | { readonly state: 'making'; readonly bytes: number; readonly sinceMs: number }
  | { readonly state: 'made'; readonly backup: BackupView }
  /** It never ran: there is nothing to keep. */
  | { readonly state: 'empty' }
  | { readonly state: 'failed'; readonly words: string }
);

/** What making a single gateway of a pair came to. */
export interface SingleAgain {
  readonly words: string;
  /** To be run on the other computer, in order; empty where there is none. */
  readonly commands: readonly string[];
}
