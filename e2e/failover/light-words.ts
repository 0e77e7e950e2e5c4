/** What a light gateway is told, and what it tells. */
export interface LightGatewayConfig {
  readonly id: string;
  readonly port: number;
  readonly token: string;
  readonly pair: string;
  /** `free`: no plugin and no fence; something else than our guardian moves it. */
  readonly mode: 'timed' | 'held' | 'free';
  /** Where a held register lies. */
  readonly registerPath?: string;
  /** `free`: it acts while its host has this address. */
  readonly activeAddress?: string;
  /** The file that effects are written down in. */
  readonly effects: string;
}

/** What is wrong with it; `{}` is well. */
export interface LightFaults {
  /** Answers in time, but something else than was asked, or nothing. */
  readonly lie?: 'nonce' | 'empty';
  readonly slowMs?: number;
  /** Blocks its event loop, once. */
  readonly freezeMs?: number;
  readonly model?: 'hangs';
  /** Acts without a lease: what every verdict must find. */
  readonly unfenced?: true;
  /** `full`: every write fails; `slow`: each takes two seconds. */
  readonly disk?: 'full' | 'slow';
}

/** Something that only the active gateway may do, as its file says it: an answer of the service, or work of its own. */
export interface Effect {
  /** CLOCK_MONOTONIC. */
  readonly atMs: number;
  readonly id: string;
  readonly epoch: number;
}

/** What became of the lease, as the same file says it. */
export interface LeaseNote {
  readonly atMs: number;
  readonly id: string;
  readonly method: string;
  readonly acting: boolean;
  readonly epoch: number;
}

/** What the service is asked. A check is answered by a standby too, and is no effect. */
export interface ServiceQuestion {
  readonly nonce: string;
  readonly isCheck?: boolean;
  /** Asks for a turn that takes so long. */
  readonly turnMs?: number;
}

/** What the service says to a nonce. */
export type ServiceAnswer =
  | { readonly id: string; readonly epoch: number; readonly nonce: string }
  | { readonly id: string; readonly refused: string }
  /** A turn that takes a while has begun; its answer follows. */
  | { readonly id: string; readonly begun: true };
