import type { Clock, Random, Result } from '../../base/index.ts';
import type { AppError, DomainId, GrantTerms, TrustEdge } from '../../shared/index.ts';
import type { Destination, OutgoingCrossing } from './crossing.ts';
import type { TrustPolicy } from '../model.ts';
import type { AuditLog, Digest } from '../ports.ts';
import type { RateLimit } from './rates.ts';
import type { Rosters } from '../rosters.ts';

/** What survives the process. */
export interface TrustState {
  /** How often trust was cut. */
  readonly epoch: number;
  /** Where it leads. */
  readonly edges: readonly TrustEdge[];
  /** Domains whose agents have read free text of another domain. */
  readonly tainted: readonly DomainId[];
}

export interface TrustStore {
  /** What was saved last; epoch 0 and nothing else where nothing was, or where it cannot be read. */
  load(): TrustState;
  /** On disk when it returns `ok`. When it fails, the next start must find either no edges or what was there before. */
  save(state: TrustState): Result<null, AppError>;
}

/** The way to the gateways of other domains. */
export interface CrossingLink {
  /**
   * Sends a text to a session. The link calls `mayLeave` right before it writes to the socket, with the pin of the peer
   * that the socket leads to, and writes nothing, now or later, when it says no. It answers through the broker's `failed`
   * and `replied`.
   */
  send(crossing: OutgoingCrossing, mayLeave: (peerPin: string) => boolean): void;
  /** Forget this crossing: nothing of it may be written from now on. */
  abort(id: string): void;
}

export interface BrokerLimits {
  readonly approvalMs: number;
  readonly grant: GrantTerms;
  readonly rates: readonly RateLimit[];
  /** Calls of an edge that wait for a person or for their turn, and the one that is under way. */
  readonly openCalls: number;
  /** How long a call may take in all, from the tool call to its answer. */
  readonly callMs: number;
  /** Tickets that are kept. */
  readonly tickets: number;
}

export interface BrokerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly digest: Digest;
  readonly log: Pick<AuditLog, 'append' | 'seal' | 'epoch' | 'unfinished'>;
  readonly store: TrustStore;
  readonly link: CrossingLink;
  readonly domains: () => readonly DomainId[];
  readonly rosters: () => Rosters;
  readonly policy: () => TrustPolicy;
  /** Where a crossing to a domain goes; null: nowhere at the moment. */
  readonly destination: (to: DomainId) => Destination | null;
  /** Texts planted among the person's own things, which must never leave. */
  readonly canaries: () => readonly string[];
  readonly limits?: BrokerLimits;
}
