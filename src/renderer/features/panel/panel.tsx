import { X } from 'lucide-react';
import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';

import { assertNever } from '../../../base/index.ts';
import type { AppState, Bridge, PanelId, WordKey } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { DiagnosticsPanel } from '../diagnostics/diagnostics-panel.tsx';
import { FailoverPanel } from '../failover/failover-panel.tsx';
import { JoinPanel } from '../failover/join/join-panel.tsx';
import { RulesPanel } from '../rules/rules-panel.tsx';
import { TrustPanel } from '../trust-panel/trust-panel.tsx';

const titles: Readonly<Record<PanelId, WordKey>> = {
  rules: 'rules.panel',
  trust: 'trust.panel',
  failover: 'failover.panel',
  join: 'take.panel',
  diagnostics: 'diagnostics.panel',
};

/** The panel beside the panes, or over them in a narrow window; Escape closes it. */
export function Panel(props: {
  readonly id: PanelId;
  readonly state: AppState;
  readonly bridge: Bridge<'shell'>;
}): ReactNode {
  const { id, state, bridge } = props;
  const title = useRef<HTMLHeadingElement>(null);

  // A panel that opens takes the focus, so that a screen reader reads on where the person now is.
  useEffect(() => {
    title.current?.focus();
  }, [id]);

  function close(): void {
    act(bridge.panel.open({ panel: null }));
  }

  return (
    <section
      aria-label={t(titles[id])}
      className="flex h-full flex-col border-l border-line bg-canvas"
      onKeyDown={(event) => {
        if (event.key === 'Escape') close();
      }}
    >
      <header className="flex h-13 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2
          ref={title}
          tabIndex={-1}
          className="rounded-sm text-sm font-semibold focus-visible:outline-none"
        >
          {t(titles[id])}
        </h2>
        <IconButton icon={X} name={t('action.close')} onPress={close} />
      </header>
      <div className="min-h-0 flex-1 overflow-y-auto [scrollbar-gutter:stable]">
        <div className="mx-auto max-w-3xl p-4">{content(id, state, bridge)}</div>
      </div>
    </section>
  );
}

function content(id: PanelId, state: AppState, bridge: Bridge<'shell'>): ReactNode {
  switch (id) {
    case 'rules':
      return <RulesPanel state={state} bridge={bridge} />;
    case 'trust':
      return <TrustPanel state={state} bridge={bridge.trust} />;
    case 'failover':
      return <FailoverPanel state={state} bridge={bridge} />;
    case 'join':
      return <JoinPanel bridge={bridge} />;
    case 'diagnostics':
      return <DiagnosticsPanel state={state} bridge={bridge.diagnostics} />;
    default:
      return assertNever(id);
  }
}
