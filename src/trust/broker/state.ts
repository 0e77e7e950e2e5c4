import type { DomainId, TrustEdge } from '../../shared/index.ts';
import type { Approvals } from '../approvals.ts';
import { trustedFrom } from '../edges.ts';
import type { PolicyDecision, PolicyFact } from '../model.ts';
import { decide } from '../policy.ts';
import {
  bytesOf,
  type Ask,
  type CallAnswer,
  type Caller,
  type CrossingCall,
  type Destination,
  type HeldReply,
} from './crossing.ts';
import type { Finding } from './findings.ts';
import type { Grants, GrantScope } from './grants.ts';
import type { BrokerOptions, TrustState } from './ports.ts';

/** `waiting`: for a person, or for its turn; `sending`: the link has it; `sent`: its bytes have left. */
type Phase = 'waiting' | 'sending' | 'sent' | 'settled';

/** A call from the tool call to its answer, and afterwards while its ticket is kept. */
export interface OpenCall {
  readonly id: string;
  readonly caller: Caller;
  readonly call: CrossingCall;
  /** What leaves. */
  readonly text: string;
  readonly digest: string;
  readonly destination: Destination;
  readonly findings: readonly Finding[];
  readonly epoch: number;
  readonly atMs: number;
  phase: Phase;
  answer: CallAnswer;
  cancelDeadline: () => void;
}

export interface Held extends HeldReply {
  readonly call: OpenCall;
}

/** All that the broker remembers. */
export interface BrokerState {
  epoch: number;
  edges: readonly TrustEdge[];
  readonly calls: Map<string, OpenCall>;
  readonly held: Map<string, Held>;
  readonly tainted: Set<DomainId>;
  readonly approvals: Approvals;
  readonly grants: Grants;
}

/** What of it survives the process. */
export function savedState({ epoch, edges, tainted }: BrokerState): TrustState {
  return { epoch, edges, tainted: [...tainted] };
}

/** The calls of an edge that are not over. */
export function openCalls(state: BrokerState, from: DomainId, to: DomainId): readonly OpenCall[] {
  return [...state.calls.values()].filter(
    ({ phase, caller, call }) => phase !== 'settled' && caller.domain === from && call.to === to,
  );
}

/** What a grant has to be for, to cover this call. */
export function scopeOf({ caller, call, destination }: OpenCall): GrantScope {
  return {
    from: caller.domain,
    to: call.to,
    action: call.action,
    sessionKey: destination.sessionKey,
    pin: destination.pin,
  };
}

/** What the policy says of a call as things are now. */
export function decisionOn(
  state: BrokerState,
  options: Pick<BrokerOptions, 'policy' | 'clock'>,
  one: OpenCall,
): PolicyDecision {
  const { caller, call, text, digest, findings } = one;
  const { approvals, grants, epoch, edges, tainted } = state;
  const nowMs = options.clock.bootMs();
  const facts: PolicyFact[] = [];
  if (approvals.has(digest, epoch, nowMs)) facts.push('approved');
  const isCovered = grants.covering(scopeOf(one), bytesOf(text), epoch, nowMs) !== null;
  if (isCovered && findings.length === 0 && !tainted.has(caller.domain)) facts.push('granted');
  return decide(options.policy(), {
    principal: `agent:${caller.domain}`,
    action: call.action,
    resource: `session:${call.to}`,
    labels: [caller.domain],
    facts,
    trusted: trustedFrom(edges, caller.domain),
  });
}

/** What waits for a person, each text once. */
export function asksOf(
  state: BrokerState,
  options: Pick<BrokerOptions, 'policy' | 'clock'>,
): readonly Ask[] {
  const asks = new Map<string, Ask>();
  for (const one of state.calls.values()) {
    const { phase, digest, caller, call, destination, text, findings, atMs } = one;
    if (phase !== 'waiting' || asks.has(digest)) continue;
    if (decisionOn(state, options, one).effect !== 'ask') continue;
    asks.set(digest, {
      digest,
      from: caller.domain,
      action: call.action,
      to: call.to,
      destination,
      text,
      purpose: call.purpose,
      findings,
      atMs,
    });
  }
  return [...asks.values()];
}
