import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import type { Bridge, OverlayState } from '../../shared/index.ts';
import { t } from '../app/words.ts';
import { DialogHost } from '../features/dialogs/dialogs.tsx';
import { Palette } from '../features/palette/palette.tsx';
import { Toasts } from '../features/toasts/toasts.tsx';
import type { Projection } from '../state/projection.ts';
import type { OverlayMessage } from './overlay-source.ts';

/** What lies above all other views. A dialog goes before the palette: it is a question. */
export function OverlayApp(props: {
  readonly bridge: Bridge<'overlay'>;
  readonly projection: Projection<OverlayState, OverlayMessage>;
}): ReactNode {
  const { bridge, projection } = props;
  const state = useStore(projection.store, (projected) => projected.value);
  if (state === null) return null;
  return (
    <main>
      <h1 className="sr-only">{t('app.name')}</h1>
      <Toasts toasts={state.toasts} bridge={bridge.toast} />
      {state.dialog !== null && (
        <DialogHost key={JSON.stringify(state.dialog)} dialog={state.dialog} bridge={bridge} />
      )}
      {state.dialog === null && state.palette !== null && (
        <Palette commands={state.palette} bridge={bridge} />
      )}
    </main>
  );
}
