/**
 * What a message of a person passes on its way out: the labels of what was copied, the policy, the log; and, where it
 * carries text of another domain, their confirmation of exactly this text for exactly this domain.
 */
import { ok, type Clock, type Result } from '../base/index.ts';
import type { AppError, Domain, OutboxItem, SendConfirmation } from '../shared/index.ts';
import {
  createApprovals,
  createSendGuard,
  decideSend,
  sendDigest,
  sendEpoch,
} from '../trust/index.ts';
import type { AuditLog, Digest, LabelMemory, TrustPolicy } from '../trust/index.ts';

export interface SendGate {
  /** Write-ahead: the decision is on disk before the message may leave. */
  permit(item: Pick<OutboxItem, 'id' | 'text' | 'domain'>): Result<null, AppError>;
  /** What a person would have to confirm for this text to go there; null: nothing, or nothing helps. */
  confirmation(
    target: Pick<SendConfirmation, 'paneId' | 'domain' | 'text'>,
  ): SendConfirmation | null;
  /** A person has confirmed it: it may leave once, within two minutes. */
  confirm(confirmation: SendConfirmation): Result<null, AppError>;
  /** Trust was cut: nothing that was confirmed before counts. */
  clear(): void;
}

/** Makes the gate. */
export function createSendGate(options: {
  readonly policy: TrustPolicy;
  readonly log: Pick<AuditLog, 'append' | 'record' | 'recent' | 'epoch'>;
  readonly digest: Digest;
  readonly labels: LabelMemory;
  readonly domains: () => readonly Domain[];
  readonly clock: Clock;
}): SendGate {
  const { policy, log, digest, labels, domains, clock } = options;
  const approvals = createApprovals();
  const guard = createSendGuard({
    policy,
    log,
    digest,
    wallMs: () => clock.wallMs(),
    confirmations: { approvals, bootMs: () => clock.bootMs() },
  });
  return {
    permit: ({ id, text, domain }) => {
      const checked = guard.check({
        id,
        text,
        labels: labels.labelsOf(text),
        targetDomain: domain,
        domains: domains(),
      });
      return checked.ok ? ok(null) : checked;
    },
    confirmation: ({ paneId, domain, text }) => {
      const question = { labels: labels.labelsOf(text), targetDomain: domain, domains: domains() };
      if (decideSend({ policy, ...question }).effect !== 'ask') return null;
      const spans = labels
        .spansOf(text)
        .flatMap(({ start, end, label }) => label.sec.map((from) => ({ start, end, domain: from })))
        .filter((span) => span.domain !== domain);
      return { digest: sendDigest(digest, text, domain), paneId, domain, text, spans };
    },
    confirm: ({ digest: shown, domain, text }) => {
      const written = log.append({
        code: 'approval.given',
        epoch: log.epoch(),
        principal: 'user',
        action: 'send',
        from: null,
        to: domain,
        effect: 'allow',
        obligations: ['show-exact', 'bind-digest'],
        actId: null,
        resource: `session:${domain}`,
        rule: '',
        detail: `carries ${labels.labelsOf(text).join('+')}`,
        body: text,
      });
      if (written.ok) approvals.give(shown, sendEpoch, clock.bootMs());
      return written;
    },
    clear: approvals.clear,
  };
}
