/**
 * The words of an election: one node (the guardian's half that looks after one gateway) and its peer decide, over one
 * register, whose gateway is active. Times are milliseconds of the node's own boot clock unless a name says otherwise.
 */
import type { NodeRole } from '../../shared/index.ts';
import type { RegisterRead, RegisterRecord, RegisterSwap } from '../model.ts';

/** The holder that a register names when the last one gave the role back: free at once. */
export const nobody = 'none';
/** The holder that a register names when a person took the role from somebody: free once that lease has surely run out. */
export const revoked = 'revoked';

/**
 * `timed`: the holder renews; silence ends its role. `held`: an operating-system lock of the active gateway's own process;
 * no renewals, and only that process's end, or its word, frees it (two gateways on one host).
 */
export type LeaseTerms =
  | {
      readonly kind: 'timed';
      /** L: how long one renewal is good for. */
      readonly leaseMs: number;
      readonly renewEveryMs: number;
      /** ρ: by how much a clock may run fast or slow, 0..1. */
      readonly rateError: number;
      /** ε: what a check-then-act may take, plus the clock's resolution. */
      readonly marginMs: number;
    }
  | { readonly kind: 'held' };

export interface ElectionConfig {
  /** Gateway ids; `self` is the one on this node's host. */
  readonly self: string;
  readonly peer: string;
  /** What the register publishes for `self`. */
  readonly addr: string;
  readonly lease: LeaseTerms;
  /** The gateway that claims a new, empty register. */
  readonly primary: string;
  /** Taking the role back to the preferred gateway: null where neither is preferred. */
  readonly preempt: {
    readonly preferred: string;
    /** How long the preferred gateway must have been well without a break. */
    readonly delayMs: number;
  } | null;
  /** How long running turns may take to finish in a handoff before they are cut. */
  readonly drainMs: number;
  /** How long the gateway may take to confirm a fence before it is killed. */
  readonly fenceMs: number;
  /** How long a node that gave the role up leaves it to the other before it may take it back. */
  readonly yieldMs: number;
  /** How long what the peer said is believed. */
  readonly peerFreshMs: number;
  /** How soon a register that did not answer is asked again. */
  readonly retryMs: number;
}

/** What the health checks say of a gateway. `unknown` is evidence of nothing. */
export type Verdict = 'well' | 'doubtful' | 'down' | 'unknown';

/** Why a role changed or did not, as a code; `reasons.ts` makes the sentence. */
export type ElectionCause =
  | 'peer-down'
  | 'peer-released'
  | 'self-down'
  | 'handoff'
  | 'preempt'
  | 'forced'
  | 'lease-ended'
  | 'superseded'
  | 'alone'
  | 'resumed'
  | 'first';

export interface Hold {
  readonly on: boolean;
  readonly serial: number;
}

/** A write on its way to the register. */
export interface SwapInFlight {
  readonly id: number;
  readonly sentAtMs: number;
  readonly expected: RegisterRecord | null;
  readonly next: RegisterRecord;
  readonly cause: ElectionCause;
}

export interface ElectionState {
  readonly config: ElectionConfig;
  readonly role: NodeRole;
  /** The value that the register was last seen to hold (null: it was empty), and since when (own clock) it is known. */
  readonly known: { readonly record: RegisterRecord | null; readonly sinceMs: number } | null;
  /** The highest epoch ever seen, here or by the peer. */
  readonly maxEpoch: number;
  /** The one register operation in flight. */
  readonly op:
    | { readonly kind: 'read'; readonly id: number; readonly sentAtMs: number }
    | ({ readonly kind: 'swap' } & SwapInFlight)
    | null;
  /** A swap without an answer: it may have happened, or may still happen while the register holds what it expects. */
  readonly unsure: SwapInFlight | null;
  /** The register was read, or written by us, since the last swap that was refused or not answered. */
  readonly upToDate: boolean;
  /** The register was seen to change in this life: no swap of an earlier one can still happen. */
  readonly moved: boolean;
  /** No swap of this node, of this life or an earlier one, can still change the register. */
  readonly settled: boolean;
  /**
   * `held`: how often in a row the gateway refused a swap over what the register holds. A fence may have carried a counter
   * that the register never reached, so each refusal tries a higher one.
   */
  readonly skipped: number;
  readonly nextOpId: number;
  readonly readDueMs: number;
  readonly renewDueMs: number;
  /** The end of this node's own right to be active; null: it has none. `held` leases have no end (Infinity). */
  readonly leaseUntilMs: number | null;
  /** What the gateway here may still act by: until when, and the newest grant's `seq`; null once it is known to be fenced. */
  readonly granted: { readonly untilMs: number; readonly seq: number } | null;
  /** Rule R8: until when this node promised the peer to stand still. */
  readonly promisedUntilMs: number;
  /** Rule R8: what the peer was asked. */
  readonly extension: { readonly id: number; readonly sentAtMs: number } | null;
  /** The right comes from the peer's promises at present. */
  readonly keptByPeer: boolean;
  readonly registerOk: boolean;
  /** Verdicts, newest. */
  readonly selfHealth: Verdict;
  readonly peerHealth: Verdict;
  /** Since when `selfHealth` is `well` without a break. */
  readonly selfWellSinceMs: number | null;
  /** What the peer last said of itself; null until it was heard in this life. */
  readonly peerSaid: {
    readonly maxEpoch: number;
    readonly role: NodeRole;
    readonly canTake: boolean;
    readonly self: Verdict;
    readonly atMs: number;
  } | null;
  /**
   * The register is empty: which epochs the peer knows. Asked at `askedAtMs`, and again with the same id until it is answered;
   * the id is drawn from `nextOpId`.
   */
  readonly epochQuestion: {
    readonly id: number;
    readonly askedAtMs: number;
    readonly answered: boolean;
  } | null;
  /** A person switched automatic changes off; the higher serial of the two nodes counts. */
  readonly hold: Hold;
  /** Why it drains or leaves, and since when. */
  readonly leaving: {
    readonly cause: ElectionCause;
    readonly sinceMs: number;
    readonly killed: boolean;
  } | null;
  /** Why it took, or is taking, the role. */
  readonly takenBy: ElectionCause;
  /** The last swap found the lock held by a live process. */
  readonly heldByOther: boolean;
  /** A forced takeover goes on until then. */
  readonly forcingUntilMs: number | null;
  /** Active on a person's word alone (`force-alone`), until the register is back. */
  readonly alone: boolean;
  /** A person asked here for the role that the other has: said in every beat until then. */
  readonly askingUntilMs: number;
  /** When the peer is next asked to give the role back. */
  readonly preemptDueMs: number;
  /** After giving up the role: leave it to the other until then. */
  readonly yieldUntilMs: number;
  /** Unplanned role changes, for damping: each doubles the delay before a preemption. */
  readonly unplanned: { readonly count: number; readonly lastAtMs: number };
}

/**
 * What nodes of a pair tell each other, over an authenticated link that may lose, delay and reorder. It lets nothing through
 * that was said to an earlier life of the hearer: question ids begin again with every life.
 */
export type PeerMessage =
  | {
      readonly kind: 'beat';
      readonly maxEpoch: number;
      readonly role: NodeRole;
      /** Its gateway is well and it could take over. */
      readonly canTake: boolean;
      /** The gateway there, as its own guardian sees it. */
      readonly self: Verdict;
      readonly hold: Hold;
      /** A person asked over there to have the role handed over. */
      readonly asksForRole: boolean;
      /** How long ago its last good turn was begun (its own clock); null: none, or the newest one failed. */
      readonly turnOkAgoMs: number | null;
      /** Turns fail there: a turn on the other gateway tells whose fault it is. */
      readonly wantsTurn: boolean;
      /** The other gateway has all that was said to this one; what the election decides does not look at it. */
      readonly copied?: boolean | undefined;
    }
  /** The role was given back; the register holds `record` now. */
  | { readonly kind: 'released'; readonly record: RegisterRecord }
  /** R8: the register does not answer; may I go on? */
  | { readonly kind: 'extend'; readonly id: number; readonly epoch: number }
  /** R8: yes; I stand still for a lease. */
  | { readonly kind: 'extended'; readonly id: number; readonly epoch: number }
  /** R6: the register is empty; which epoch is the highest that you know? */
  | { readonly kind: 'ask-epoch'; readonly id: number }
  /** R6: this one, when the question came. */
  | { readonly kind: 'tell-epoch'; readonly id: number; readonly maxEpoch: number }
  /** R7: the preferred gateway is ready to have the role back. */
  | { readonly kind: 'preempt' };

/** `force` skips evidence but never the wait for the other's lease. `force-alone`: without register and peer, on the person's word that the other is off. */
export type OperatorRequest = 'hand-over' | 'hold' | 'unhold' | 'force' | 'force-alone';

export type ElectionEvent =
  | { readonly kind: 'tick' }
  | { readonly kind: 'read'; readonly id: number; readonly result: RegisterRead }
  | { readonly kind: 'swapped'; readonly id: number; readonly result: RegisterSwap }
  | { readonly kind: 'health'; readonly self: Verdict; readonly peer: Verdict }
  | { readonly kind: 'heard'; readonly message: PeerMessage }
  /** The gateway here confirmed, or its process is gone: nothing granted so far can act any more. */
  | { readonly kind: 'gateway-fenced'; readonly seq: number }
  | { readonly kind: 'drained' }
  /** The connection to the gateway here broke: if its process ended, its lock is gone. */
  | { readonly kind: 'gateway-lost' }
  | { readonly kind: 'operator'; readonly request: OperatorRequest };

export type ElectionCommand =
  | { readonly kind: 'read-register'; readonly id: number }
  | {
      readonly kind: 'swap-register';
      readonly id: number;
      readonly expected: RegisterRecord | null;
      readonly next: RegisterRecord;
    }
  /** The gateway may act until `untilMs` (boot clock), stamped with `epoch`. `seq` orders grants and fences. */
  | {
      readonly kind: 'grant';
      readonly epoch: number;
      readonly untilMs: number;
      readonly seq: number;
    }
  /** The gateway must stop; nothing with a lower `seq` counts any more. `kill`: end its process. */
  | { readonly kind: 'fence'; readonly seq: number; readonly kill: boolean }
  /** Let running turns end, take no new ones; answered by `drained`. */
  | { readonly kind: 'drain'; readonly timeoutMs: number }
  | { readonly kind: 'send'; readonly message: PeerMessage }
  /** Became active: DNS and other followers move to `addr`. */
  | { readonly kind: 'publish'; readonly epoch: number; readonly addr: string }
  | {
      readonly kind: 'announce';
      readonly what: ElectionNews;
    };

/** What a person is told. */
export type ElectionNews =
  | { readonly code: 'active'; readonly epoch: number; readonly cause: ElectionCause }
  | { readonly code: 'released'; readonly epoch: number; readonly cause: ElectionCause }
  | { readonly code: 'fenced'; readonly epoch: number; readonly cause: ElectionCause }
  | { readonly code: 'moved'; readonly epoch: number; readonly holder: string }
  | { readonly code: 'register-lost'; readonly detail: string }
  | { readonly code: 'register-back' }
  | { readonly code: 'register-went-back'; readonly seen: number; readonly known: number }
  | { readonly code: 'extended' }
  | { readonly code: 'killed-gateway' }
  | { readonly code: 'hold'; readonly on: boolean }
  | { readonly code: 'refused'; readonly request: OperatorRequest; readonly why: RefusalCode };

export type RefusalCode =
  | 'not-active'
  | 'already-active'
  | 'peer-cannot-take'
  | 'cannot-take'
  | 'register-unknown'
  | 'register-answers'
  | 'promised'
  | 'busy';

export interface ElectionStep {
  readonly state: ElectionState;
  readonly commands: readonly ElectionCommand[];
}
