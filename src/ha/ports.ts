/** What a guarded pair needs from outside: a register, eyes on its members, a fence around each local one, and followers. */
import type { DnsView, DutiesView, MirrorView, NodeView, WorkspaceView } from '../shared/index.ts';
import type { PeerMessage } from './election/model.ts';
import type {
  CheckOutcome,
  MemberConfig,
  ProbeDepth,
  RegisterRead,
  RegisterRecord,
  RegisterSwap,
} from './model.ts';

/**
 * The one place that says who is active. `register/testing` has its contract.
 * Neither method rejects, and both answer within a time limit of their own: what goes wrong is part of the answer.
 */
export interface Register {
  read(): Promise<RegisterRead>;
  /** Writes `next` if the register holds exactly `expected` (null: nothing at all); durable before it says `swapped`. */
  compareAndSwap(expected: RegisterRecord | null, next: RegisterRecord): Promise<RegisterSwap>;
  close?(): void;
}

/** What lets a local gateway act, and stops it. `seq` orders grants and fences: a grant that is not above a fence is void. */
export interface FencePort {
  /** Lets it act until `untilMs` (boot clock), stamped with `epoch`. A grant that gets lost is the next renewal's business. */
  grant(lease: { readonly epoch: number; readonly untilMs: number; readonly seq: number }): void;
  /** Stops it; `kill`: by ending its process. True once it is certain that nothing granted up to `seq` can act any more. */
  fence(seq: number, kill: boolean): Promise<boolean>;
  /** Takes no new turns and lets the running ones end; answers when they have, or after `timeoutMs`. */
  drain(timeoutMs: number): Promise<void>;
  /** How many turns run in it, checks not counted; null: not known. */
  running(): Promise<number | null>;
  /** How it is fenced, for people. */
  state(): Pick<NodeView, 'fence' | 'detail'>;
}

/** The guardian of the other host. No message is heard twice, late, from another session of either side, or from anybody else. */
export interface PeerPort {
  send(message: PeerMessage): void;
  /** Adds a listener; gives back how to remove it. */
  onMessage(listener: (message: PeerMessage) => void): () => void;
  /** What is wrong with the link, in words; empty: nothing. */
  detail(): string;
}

/** Follows the active gateway: a DNS name. */
export interface Follower {
  /** `addr` is active since `epoch`; an older epoch never overwrites a newer one. */
  publish(epoch: number, addr: string): void;
  view(): DnsView;
  onChange(listener: () => void): () => void;
}

/** Keeps the other gateway's conversations the same as the active one's. */
export interface MirrorPort {
  /**
   * Copies from this gateway from now on; null: no gateway of this host is active. `inherited`: the guardian that copied to it
   * until now said that it has everything.
   */
  follow(
    active: {
      readonly gatewayId: string;
      readonly epoch: number;
      readonly inherited: boolean;
    } | null,
  ): void;
  /** The copy has everything but what was said in the last moment, or had when copying from here ended. */
  complete(): boolean;
  view(): MirrorView | null;
  /** Resolves when the copy holds everything or cannot be reached, or after `waitMs`. */
  caughtUp(waitMs: number): Promise<void>;
}

/** Keeps the files of both gateways' workspaces in step, in the way that was chosen. */
export interface WorkspacePort {
  /** Carries from this gateway from now on; null: no gateway of this host is active. */
  follow(active: { readonly gatewayId: string; readonly epoch: number } | null): void;
  view(): WorkspaceView | null;
  /** Resolves when the other one has everything or cannot be reached, or after `waitMs`. */
  caughtUp(waitMs: number): Promise<void>;
}

/** Has exactly one gateway run the pair's jobs and channels. */
export interface DutiesPort {
  /** Carries the jobs of this gateway to the other one from now on; null: no gateway of this host is active. */
  follow(active: { readonly gatewayId: string; readonly epoch: number } | null): void;
  /**
   * Resolves when the gateway that gives the role away runs no channel, starts no job, and the other one knows how far each
   * job is; or when that cannot be found out, or after `waitMs`.
   */
  handedOver(waitMs: number): Promise<void>;
  view(): DutiesView | null;
}

/** What is carried from the active gateway to the other one; null: not in this pair. */
export interface Carriers {
  readonly mirror: MirrorPort | null;
  readonly workspace: WorkspacePort | null;
  readonly duties: DutiesPort | null;
}

/** Looks at one member. */
export interface Probe {
  /** Makes one check; answers within about `timeoutMs` and never rejects. */
  check(depth: ProbeDepth, timeoutMs: number): Promise<CheckOutcome>;
  close(): void;
}

/**
 * Opens the eyes on a member; `local`: on this machine. `onReset` is called at once when a connection that was up breaks or
 * its process ends.
 */
export type OpenProbe = (
  member: MemberConfig,
  local: boolean,
  onReset: (detail: string) => void,
) => Probe;
