/** The words of a pair as one guardian guards it: what its checks saw, its local nodes, and what it wants done. */
import type { FailoverEvent, MemberCheck } from '../../shared/index.ts';
import type {
  ElectionCommand,
  ElectionState,
  OperatorRequest,
  PeerMessage,
} from '../election/model.ts';
import type {
  CheckOutcome,
  MemberConfig,
  PairConfig,
  ProbeDepth,
  RegisterRead,
  RegisterSwap,
} from '../model.ts';

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
}

export interface MemberState {
  readonly config: MemberConfig;
  /** On this machine: looked at to its depth, fenced and granted from here. */
  readonly local: boolean;
  readonly fast: CheckTrack;
  readonly turn: CheckTrack;
  /** When its held connection broke, until it answers again. */
  readonly resetAtMs: number | null;
  /** The last miss found that there is no process behind the address. */
  readonly gone: boolean;
  /** Why it cannot be checked at all, if so. */
  readonly blind: string | null;
  readonly seenWell: boolean;
  /** Its trouble has been put on the timeline. */
  readonly reported: boolean;
  /** The newest check of each depth, for people. */
  readonly shown: readonly MemberCheck[];
}

export interface PairState {
  readonly config: PairConfig;
  /** Primary first. */
  readonly members: readonly [MemberState, MemberState];
  /** The elections of the local members: one, or both. */
  readonly nodes: readonly ElectionState[];
  readonly startedAtMs: number;
  readonly nextSerial: number;
  /** When beats are next sent to the other host. */
  readonly beatDueMs: number;
  /** This process was last found to run late; what was not heard until then is no evidence. */
  readonly lateAtMs: number;
  /** The peer's newest good turn, as the start of it on our clock at the latest; null: none. */
  readonly peerTurnAtMs: number | null;
  /** Turns fail at the peer since then. */
  readonly peerWantsTurnAtMs: number | null;
  /** Why a takeover that is due is not made; told once for each reason. */
  readonly refusal: string | null;
  /** What a local gateway last gave the role up for, until somebody has it; one that was planned is no alarm. */
  readonly released: { readonly isPlanned: boolean; readonly reason: string } | null;
  /** The other gateway has all that was said, or nothing is copied at all: the role may go there without need. */
  readonly copied: boolean;
  readonly timeline: readonly FailoverEvent[];
}

export type PairEvent =
  | { readonly kind: 'tick'; readonly lateByMs: number }
  | {
      readonly kind: 'checked';
      readonly gatewayId: string;
      readonly depth: ProbeDepth;
      readonly serial: number;
      readonly outcome: CheckOutcome;
      /** By how much the guardian's own timers were late while the check ran. */
      readonly lateByMs: number;
    }
  /** The held connection of a member broke, or its process ended. */
  | { readonly kind: 'reset'; readonly gatewayId: string; readonly detail: string }
  /** A token arrived: what could not be checked before may be checked now. */
  | { readonly kind: 'credentials'; readonly gatewayId: string }
  | { readonly kind: 'heard'; readonly message: PeerMessage }
  | {
      readonly kind: 'register-read';
      readonly node: string;
      readonly id: number;
      readonly result: RegisterRead;
    }
  | {
      readonly kind: 'register-swapped';
      readonly node: string;
      readonly id: number;
      readonly result: RegisterSwap;
    }
  | { readonly kind: 'gateway-fenced'; readonly node: string; readonly seq: number }
  | { readonly kind: 'drained'; readonly node: string }
  | { readonly kind: 'operator'; readonly request: OperatorRequest }
  /** Something that others found out, for the timeline (DNS, fences, drills). */
  | { readonly kind: 'note'; readonly event: Pick<FailoverEvent, 'kind' | 'gatewayId' | 'reason'> };

/** What the driver carries out; `node`: the local gateway whose election wants it. */
export type PairCommand =
  | {
      readonly kind: 'check';
      readonly gatewayId: string;
      readonly depth: ProbeDepth;
      readonly serial: number;
      readonly timeoutMs: number;
    }
  | (Exclude<ElectionCommand, { readonly kind: 'send' | 'announce' }> & { readonly node: string })
  | Extract<ElectionCommand, { readonly kind: 'send' }>
  | { readonly kind: 'answer'; readonly request: OperatorRequest; readonly refusal: string | null }
  | { readonly kind: 'announce'; readonly event: FailoverEvent };

/** What a pure step gives back. */
export interface Step {
  readonly state: PairState;
  readonly commands: readonly PairCommand[];
}
