import { fail, ok, type Result } from '../base/index.ts';
import {
  appError,
  type AppError,
  type Because,
  type Domain,
  type DomainId,
} from '../shared/index.ts';
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
}

export interface SendDecision extends PolicyDecision {
  /** Set when it is refused. */
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

export interface SendGuard {
  /**
   * Decides and writes the decision down, in this order, before anything leaves. Fails with `denied` when the policy
   * says no, and with `storage` when the log cannot be written: no log, no crossing.
   */
  check(
    message: { readonly id: string; readonly text: string } & Omit<SendQuestion, 'policy'>,
  ): Result<SendDecision, AppError>;
}

/** Makes the one door that messages pass on their way out. */
export function createSendGuard(options: {
  readonly policy: TrustPolicy;
  readonly log: DecisionLog;
  readonly digest: Digest;
  readonly wallMs: () => number;
}): SendGuard {
  return {
    check: ({ id, text, ...question }) => {
      const decision = decideSend({ ...question, policy: options.policy });
      const request = requestOf(question);
      const carried = request.labels.length === 0 ? '' : `, carries ${request.labels.join('+')}`;
      const recorded = options.log.record({
        atMs: options.wallMs(),
        principal: request.principal,
        action: request.action,
        resource: request.resource,
        effect: decision.effect,
        rule: decision.rule,
        count: 1,
        detail: `message ${id}, sha256 ${options.digest(text)}, ${text.length} characters${carried}`,
      });
      if (!recorded.ok) return recorded;
      return decision.effect === 'allow' ? ok(decision) : fail(appError('denied', decision.reason));
    },
  };
}

function requestOf(question: Pick<SendQuestion, 'labels' | 'targetDomain'>): TrustRequest {
  return {
    principal: 'user',
    action: 'send',
    resource: `session:${question.targetDomain}`,
    labels: question.labels,
  };
}
