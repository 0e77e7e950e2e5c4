/** Trust as a person sees it: what crosses a process line of it. */
import type { DomainId } from './model.ts';

/** Trust leads from one domain to another: agents of `from` may ask and tell `to`. Never the other way round. */
export interface TrustEdge {
  readonly from: DomainId;
  readonly to: DomainId;
}

export const crossingActions = ['ask_work', 'tell_work'] as const;
/** A question that is answered, or information that is relayed without an answer. */
export type CrossingAction = (typeof crossingActions)[number];

/** What was found in a text that looks like a secret or a person's own. */
export type FindingKind =
  'secret' | 'iban' | 'card' | 'home-path' | 'email' | 'canary' | 'unreadable';

/** A place in a text, in UTF-16 code units. */
export interface TextSpan {
  readonly start: number;
  readonly end: number;
}

export interface FindingView {
  readonly kind: FindingKind;
  /** The first characters of what was found, as it reads after decoding. */
  readonly excerpt: string;
  /** Where the text has it word for word; null: only in another reading of it (base64, with separators and so on). */
  readonly span: TextSpan | null;
}

/** A call of an agent that waits for a person. `text` is every byte that would leave. */
export interface AskView extends TrustEdge {
  /** Approving and declining give this back. */
  readonly digest: string;
  readonly action: CrossingAction;
  /** The gateway that would get it, by its name, and by its key. */
  readonly gateway: string;
  readonly pin: string;
  readonly sessionKey: string;
  readonly text: string;
  /** Length in UTF-8. */
  readonly bytes: number;
  /** Why, as the agent says; it does not leave. */
  readonly purpose: string;
  readonly findings: readonly FindingView[];
  /** Wall milliseconds. */
  readonly atMs: number;
}

/** What a person has allowed in advance, as far as it is not used up. */
export interface GrantView extends TrustEdge {
  readonly action: CrossingAction;
  readonly callsLeft: number;
  readonly bytesEach: number;
  /** Wall milliseconds. */
  readonly untilMs: number;
}

/** What a grant may be at most; `forMs` in milliseconds. */
export interface GrantTerms {
  readonly calls: number;
  readonly bytesEach: number;
  readonly forMs: number;
}

/** Free text that came back for an agent, and waits for a person. */
export interface HeldReplyView extends TrustEdge {
  readonly handle: string;
  /** Giving it to the agent gives this back. */
  readonly digest: string;
  readonly text: string;
}

/** A crossing that the last run began and did not end: whether its text left is not known. */
export interface UnfinishedView {
  readonly record: number;
  readonly actId: string;
}

/** How the log stood when it was last checked. */
export interface AuditView {
  /** `altered`, `cut` and `unfinished` as `npm run trust -- verify` has them. */
  readonly state: 'unchecked' | 'holds' | 'altered' | 'cut' | 'unfinished' | 'unreadable';
  /** Wall milliseconds; null while it is unchecked. */
  readonly checkedAtMs: number | null;
  readonly records: number;
  /** How many of them a checkpoint covers, and when that was signed. */
  readonly sealed: number;
  readonly sealedAtMs: number | null;
  readonly problems: readonly string[];
  /** Where the keys are that sign it. */
  readonly keys: 'keychain' | 'file';
}

/** Where a personal gateway runs, as far as its agents' shell reaches the files of this app. */
export type GatewayPlace = 'same-user' | 'other-user' | 'other-computer' | 'unknown';

/** How much lies between an agent of personal and the files and secrets of this app, by what was measured. */
export interface BoundaryView {
  /** `weak`: an agent of personal can read what this app can. `fair`: it cannot, but secrets have no keychain, or the place is not known. */
  readonly strength: 'strong' | 'fair' | 'weak' | 'unknown';
  readonly gateways: readonly {
    readonly gatewayId: string;
    readonly place: GatewayPlace;
    /** What shows it: a sentence's part, "the process is our own". */
    readonly detail: string;
  }[];
  readonly keyring: { readonly kind: 'keyring' | 'memory'; readonly detail: string };
}

/** The tools by which agents ask and tell other domains. */
export interface AgentToolsView {
  /** How they reach this app: a socket that only this user can open, loopback HTTP where there can be none, or not at all. */
  readonly way: 'socket' | 'http' | 'closed';
  readonly problem: string | null;
  /** The gateways whose agents could have them. `config`: this app writes their configuration; `text`: a person does. */
  readonly gateways: readonly {
    readonly gatewayId: string;
    readonly given: boolean;
    readonly how: 'config' | 'text';
    /** Whom they could ask, where trust is on. */
    readonly to: readonly DomainId[];
  }[];
}

/** All of trust that is state. Holds text that waits for a person, never a secret of the app. */
export interface TrustView {
  /** How often trust was cut. */
  readonly epoch: number;
  /** Where trust leads now; none: it is off. */
  readonly edges: readonly TrustEdge[];
  /** Where it could be switched on. */
  readonly possible: readonly TrustEdge[];
  /** Why nothing may cross although trust may be on: a fault of the policy, a gateway in two domains. Null: nothing. */
  readonly obstacle: string | null;
  readonly asks: readonly AskView[];
  readonly grants: readonly GrantView[];
  readonly widestGrant: GrantTerms;
  readonly held: readonly HeldReplyView[];
  /** Domains whose agents have read free text of another domain, and so get no grants. */
  readonly tainted: readonly DomainId[];
  readonly unfinished: readonly UnfinishedView[];
  /** Gateways that a person disconnected: no connection and no credential until they are connected again. */
  readonly disconnected: readonly string[];
  readonly tools: AgentToolsView;
  readonly boundary: BoundaryView;
  readonly audit: AuditView;
  /** Events that gateways sent and their domain may not cause, since start, by gateway. */
  readonly dropped: Readonly<Record<string, number>>;
}

export const emptyTrustView: TrustView = {
  epoch: 0,
  edges: [],
  possible: [],
  obstacle: null,
  asks: [],
  grants: [],
  widestGrant: { calls: 0, bytesEach: 0, forMs: 0 },
  held: [],
  tainted: [],
  unfinished: [],
  disconnected: [],
  tools: { way: 'closed', problem: null, gateways: [] },
  boundary: { strength: 'unknown', gateways: [], keyring: { kind: 'memory', detail: '' } },
  audit: {
    state: 'unchecked',
    checkedAtMs: null,
    records: 0,
    sealed: 0,
    sealedAtMs: null,
    problems: [],
    keys: 'file',
  },
  dropped: {},
};

/** A message of a person that carries text of another domain, and may be sent once they confirm exactly it. */
export interface SendConfirmation {
  /** Confirming gives this back: it names this text and this domain, and no other. */
  readonly digest: string;
  readonly paneId: string;
  readonly domain: DomainId;
  /** What would be sent. */
  readonly text: string;
  /** Which parts of it are of another domain. */
  readonly spans: readonly (TextSpan & { readonly domain: DomainId })[];
}
