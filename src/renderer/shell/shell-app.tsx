import { useCallback, useEffect, useRef } from 'react';
import type { CSSProperties, ReactNode } from 'react';
import { useStore } from 'zustand';
import { PanelsTopLeft } from 'lucide-react';

import { layoutWindow } from '../../shared/index.ts';
import type { AppState, Bridge, Rect } from '../../shared/index.ts';
import { FocusEdges } from '../app/focus-edges.tsx';
import { useWindowSize } from '../app/use-window-size.ts';
import { t } from '../app/words.ts';
import { EmptyState } from '../components/empty-state.tsx';
import { Composer } from '../features/composer/composer.tsx';
import type { Composer as ComposerModel } from '../features/composer/composer-store.ts';
import { Notices } from '../features/notices/notices.tsx';
import { PaneFrame } from '../features/panes/pane-frame.tsx';
import { Panel } from '../features/panel/panel.tsx';
import { Rail } from '../features/rail/rail.tsx';
import type { Projection } from '../state/projection.ts';
import { routingWorld } from './routing-world.ts';

/** The window: everything around the gateways' views, placed with the numbers that main places those views with. */
export function ShellApp(props: {
  readonly bridge: Bridge<'shell'>;
  readonly projection: Projection<AppState, AppState>;
  readonly composer: ComposerModel;
}): ReactNode {
  const { bridge, projection, composer } = props;
  const state = useStore(projection.store, (projected) => projected.value);
  const problem = useStore(projection.store, (projected) => projected.problem);
  const size = useWindowSize();
  const input = useRef<HTMLTextAreaElement>(null);

  const focusComposer = useCallback(() => {
    input.current?.focus();
  }, []);

  useEffect(
    () =>
      bridge.composer.onTake(({ binding, text }) => {
        if (binding !== undefined) composer.dispatch({ kind: 'bound', paneId: binding });
        if (text !== undefined) composer.dispatch({ kind: 'given', text });
        // A click into a pane binds, and the focus stays where the click was.
        if (binding === undefined) focusComposer();
      }),
    [bridge, composer, focusComposer],
  );

  const world = state === null ? null : routingWorld(state);
  useEffect(() => {
    if (world !== null) composer.dispatch({ kind: 'world-changed' });
  }, [composer, world]);

  if (state === null) {
    return problem === null ? null : <p role="alert">{t('app.not-done', { message: problem })}</p>;
  }

  const layout = layoutWindow(size, state);
  const covered = state.ui.panel !== null && layout.panel?.x === layout.rail.width;
  return (
    <FocusEdges bridge={bridge.focus} onEnterOther={focusComposer}>
      <div style={place(layout.rail)}>
        <Rail state={state} bridge={bridge} />
      </div>
      <div style={place(layout.notices)}>
        <Notices notices={state.notices} />
      </div>
      <main inert={covered}>
        <h1 className="sr-only">{t('app.name')}</h1>
        {state.panes.length === 0 && (
          <div
            style={place({
              ...layout.composer,
              y: layout.notices.height,
              height: layout.composer.y - layout.notices.height,
            })}
          >
            <EmptyState
              icon={PanelsTopLeft}
              title={t('pane.none.title')}
              detail={t('pane.none.detail')}
            />
          </div>
        )}
        {layout.panes.map(({ paneId, pane: rect }) => {
          const pane = state.panes.find((candidate) => candidate.id === paneId);
          if (pane === undefined) return null;
          return (
            <div key={paneId} style={place(rect)} className="shadow-[0_0_0_1px_var(--color-line)]">
              <PaneFrame pane={pane} state={state} bridge={bridge} />
            </div>
          );
        })}
        <div style={place(layout.composer)} className="border-t border-line bg-canvas">
          <Composer composer={composer} state={state} input={input} />
        </div>
      </main>
      {state.ui.panel !== null && layout.panel !== null && (
        <div style={place(layout.panel)}>
          <Panel id={state.ui.panel} state={state} bridge={bridge} />
        </div>
      )}
    </FocusEdges>
  );
}

function place(rect: Rect): CSSProperties {
  return {
    position: 'absolute',
    left: rect.x,
    top: rect.y,
    width: rect.width,
    height: rect.height,
  };
}
