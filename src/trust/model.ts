import type { DomainId } from '../shared/index.ts';

/**
 * Who wants something done. `user`: a gesture in the app's own window; `app`: the app itself; `ext`: anything else
 * outside (web pages, deep links, the update feed); `gateway:<domain>`: everything that a gateway of that domain sends;
 * `agent:<domain>`: an agent of that domain that calls a tool of the app.
 */
export type Principal = 'user' | 'app' | 'ext' | `gateway:${DomainId}` | `agent:${DomainId}`;

/** The domain that no edge of trust leads to. */
export const personal: DomainId = 'personal';

export const trustActions = [
  'append',
  'refresh',
  'announce',
  'notify',
  'send',
  'open_link',
  'ui_command',
  'approve',
  'pair',
  'invoke_host',
  'save_file',
  'ask_work',
  'tell_work',
  'deliver_reply',
  'bind_session',
  'change_policy',
  'unknown',
] as const;
export type TrustAction = (typeof trustActions)[number];

/** What it would be done to: the sessions, the connection or the agents of a domain, or something of this machine. */
export type Resource =
  `session:${DomainId}` | `connection:${DomainId}` | `agent:${DomainId}` | 'os' | 'host' | 'app';

/**
 * What the code that asks has found to be so, and a row may demand. A fact that is not given is not so.
 * `approved`: a person has approved exactly these bytes, and that approval is unused and not too old. `granted`: a grant
 * of a person covers it, the agent has read no free text of another domain, and nothing was found in the text. `typed`:
 * an answer of the form that was asked for. `pinned`: the endpoint's key is in the roster of the session's domain.
 */
export const policyFacts = ['approved', 'granted', 'typed', 'pinned'] as const;
export type PolicyFact = (typeof policyFacts)[number];

export interface TrustRequest {
  readonly principal: Principal;
  readonly action: TrustAction;
  readonly resource: Resource;
  /** Domains whose text the thing carries. */
  readonly labels: readonly DomainId[];
  readonly facts?: readonly PolicyFact[];
  /** The domains that trust leads to from the principal's own. */
  readonly trusted?: readonly DomainId[];
}

export type PolicyCondition = 'always' | 'carries-foreign' | PolicyFact;

export type PolicyEffect = 'allow' | 'ask' | 'deny';

/**
 * One row of the policy: `*` matches anything, `@own` is the domain of the gateway that asks, `@trusted` each domain that
 * trust leads to from that of the agent that asks.
 */
export interface PolicyRule {
  /** Line of the text, from 1. */
  readonly line: number;
  readonly principal: string;
  readonly action: TrustAction | '*';
  readonly resource: string;
  readonly condition: PolicyCondition;
  readonly effect: PolicyEffect;
}

export interface PolicyProblem {
  readonly line: number;
  readonly message: string;
}

/** A policy with a problem has no rules, and no rules deny everything. */
export interface TrustPolicy {
  readonly rules: readonly PolicyRule[];
  readonly problems: readonly PolicyProblem[];
}

export interface PolicyDecision {
  readonly effect: PolicyEffect;
  /** The condition of the row that decided; null without a row. */
  readonly condition: PolicyCondition | null;
  /** The row that decided, as text for the log: `line 9: user send session:* carries-foreign deny`. */
  readonly rule: string;
  /** For people. */
  readonly reason: string;
}

/** One event of a gateway that passed the gate: typed, bounded, and about that gateway's own sessions only. */
export type AdmittedEvent =
  | {
      readonly kind: 'chat';
      readonly sessionKey: string;
      readonly runId: string;
      readonly seq: number;
      readonly state: 'status' | 'delta' | 'final' | 'error' | 'aborted';
      /** The whole answer so far; null where the frame has none. */
      readonly text: string | null;
      /** What a delta adds; with `replace`, what the answer is from now on. */
      readonly delta: string | null;
      readonly replace: boolean;
      readonly stopReason: string | null;
      readonly error: string | null;
    }
  | {
      readonly kind: 'session-message';
      readonly sessionKey: string;
      readonly messageId: string;
      readonly role: 'user' | 'assistant' | 'tool';
      readonly text: string;
      /** Wall milliseconds by the gateway's clock; null when it did not say. */
      readonly atMs: number | null;
      readonly runId: string | null;
      readonly idempotencyKey: string | null;
    }
  | {
      readonly kind: 'sessions-changed';
      /** Null: any of them may have changed. */
      readonly sessionKey: string | null;
      readonly reason: string;
    }
  | {
      readonly kind: 'agent-tool';
      readonly sessionKey: string;
      readonly runId: string;
      readonly toolCallId: string;
      readonly name: string;
      readonly phase: 'start' | 'update' | 'result';
      readonly failed: boolean;
    }
  | {
      readonly kind: 'shutdown';
      readonly reason: string;
      readonly restartExpectedMs: number | null;
    };
