import {
  ArrowLeftRight,
  Columns2,
  Command,
  ListOrdered,
  Rows2,
  ShieldCheck,
  Square,
  Stethoscope,
} from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import type { AppState, Bridge, PaneMode, PanelId, WordKey } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';

const panels: readonly {
  readonly id: PanelId;
  readonly icon: LucideIcon;
  readonly label: WordKey;
}[] = [
  { id: 'rules', icon: ListOrdered, label: 'rail.rules' },
  { id: 'trust', icon: ShieldCheck, label: 'rail.trust' },
  { id: 'failover', icon: ArrowLeftRight, label: 'rail.failover' },
  { id: 'diagnostics', icon: Stethoscope, label: 'rail.diagnostics' },
];

const modes: readonly {
  readonly id: PaneMode;
  readonly icon: LucideIcon;
  readonly label: WordKey;
}[] = [
  { id: 'columns', icon: Columns2, label: 'rail.columns' },
  { id: 'rows', icon: Rows2, label: 'rail.rows' },
  { id: 'single', icon: Square, label: 'rail.single' },
];

/** The window's left edge: panels, how panes lie, and the palette. */
export function Rail(props: {
  readonly state: Pick<AppState, 'ui' | 'pairs' | 'trust'>;
  readonly bridge: Pick<Bridge<'shell'>, 'panel' | 'panes' | 'palette'>;
}): ReactNode {
  const { state, bridge } = props;
  const exposed = state.pairs.some((pair) => pair.cover !== 'protected');
  const waiting = state.trust.asks.length + state.trust.held.length > 0;
  return (
    <nav
      aria-label={t('app.rail')}
      className="flex h-full flex-col items-center gap-1 overflow-y-auto border-r border-line bg-rail py-2"
    >
      {panels.map(({ id, icon, label }) => (
        <RailButton
          key={id}
          icon={icon}
          label={t(label)}
          attention={(id === 'failover' && exposed) || (id === 'trust' && waiting)}
          pressed={state.ui.panel === id || (id === 'failover' && state.ui.panel === 'join')}
          onPress={() => {
            act(bridge.panel.open({ panel: state.ui.panel === id ? null : id }));
          }}
        />
      ))}
      <div className="flex-1" />
      <div
        role="group"
        aria-label={t('rail.layout')}
        className="flex flex-col gap-0.5 rounded-lg p-0.5"
      >
        {modes.map(({ id, icon, label }) => (
          <IconButton
            key={id}
            icon={icon}
            name={t(label)}
            pressed={state.ui.paneMode === id}
            className="aria-pressed:bg-raise aria-pressed:text-ink aria-pressed:shadow-lift"
            onPress={() => {
              act(bridge.panes.setMode({ mode: id }));
            }}
          />
        ))}
      </div>
      <RailButton
        icon={Command}
        label={t('rail.palette')}
        onPress={() => {
          act(bridge.palette.open());
        }}
      />
    </nav>
  );
}

function RailButton(props: {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly onPress: () => void;
  readonly pressed?: boolean;
  readonly attention?: boolean;
}): ReactNode {
  const { icon: Icon, label, onPress, pressed, attention = false } = props;
  return (
    <button
      type="button"
      aria-pressed={pressed}
      className="relative flex h-12 w-13 shrink-0 flex-col items-center justify-center gap-1 rounded-lg text-ink-2 transition-colors duration-100 hover:bg-hover hover:text-ink aria-pressed:bg-raise aria-pressed:text-ink aria-pressed:shadow-lift"
      onClick={onPress}
    >
      <Icon aria-hidden className="size-[18px]" strokeWidth={1.75} />
      <span className="text-[10px] leading-3 font-medium">{label}</span>
      {attention && (
        <span className="absolute top-1 right-2 flex size-3.5 items-center justify-center rounded-full bg-warn text-[10px] leading-none font-bold text-canvas">
          <span aria-hidden>!</span>
          <span className="sr-only">{t('rail.attention')}</span>
        </span>
      )}
    </button>
  );
}
