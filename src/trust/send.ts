import { fail, ok, type Result } from '../base/index.ts';
import {
  appError,
  type AppError,
  type Because,
  type Domain,
  type DomainId,
} from '../shared/index.ts';
import type { Approvals } from './approvals.ts';
import { canonicalJson } from './canonical-json.ts';
import type { PolicyDecision, TrustPolicy, TrustRequest } from './model.ts';
import { decide } from './policy.ts';
import type { DecisionLog, Digest } from './ports.ts';

export interface SendQuestion {
  readonly policy: TrustPolicy;
  /** Domains whose text the message carries. */
  readonly labels: readonly DomainId[];
  readonly targetDomain: DomainId;
  /** For the words of a refusal. */
  readonly domains: readonly Domain[];
  /** A person has confirmed exactly this text for exactly this domain. */
  readonly approved?: boolean;
}

export interface SendDecision extends PolicyDecision {
  /** Set when it may not be sent as things are: refused, or for a person to confirm first (`effect` is `ask`). */
  readonly because: Extract<Because, { code: 'trust' }> | null;
}

/** Whether a person may send this text to a domain. Pure: the router asks it for its preview, the outbox before it sends. */
export function decideSend(question: SendQuestion): SendDecision {
  const decision = decide(question.policy, requestOf(question));
  if (decision.effect === 'allow') return { ...decision, because: null };
  const nameOf = (id: DomainId): string =>
    question.domains.find((domain) => domain.id === id)?.name ?? id;
  const foreign = question.labels.filter((label) => label !== question.targetDomain);
  return {
    ...decision,
    because: {
      code: 'trust',
      source: foreign.map(nameOf).join(', '),
      target: nameOf(question.targetDomain),
    },
  };
}

/** A person's confirmations of texts that carry another domain's: each for one send of exactly that text. */
export interface SendConfirmations {
  readonly approvals: Approvals;
  /** The clock that does not jump. */
  readonly bootMs: () => number;
}

/**
 * Names what a person is shown and confirms: this text, to this domain. Confirming gives it to the approvals, under
 * `sendEpoch`; cutting trust clears them.
 */
export function sendDigest(digest: Digest, text: string, targetDomain: DomainId): string {
  return digest(canonicalJson({ bytes: text, target: targetDomain }));
}

/** A person sends, not an agent: there is no trust to cut in between, so there is one epoch. */
export const sendEpoch = 0;

export interface SendGuard {
  /**
   * Decides and writes the decision down, in this order, before anything leaves. Fails with `denied` when the policy
   * says no, and with `storage` when the log cannot be written: no log, no crossing.
   */
  check(
    message: { readonly id: string; readonly text: string } & Omit<
      SendQuestion,
      'policy' | 'approved'
    >,
  ): Result<SendDecision, AppError>;
}

/** Makes the one door that messages pass on their way out. */
export function createSendGuard(options: {
  readonly policy: TrustPolicy;
  readonly log: DecisionLog;
  readonly digest: Digest;
  readonly wallMs: () => number;
  readonly confirmations?: SendConfirmations;
}): SendGuard {
  return {
    check: ({ id, text, ...question }) => {
      const { confirmations, policy } = options;
      const nowMs = confirmations?.bootMs() ?? 0;
      const shown = sendDigest(options.digest, text, question.targetDomain);
      const approved = confirmations?.approvals.has(shown, sendEpoch, nowMs) === true;
      const decision = decideSend({ ...question, policy, approved });
      const request = requestOf(question);
      const carried = request.labels.length === 0 ? '' : `, carries ${request.labels.join('+')}`;
      const recorded = options.log.record(
        {
          atMs: options.wallMs(),
          principal: request.principal,
          action: request.action,
          resource: request.resource,
          effect: decision.effect === 'allow' ? 'allow' : 'deny',
          rule: decision.rule,
          count: 1,
          detail: `message ${id}, ${text.length} characters${carried}`,
        },
        text,
      );
      if (!recorded.ok) return recorded;
      if (decision.condition === 'approved') confirmations?.approvals.use(shown, sendEpoch, nowMs);
      return decision.effect === 'allow' ? ok(decision) : fail(appError('denied', decision.reason));
    },
  };
}

function requestOf(
  question: Pick<SendQuestion, 'labels' | 'targetDomain' | 'approved'>,
): TrustRequest {
  return {
    principal: 'user',
    action: 'send',
    resource: `session:${question.targetDomain}`,
    labels: question.labels,
    facts: question.approved === true ? ['approved'] : [],
  };
}
