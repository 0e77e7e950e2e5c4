import { fail, ok, type Clock, type Logger, type Result } from '../base/index.ts';
import type { Outbox } from '../chat/index.ts';
import { appError } from '../shared/index.ts';
import type { AppError, Draft, PaneView, RouteDecision, Translate } from '../shared/index.ts';
import type { AppDatabase } from '../store/index.ts';
import type { Core, TrustControl } from './model.ts';
import type { SendGate } from './send-gate.ts';

/**
 * Sends what a person typed: where the Route status says it goes, or, where it carries text of another domain, where they
 * confirmed that exactly this text may go.
 */
export function createSendings(options: {
  readonly gate: SendGate;
  readonly preview: (draft: Draft) => RouteDecision;
  /** Where the draft would go if it carried nothing. */
  readonly openRoute: (draft: Draft) => RouteDecision;
  readonly findPane: (paneId: string) => PaneView | undefined;
  readonly outbox: Pick<Outbox, 'add'>;
  readonly database: Pick<AppDatabase, 'routes' | 'drafts'>;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly t: Translate;
}): Pick<Core, 'send'> & Pick<TrustControl, 'confirmation' | 'confirm'> {
  const { gate, outbox, database, clock, logger, t } = options;

  const add = (
    decision: RouteDecision,
    draft: Draft,
  ): Result<{ readonly id: string }, AppError> => {
    const pane = decision.paneId === null ? undefined : options.findPane(decision.paneId);
    if (pane === undefined) return fail(appError('not-found', t('send.changed')));
    const { text, because } = decision;
    const taken = outbox.add({
      paneId: pane.id,
      domain: pane.domain,
      sessionKey: pane.sessionKey,
      text,
      because,
    });
    if (!taken.ok) return taken;
    const kept = database.routes.record({
      messageId: taken.value.id,
      atMs: clock.wallMs(),
      decision,
    });
    if (!kept.ok) logger.warn('route not kept', { error: kept.error.message });
    const cleared = database.drafts.save({ text: '', binding: draft.binding, labels: [] });
    if (!cleared.ok) logger.warn('draft not cleared', { error: cleared.error.message });
    return ok({ id: taken.value.id });
  };

  /** The decision that would send it, and what has to be confirmed for that; null: nothing, or nothing helps. */
  const confirmable = (draft: Draft) => {
    if (options.preview(draft).via !== 'guard') return null;
    const decision = options.openRoute(draft);
    const { action, paneId, domain, text } = decision;
    if (action !== 'send' || paneId === null || domain === null) return null;
    const confirmation = gate.confirmation({ paneId, domain, text });
    return confirmation === null ? null : { decision, confirmation };
  };

  return {
    send: (draft, shown) => {
      const decision = options.preview(draft);
      if (decision.action !== 'send' || decision.paneId === null)
        return fail(appError('route-undecided', t('send.undecided')));
      if (decision.paneId !== shown) return fail(appError('route-changed', t('send.changed')));
      return add(decision, draft);
    },
    confirmation: (draft) => confirmable(draft)?.confirmation ?? null,
    confirm: (draft, shown) => {
      const now = confirmable(draft);
      if (now?.confirmation.digest !== shown.digest || now.confirmation.paneId !== shown.paneId)
        return fail(appError('route-changed', t('send.confirm.changed')));
      const confirmed = gate.confirm(now.confirmation);
      return confirmed.ok ? add(now.decision, draft) : confirmed;
    },
  };
}
