import type { Result } from '../../base/index.ts';
import type {
  AppError,
  CrossingAction,
  DomainId,
  GrantTerms,
  TrustEdge,
} from '../../shared/index.ts';
import type { UnfinishedCrossing } from '../ports.ts';
import type { Ask, CallAnswer, Caller, CrossingCall, HeldReply } from './crossing.ts';
import type { Grant } from './grants.ts';

/** What a person may see of the broker. */
export interface BrokerView {
  readonly epoch: number;
  readonly edges: readonly TrustEdge[];
  readonly asks: readonly Ask[];
  readonly grants: readonly Grant[];
  readonly held: readonly HeldReply[];
  /** Domains whose agents have free text of another domain, and so no grants. */
  readonly tainted: readonly DomainId[];
  /** Crossings that the last run began and did not end: whether the text left is not known. */
  readonly unfinished: readonly UnfinishedCrossing[];
}

/** What agents may call. */
export interface AgentDoor {
  /** A tool call. `caller`: null where nobody is known by the token. */
  call(caller: Caller | null, call: CrossingCall): CallAnswer;
  /** What became of an own call. */
  result(caller: Caller | null, ticket: string): CallAnswer;
}

/** What a person's gesture in the app's own window does. */
export interface PersonDoor {
  /** What is on show under this digest may leave, once. Fails when nothing asks for it, or the log cannot be written. */
  approve(digest: string): Result<null, AppError>;
  decline(digest: string): void;
  /** Agents of a domain may go on without asking, within terms. */
  grant(edge: TrustEdge, action: CrossingAction, terms: GrantTerms): Result<Grant, AppError>;
  endGrants(): void;
  /** Hands held text to the agent that asked; its grants end. */
  give(handle: string, digest: string): Result<null, AppError>;
  /** The agents of a domain have begun anew, without what they had read. */
  clearTaint(domain: DomainId): Result<null, AppError>;
  /** Switches an edge on. */
  allow(edge: TrustEdge): Result<null, AppError>;
  /**
   * Cuts an edge, or all; what is under way on any edge ends. It is cut when this returns, even when it fails: then it is
   * not on disk yet, and is tried again.
   */
  revoke(edge?: TrustEdge): Result<null, AppError>;
}

/** What the way to the other gateways reports. */
export interface LinkDoor {
  /** All of it has been given to the socket. */
  left(id: string): void;
  /** It could not be sent, or there will be no reply; `detail` is for the log. */
  failed(id: string, detail: string): void;
  replied(id: string, text: string): void;
}

export interface Broker extends AgentDoor, PersonDoor, LinkDoor {
  view(): BrokerView;
  /** Something that `view` or `result` shows has changed. */
  onChange(listener: () => void): () => void;
  /** Policy, rosters or destinations have changed: what rests on the old ones ends. */
  rulesChanged(): void;
  close(): void;
}
