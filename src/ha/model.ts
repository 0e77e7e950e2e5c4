/** The words of failover: what is configured, what the guardian knows, what can happen to it and what it then wants done. */
import type { CheckDepth, FailoverEvent, MemberCheck } from '../shared/index.ts';

/** Where the token of a gateway comes from. It is never part of the configuration itself. */
export type TokenSource =
  { readonly env: string } | { readonly file: string } | { readonly app: true };

export interface MemberConfig {
  readonly id: string;
  readonly name: string;
  /** A WebSocket address on this machine. */
  readonly url: string;
  readonly token?: TokenSource | undefined;
}

/** How often and how patiently members are checked. */
export interface CheckConfig {
  /** Time between two fast (RPC) checks of a member that is all right. */
  readonly everyMs: number;
  /** Time between two deep checks (a turn that goes to the model and back). */
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

export interface PairConfig {
  readonly id: string;
  readonly name: string;
  readonly domain: string;
  readonly primary: MemberConfig;
  readonly standby: MemberConfig;
  readonly check: CheckConfig;
}

export interface GuardianConfig {
  readonly version: 1;
  /** Where the registers and the instance lock are kept. */
  readonly stateDir: string;
  /** The local socket (a path, or a named pipe on Windows) on which the app attaches. */
  readonly socket: string;
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

/** A fast check over the held connection, or a turn through the whole gateway to its model and back. */
export type ProbeDepth = 'rpc' | 'turn';

/** `blind`: the check could not be made (no token, token refused), which is evidence of nothing. */
export type CheckOutcome =
  | { readonly kind: 'ok'; readonly latencyMs: number; readonly detail: string }
  | { readonly kind: 'miss'; readonly failedAt: CheckDepth; readonly detail: string }
  | { readonly kind: 'blind'; readonly detail: string };

export type RegisterRead =
  | { readonly kind: 'found'; readonly record: RegisterRecord }
  | { readonly kind: 'empty' }
  | { readonly kind: 'unreadable'; readonly detail: string };

/** `unknown`: the write may or may not have happened; only reading again can tell. */
export type RegisterSwap =
  | { readonly kind: 'swapped' }
  | { readonly kind: 'conflict' }
  | { readonly kind: 'unknown'; readonly detail: string };

/** One kind of check of one member. Times are boot milliseconds. */
export interface CheckTrack {
  /** The check in flight; an answer that carries another serial is too old to count. */
  readonly inFlight: { readonly serial: number; readonly startedAtMs: number } | null;
  readonly misses: number;
  /** When the present series of misses began, as far as this guardian can tell: the end of its first missed check. */
  readonly missingSinceMs: number | null;
  /** The last check that counted. */
  readonly finished: {
    readonly startedAtMs: number;
    readonly endedAtMs: number;
    readonly ok: boolean;
  } | null;
  /** When the next check is due, counted from: the end of the last one, or a moment that asked for a check at once. */
  readonly dueFromMs: number;
  readonly urgent: boolean;
  readonly shown: MemberCheck | null;
}

export interface MemberState {
  readonly config: MemberConfig;
  readonly rpc: CheckTrack;
  readonly turn: CheckTrack;
  /** When its held connection broke, until it answers again. */
  readonly resetAtMs: number | null;
  /** Why it cannot be checked at all, if so. */
  readonly blind: string | null;
  readonly seenWell: boolean;
  /** Its trouble has been put on the timeline. */
  readonly reported: boolean;
}

export interface Takeover {
  readonly expected: RegisterRecord | null;
  readonly next: RegisterRecord;
  readonly reason: string;
}

export type Phase =
  /** What the register says is not known: nobody may be moved. `after`: a swap whose result is not known. */
  | {
      readonly kind: 'learning';
      readonly readAtMs: number | null;
      readonly after: Takeover | null;
      readonly problem: string | null;
    }
  | { readonly kind: 'watching' }
  | { readonly kind: 'suspecting'; readonly sinceMs: number }
  | { readonly kind: 'taking'; readonly takeover: Takeover };

export interface PairState {
  readonly config: PairConfig;
  readonly phase: Phase;
  /** The newest record that the register was seen to hold. */
  readonly record: RegisterRecord | null;
  /** Primary first; who is active is the record's business. */
  readonly members: readonly [MemberState, MemberState];
  readonly startedAtMs: number;
  readonly nextSerial: number;
  /** Why a takeover that is due is not made; told once for each reason. */
  readonly refusal: ObstacleCode | null;
  readonly timeline: readonly FailoverEvent[];
}

export type ObstacleCode = 'blind' | 'down' | 'checking' | 'unproven' | 'stale' | 'provider';

/** Why a member could not take over. `checking` passes by itself within one check. */
export interface Obstacle {
  readonly code: ObstacleCode;
  readonly words: string;
}

export type PairEvent =
  | { readonly kind: 'tick' }
  | {
      readonly kind: 'checked';
      readonly gatewayId: string;
      readonly depth: ProbeDepth;
      readonly serial: number;
      readonly outcome: CheckOutcome;
      /** By how much the guardian's own timers were late while the check ran. */
      readonly lateByMs: number;
    }
  /** The held connection of a member broke. */
  | { readonly kind: 'reset'; readonly gatewayId: string; readonly detail: string }
  /** A token arrived: what could not be checked before may be checked now. */
  | { readonly kind: 'credentials'; readonly gatewayId: string }
  | { readonly kind: 'register-read'; readonly result: RegisterRead }
  | { readonly kind: 'register-swapped'; readonly result: RegisterSwap };

export type PairCommand =
  | {
      readonly kind: 'check';
      readonly gatewayId: string;
      readonly depth: ProbeDepth;
      readonly serial: number;
      readonly timeoutMs: number;
    }
  | { readonly kind: 'read-register' }
  | {
      readonly kind: 'swap-register';
      readonly expected: RegisterRecord | null;
      readonly next: RegisterRecord;
    }
  | { readonly kind: 'announce'; readonly event: FailoverEvent };

/** What a pure step gives back. */
export interface Step {
  readonly state: PairState;
  readonly commands: readonly PairCommand[];
}

/** Why a guardian did not start. `running`: another one has this state folder or socket. */
export interface StartFailure {
  readonly code: 'running' | 'cannot-create';
  readonly words: string;
}
