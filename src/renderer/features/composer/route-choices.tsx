import type { ReactNode } from 'react';

import type { Domain, PaneView } from '../../../shared/index.ts';
import { t, toneOf } from '../../app/words.ts';

/** One button per pane, for a message whose destination the person has to choose. Choosing binds; Enter still sends. */
export function RouteChoices(props: {
  readonly panes: readonly PaneView[];
  readonly domains: readonly Domain[];
  readonly onChoose: (paneId: string) => void;
}): ReactNode {
  return (
    <div role="group" aria-label={t('composer.choices')} className="flex shrink-0 gap-1.5">
      {props.panes.map((pane) => (
        <button
          key={pane.id}
          type="button"
          data-tone={toneOf(props.domains, pane.domain)}
          className="button h-6 border-tone-line bg-tone-soft px-2 text-tone-ink"
          onClick={() => {
            props.onChoose(pane.id);
          }}
        >
          {t('composer.choose', { name: pane.name })}
        </button>
      ))}
    </div>
  );
}
