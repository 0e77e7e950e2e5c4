/** The words of the product as types: what crosses a process line. Nothing here holds a secret. */

/** A trust context. `personal` and `work` exist from the start. */
export type DomainId = string;

export interface Domain {
  readonly id: DomainId;
  readonly name: string;
  readonly colour: DomainColour;
}

export const domainColours = ['teal', 'indigo', 'amber', 'rose', 'slate'] as const;
export type DomainColour = (typeof domainColours)[number];

/** One state per gateway; each has its own words and its own next step (DESIGN.md, rule 7). Times are wall milliseconds. */
export type ConnectionState =
  | {
      readonly phase: 'starting';
      readonly sinceMs: number;
      readonly step: 'process' | 'connecting' | 'warming';
    }
  | {
      readonly phase: 'ready';
      readonly sinceMs: number;
      readonly version: string;
      readonly scopes: readonly string[];
    }
  | { readonly phase: 'pairing'; readonly sinceMs: number; readonly requestId: string | null }
  | {
      readonly phase: 'refused';
      readonly sinceMs: number;
      readonly reason: RefusalReason;
      readonly detail: string;
    }
  | { readonly phase: 'draining'; readonly sinceMs: number; readonly restartExpected: boolean }
  | {
      readonly phase: 'offline';
      readonly sinceMs: number;
      readonly reason: OfflineReason;
      readonly detail: string;
      readonly retryAtMs: number | null;
    };

export type RefusalReason =
  'token-missing' | 'token-wrong' | 'scopes' | 'version' | 'device' | 'signed-out' | 'other';
export type OfflineReason =
  | 'unreachable'
  | 'closed'
  | 'bad-url'
  | 'exited'
  | 'crash-loop'
  | 'config'
  | 'port-in-use'
  | 'no-runtime'
  | 'portal'
  | 'stopped';

export interface GatewayView {
  readonly id: string;
  readonly name: string;
  readonly domain: DomainId;
  readonly kind: 'managed' | 'remote' | 'portal';
  /** Where it is, for people; never carries credentials. */
  readonly address: string;
  readonly state: ConnectionState;
}

/** What a person sees as one place to talk to: a single gateway, or a pair behind one name. */
export interface PaneView {
  readonly id: string;
  readonly name: string;
  readonly domain: DomainId;
  readonly memberIds: readonly string[];
  readonly activeGatewayId: string;
  readonly pairId: string | null;
  readonly sessionKey: string;
  readonly running: boolean;
}

export type CheckDepth = 'process' | 'tcp' | 'ready' | 'rpc' | 'turn';

export interface MemberCheck {
  readonly gatewayId: string;
  readonly ok: boolean;
  readonly depth: CheckDepth;
  readonly latencyMs: number | null;
  readonly atMs: number;
  readonly misses: number;
  readonly detail: string;
}

export interface FailoverEvent {
  readonly atMs: number;
  readonly kind:
    'attached' | 'warmed' | 'missed' | 'recovered' | 'takeover' | 'refused-takeover' | 'error';
  readonly gatewayId: string | null;
  readonly epoch: number;
  readonly reason: string;
}

export interface PairView {
  readonly id: string;
  readonly name: string;
  readonly domain: DomainId;
  readonly primaryId: string;
  readonly standbyId: string;
  readonly activeId: string;
  readonly epoch: number;
  /** `protected`: the other member could take over now; `exposed`: it could not, and why; `unguarded`: no guardian runs. */
  readonly cover: 'protected' | 'exposed' | 'unguarded';
  readonly coverReason: string;
  readonly checks: readonly MemberCheck[];
  readonly timeline: readonly FailoverEvent[];
}

/** Why a route is what it is, as a code and its values; `shared/words` turns it into a sentence. */
export type Because =
  | { readonly code: 'named'; readonly name: string }
  | { readonly code: 'bound'; readonly name: string }
  | {
      readonly code: 'rule';
      readonly rule: string;
      readonly number: number;
      readonly matched: string;
      readonly condition: 'contains' | 'regex' | 'pane';
    }
  | { readonly code: 'trust'; readonly source: string; readonly target: string }
  | {
      readonly code: 'rule-without-gateway';
      readonly rule: string;
      readonly number: number;
      readonly domain: string;
    }
  | { readonly code: 'unknown-name'; readonly name: string }
  | { readonly code: 'empty' }
  | { readonly code: 'nothing-decides' };

export type RouteAction = 'send' | 'suggest' | 'ask' | 'stay';
export type RouteVia = 'override' | 'guard' | 'rule' | 'sticky' | 'classifier' | 'default';

/** The decision which domain, and there which pane, gets a message. */
export interface RouteDecision {
  readonly action: RouteAction;
  readonly domain: DomainId | null;
  readonly paneId: string | null;
  /** 0..1 */
  readonly confidence: number;
  /** Probability 0..1 that the message is for a domain other than personal. */
  readonly pWork: number;
  readonly via: RouteVia;
  readonly because: Because;
  /** The message as it would be sent: without the `@name` that addressed it. */
  readonly text: string;
}

export interface RoutingRule {
  readonly id: string;
  readonly name: string;
  readonly enabled: boolean;
  readonly when: RuleCondition;
  readonly then: DomainId;
}

export type RuleCondition =
  | { readonly kind: 'contains'; readonly text: string }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'pane'; readonly pane: string };

export type OutboxState =
  'queued' | 'sending' | 'acknowledged' | 'answered' | 'uncertain' | 'failed';

/** One message on its way: a durable row with one idempotency key (`id`) from Enter until its answer. */
export interface OutboxItem {
  readonly id: string;
  readonly paneId: string;
  readonly domain: DomainId;
  readonly sessionKey: string;
  readonly text: string;
  readonly because: Because;
  readonly state: OutboxState;
  /** The gateway that was last given the message; null while it never left. */
  readonly gatewayId: string | null;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly problem: string | null;
}

export interface SessionSummary {
  readonly key: string;
  readonly title: string;
  readonly updatedAtMs: number;
  readonly running: boolean;
}

export interface TranscriptMessage {
  readonly id: string;
  readonly role: 'user' | 'assistant' | 'tool' | 'note';
  /** Text as the gateway gave it: data, rendered inert. */
  readonly text: string;
  readonly atMs: number;
  readonly status: 'done' | 'streaming' | 'stopped' | 'error';
  readonly runId: string | null;
  /** The reason the message was routed here, where this app sent it. */
  readonly because: Because | null;
}

/** One line of the trust log: a decision about something that would cross, or did something from outside. */
export interface TrustDecision {
  readonly atMs: number;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  readonly effect: 'allow' | 'deny';
  readonly rule: string;
  readonly count: number;
  readonly detail: string;
}
