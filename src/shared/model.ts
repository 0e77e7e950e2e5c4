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

/**
 * How deep a check looks, shallow first: the process, its port, `/readyz`, an RPC, an echo through event loop, transcript
 * write and read-back (our plugin), a turn to the model and back, and the same with the real model (a canary).
 */
export const checkDepths = ['process', 'tcp', 'ready', 'rpc', 'echo', 'turn', 'canary'] as const;
export type CheckDepth = (typeof checkDepths)[number];

export interface MemberCheck {
  readonly gatewayId: string;
  readonly ok: boolean;
  readonly depth: CheckDepth;
  readonly latencyMs: number | null;
  readonly atMs: number;
  readonly misses: number;
  readonly detail: string;
}

export const failoverEventKinds = [
  'attached',
  'warmed',
  'missed',
  'recovered',
  'takeover',
  'refused-takeover',
  'released',
  'handoff',
  'fenced',
  'killed',
  'forced',
  'held',
  'unheld',
  'dns',
  'drill',
  'register',
  'error',
] as const;

export interface FailoverEvent {
  readonly atMs: number;
  readonly kind: (typeof failoverEventKinds)[number];
  readonly gatewayId: string | null;
  readonly epoch: number;
  readonly reason: string;
}

export const nodeRoles = [
  'starting',
  'standby',
  'candidate',
  'taking',
  'active',
  'draining',
  'leaving',
  'fenced',
  'fault',
] as const;
/** What a guardian's half that looks after one gateway is doing. */
export type NodeRole = (typeof nodeRoles)[number];

export const failoverProfiles = ['default', 'fast', 'safe'] as const;
export type FailoverProfile = (typeof failoverProfiles)[number];

/** One member of a pair as its failover sees it. */
export interface NodeView {
  readonly gatewayId: string;
  /** Guarded from this machine, or by the guardian of another one. */
  readonly local: boolean;
  /** `null`: not heard of (another host, no link). */
  readonly role: NodeRole | null;
  /** What stops this gateway when it has lost the role: our plugin, draining by request, or nothing. */
  readonly fence: 'plugin' | 'drain' | 'none' | 'unknown';
  readonly detail: string;
}

/** How the standby's copy of the conversations stands. */
export interface MirrorView {
  /** `away`: one of the two cannot be read or written; `refused`: another guardian speaks for the pair by now. */
  readonly state: 'comparing' | 'in-step' | 'catching-up' | 'away' | 'refused';
  /** What is not in step: conversations, and rows as far as is known. */
  readonly conversations: number;
  readonly rows: number;
  /** Rows that both are known to have. */
  readonly held: number;
  /** For how long the copy has been behind; null while it is in step. */
  readonly behindMs: number | null;
  readonly detail: string;
  /** The active gateway had all that the one before it had, as far as is known here. */
  readonly inherited: boolean;
  /** Keys of conversations in which both sides wrote something else under one id. */
  readonly conflicts: readonly string[];
}

/** How the files of the two workspaces stand: memory, persona, skills. */
export interface WorkspaceView {
  readonly kind: 'sync' | 'shared-folder' | 'git';
  /** `away`: one of the two cannot be read or written; `refused`: another guardian speaks for the pair by now. */
  readonly state: 'comparing' | 'in-step' | 'catching-up' | 'away' | 'refused';
  /** Files that are in step, of all that shall be. */
  readonly carried: number;
  readonly total: number;
  /** For how long they have not been in step; null while they are. */
  readonly behindMs: number | null;
  readonly detail: string;
  /** Files with the other side's text of a conflict, until somebody deletes them. */
  readonly conflicts: readonly string[];
  /** What is not copied, by the gateway that has it, and why. */
  readonly notCopied: readonly {
    readonly gatewayId: string;
    readonly path: string;
    readonly because: string;
  }[];
  /** Credentials that this gateway lacks and the active one has, by name. */
  readonly lacking: readonly {
    readonly gatewayId: string;
    readonly agent: string;
    readonly provider: string;
    readonly profile: string;
  }[];
}

/** A channel to a messenger, and which gateway of a pair runs it. */
export interface DutyChannelView {
  /** As OpenClaw calls it: `telegram`, … */
  readonly channel: string;
  /** Null: none that is known of. */
  readonly runsOn: string | null;
  /** What a person should know, in sentences; empty: nothing. */
  readonly detail: string;
}

/** Who runs the jobs and channels of a pair. */
export interface DutiesView {
  /** How far the standby's copy of the jobs is. `away`: one of the two does not answer; `refused`: another guardian speaks for the pair. */
  readonly state: 'comparing' | 'in-step' | 'away' | 'refused';
  /** The gateway whose schedule runs; null: none that is known of. */
  readonly runsOn: string | null;
  readonly jobs: number;
  /** Jobs that may have been cut off by a change of roles and were not repeated, by name. */
  readonly interrupted: readonly string[];
  /** Jobs that only the standby has, by name: they are kept there and do not run. */
  readonly onlyOnStandby: readonly string[];
  readonly channels: readonly DutyChannelView[];
  /** What keeps a gateway from its duties, in sentences. */
  readonly problems: readonly string[];
  readonly detail: string;
}

/** The name that other clients follow, and what it says now. */
export interface DnsView {
  readonly provider: 'dnsmasq' | 'pihole' | 'rfc2136' | 'cloudflare' | 'route53';
  readonly name: string;
  /** What a client is told now; null while it is not known. */
  readonly address: string | null;
  readonly epoch: number;
  readonly ok: boolean;
  readonly ttlSeconds: number | null;
  readonly checkedAtMs: number | null;
  readonly detail: string;
}

/** One thing that a drill proves. */
export interface DrillStep {
  /** What is proved, a sentence: "Bath answers a whole turn". */
  readonly what: string;
  readonly state: 'waiting' | 'running' | 'passed' | 'failed' | 'skipped';
  readonly tookMs: number | null;
  /** What was found, or why not. */
  readonly detail: string;
}

/** A drill that runs, or the last one. */
export interface DrillView {
  readonly startedAtMs: number;
  /** `ending`: somebody ended it; the role still has to come back. */
  readonly state: 'running' | 'ending' | 'passed' | 'failed' | 'ended';
  readonly steps: readonly DrillStep[];
  /** What came of it, a sentence; empty while it runs. */
  readonly words: string;
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
  readonly profile: FailoverProfile;
  /** `held`: a lock of the active gateway's own process. `timed`: ends by itself unless renewed; times in milliseconds. */
  readonly lease:
    | { readonly kind: 'held' }
    | {
        readonly kind: 'timed';
        readonly leaseMs: number;
        /** Left of the holder's lease as this guardian knows it; null: not known or none. */
        readonly remainingMs: number | null;
      };
  readonly register: {
    readonly kind: 'lock' | 'rfc2136' | 'witness';
    /** Where it is, for people. */
    readonly address: string;
    readonly ok: boolean;
    readonly detail: string;
  };
  readonly nodes: readonly NodeView[];
  readonly dns: readonly DnsView[];
  /** Null: nobody here copies; the active gateway's guardian does, if any. */
  readonly mirror: MirrorView | null;
  /** Null as for `mirror`, and where the person keeps them in step by other means. */
  readonly workspace: WorkspaceView | null;
  /** Null as for `mirror`. */
  readonly duties: DutiesView | null;
  /** Automatic changes of role are switched off. */
  readonly hold: boolean;
  /** Whether, and why, the role goes back to a preferred gateway by itself; a sentence. */
  readonly preempt: string;
  /** A change of role that is going on, in words; null: none. */
  readonly busy: string | null;
  readonly checks: readonly MemberCheck[];
  readonly timeline: readonly FailoverEvent[];
  /** None since its guardian started: absent. */
  readonly drill?: DrillView | undefined;
}

/** What a person may ask of a pair. `force-alone`: without register and peer, on the person's word that the other is off. */
export const pairCommands = [
  'hand-over',
  'hold',
  'unhold',
  'force',
  'force-alone',
  'drill',
  'end-drill',
] as const;
export type PairCommandName = (typeof pairCommands)[number];

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

/** `interrupted`: its turn was cut while a tool ran, whose end is not known; the person decides whether it goes on. */
export type OutboxState =
  'queued' | 'sending' | 'acknowledged' | 'answered' | 'uncertain' | 'interrupted' | 'failed';

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
  readonly role: 'user' | 'assistant' | 'tool';
  /** Text as the gateway gave it: data, rendered inert. */
  readonly text: string;
  readonly atMs: number;
  /** `interrupted`: its gateway went away in the middle of it; another one may go on with it. */
  readonly status: 'done' | 'streaming' | 'stopped' | 'interrupted' | 'error';
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
  /** `ask`: a person was asked. */
  readonly effect: 'allow' | 'ask' | 'deny';
  readonly rule: string;
  readonly count: number;
  readonly detail: string;
}
