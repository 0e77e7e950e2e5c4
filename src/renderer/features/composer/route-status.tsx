import type { ReactNode } from 'react';

import { routeText } from '../../../shared/index.ts';
import type { AppState, Domain, SendConfirmation } from '../../../shared/index.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';
import { shownDecision } from './composer-state.ts';
import type { ComposerState } from './composer-state.ts';

/** Where the message would go and why, said aloud when it changes. What it shows at Enter is what happens. */
export function RouteStatus(props: {
  readonly draft: ComposerState;
  readonly state: Pick<AppState, 'domains' | 'panes'>;
}): ReactNode {
  const { draft, state } = props;
  const decision = shownDecision(draft);
  const words =
    draft.confirmation === null
      ? sentence(draft, state.panes)
      : confirmationWords(draft.confirmation, state.domains);
  const extra =
    draft.held === null ? null : t(draft.held === 'changed' ? 'route.changed' : 'route.choose');
  return (
    <div
      role="status"
      aria-label={t('route.label')}
      title={extra === null ? words : `${words} ${extra}`}
      className="flex min-w-0 items-center gap-2"
    >
      {decision?.action === 'send' && decision.domain !== null && (
        <DomainChip
          name={domainName(state.domains, decision.domain)}
          tone={toneOf(state.domains, decision.domain)}
        />
      )}
      <span
        className={`truncate ${decision === null || decision.action === 'stay' ? 'text-ink-2' : 'font-medium'}`}
      >
        {words}
      </span>
      {extra !== null && <span className="shrink-0 font-medium text-warn">{extra}</span>}
    </div>
  );
}

function confirmationWords(
  { domain, spans }: SendConfirmation,
  domains: readonly Domain[],
): string {
  const sources = [...new Set(spans.map((span) => span.domain))];
  return t('send.confirm', {
    source: sources.map((source) => domainName(domains, source)).join(', '),
    target: domainName(domains, domain),
  });
}

function sentence(draft: ComposerState, panes: AppState['panes']): string {
  if (draft.shown === null) return t('route.pending');
  const { route } = draft.shown;
  if (!route.ok) return t('route.unknown', { message: route.error.message });
  return capitalised(
    routeText(t, route.value, panes.find((pane) => pane.id === route.value.paneId)?.name ?? null),
  );
}

/** A reason that stands alone begins like a sentence. */
function capitalised(words: string): string {
  return words.charAt(0).toLocaleUpperCase(navigator.language) + words.slice(1);
}
