import type { ReactNode } from 'react';

import { describeState, metrics } from '../../../shared/index.ts';
import type { AppState, Bridge, PaneView } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { domainName, t, toneOf } from '../../app/words.ts';
import { StateMark } from '../../components/state-mark.tsx';
import { ConnectionRow } from './connection-row.tsx';
import { WaitingRow } from './waiting-row.tsx';
import { waitingItems } from './waiting-items.ts';

type FrameBridge = Pick<Bridge<'shell'>, 'panes' | 'gateways' | 'outbox'>;

/** What the shell draws of a pane: its header and what needs attention. The gateway's own view lies below. */
export function PaneFrame(props: {
  readonly pane: PaneView;
  readonly state: AppState;
  readonly bridge: FrameBridge;
}): ReactNode {
  const { pane, state, bridge } = props;
  const gateway = state.gateways.find((candidate) => candidate.id === pane.activeGatewayId);
  const waiting = waitingItems(pane.id, state.outbox);
  const focused = state.ui.focusedPaneId === pane.id;
  const domain = domainName(state.domains, pane.domain);
  return (
    <section
      aria-label={t('pane.region', { name: pane.name, domain })}
      aria-current={focused ? 'true' : undefined}
      data-tone={toneOf(state.domains, pane.domain)}
      data-pane={pane.id}
      className="flex h-full min-w-0 flex-col bg-page"
    >
      <header
        className={`relative flex shrink-0 items-center gap-2 border-b border-line pr-2 pl-4 ${focused ? 'bg-page' : 'bg-canvas'}`}
        style={{ height: metrics.paneHeader }}
      >
        <span
          aria-hidden
          className={`absolute inset-y-0 left-0 bg-tone ${focused ? 'w-1' : 'w-0.5 opacity-60'}`}
        />
        <div className="min-w-0 flex-1">
          <div className="flex min-w-0 items-baseline gap-2">
            <button
              type="button"
              className={`truncate rounded-sm text-[13px] leading-5 font-semibold ${focused ? 'text-ink' : 'text-ink-2'}`}
              aria-label={t('pane.focus', { name: pane.name })}
              onClick={() => {
                act(bridge.panes.focus({ paneId: pane.id }));
              }}
            >
              {pane.name}
            </button>
            {pane.pairId !== null && gateway !== undefined && (
              <span className="truncate text-xs text-ink-2">
                {t('pane.active-member', { member: gateway.name })}
              </span>
            )}
            {focused && <span className="sr-only">{t('pane.focused')}</span>}
          </div>
          <div className="flex min-w-0 items-center gap-1.5 text-xs leading-4">
            <span className="font-medium text-tone-ink">{domain}</span>
            <span aria-hidden className="text-ink-3">
              ·
            </span>
            {gateway !== undefined && (
              <span aria-live="polite" className="inline-flex items-center gap-1.5 text-ink-2">
                <StateMark phase={gateway.state.phase} />
                {describeState(t, gateway.state, 0).word}
              </span>
            )}
          </div>
        </div>
        <OtherPanes pane={pane} state={state} bridge={bridge} />
      </header>
      {gateway !== undefined && gateway.state.phase !== 'ready' && (
        <ConnectionRow gateway={gateway} bridge={bridge.gateways} />
      )}
      {waiting.length > 0 && (
        <WaitingRow paneName={pane.name} items={waiting} bridge={bridge.outbox} />
      )}
    </section>
  );
}

/** With one pane on show, the way to the others. */
function OtherPanes(props: {
  readonly pane: PaneView;
  readonly state: AppState;
  readonly bridge: FrameBridge;
}): ReactNode {
  const { pane, state, bridge } = props;
  if (state.ui.paneMode !== 'single') return null;
  return state.panes
    .filter((other) => other.id !== pane.id)
    .map((other) => (
      <button
        key={other.id}
        type="button"
        data-tone={toneOf(state.domains, other.domain)}
        className="button button-quiet"
        aria-label={t('pane.show', { name: other.name })}
        onClick={() => {
          act(bridge.panes.focus({ paneId: other.id }));
        }}
      >
        <span aria-hidden className="size-1.5 rounded-full bg-tone" />
        {other.name}
      </button>
    ));
}
