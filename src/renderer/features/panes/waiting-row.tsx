import { ChevronRight, CircleHelp, Clock, MailWarning, Unplug } from 'lucide-react';
import type { LucideIcon } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import { metrics } from '../../../shared/index.ts';
import type { Bridge, OutboxItem, OutboxState } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';

const icons: Readonly<Partial<Record<OutboxState, LucideIcon>>> = {
  uncertain: CircleHelp,
  interrupted: Unplug,
  failed: MailWarning,
};

/** The messages of a pane that have not arrived, one at a time. `items` is not empty. */
export function WaitingRow(props: {
  readonly paneName: string;
  readonly items: readonly OutboxItem[];
  readonly bridge: Bridge<'shell'>['outbox'];
}): ReactNode {
  const { paneName, items, bridge } = props;
  const [turn, setTurn] = useState(0);
  const position = turn % items.length;
  const item = items[position];
  if (item === undefined) return null;
  const Icon = icons[item.state] ?? Clock;
  const isCut = item.state === 'interrupted';
  const state = t(`outbox.${item.state}`);
  const words = isCut ? state : t('pane.waiting', { state, text: item.text });
  const said = isCut ? ` “${item.text}”` : '';
  const full = `${item.problem === null ? words : `${words}\n${item.problem}`}${said}`;
  return (
    <div
      role="group"
      aria-label={t('pane.attention', { name: paneName })}
      data-attention="outbox"
      className="flex shrink-0 items-center gap-2 border-b border-line bg-warn-soft pr-2 pl-4 text-xs leading-4"
      style={{ height: metrics.attentionRow }}
    >
      <Icon aria-hidden className="size-4 shrink-0 text-warn" strokeWidth={1.75} />
      <span className="line-clamp-2 min-w-0 flex-1 wrap-anywhere" title={full}>
        <span className="font-medium">{words}</span>
        {item.problem !== null && <span className="text-ink-2"> {item.problem}</span>}
        {said}
      </span>
      {items.length > 1 && (
        <span className="numeric flex shrink-0 items-center text-ink-2">
          {t('pane.waiting.position', { position: position + 1, count: items.length })}
          <IconButton
            icon={ChevronRight}
            name={t('pane.waiting.next', { count: items.length })}
            onPress={() => {
              setTurn(position + 1);
            }}
          />
        </span>
      )}
      {item.state !== 'queued' && (
        <button
          type="button"
          className="button"
          onClick={() => {
            act(bridge.retry({ id: item.id }));
          }}
        >
          {t(isCut ? 'action.continue' : 'action.retry')}
        </button>
      )}
      <button
        type="button"
        className="button"
        onClick={() => {
          act(bridge.discard({ id: item.id }));
        }}
      >
        {t('action.discard')}
      </button>
    </div>
  );
}
