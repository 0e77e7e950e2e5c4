import { Plus } from 'lucide-react';
import { useRef } from 'react';
import type { KeyboardEvent, ReactNode } from 'react';

import type { Bridge, PaneHead } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { moveInList } from './move-in-list.ts';

/** The sessions of one gateway: a column in a wide view, a row in a narrow one. Arrows move, Enter opens. */
export function SessionList(props: {
  readonly head: PaneHead;
  readonly bridge: Bridge<'view'>['session'];
}): ReactNode {
  const { head, bridge } = props;
  const list = useRef<HTMLDivElement>(null);
  const current = Math.max(
    0,
    head.sessions.findIndex((session) => session.key === head.sessionKey),
  );

  function press(event: KeyboardEvent<HTMLDivElement>): void {
    const options = [...(list.current?.querySelectorAll<HTMLElement>('[role=option]') ?? [])];
    const index = options.findIndex((option) => option === document.activeElement);
    const target = moveInList(event.key, index, options.length);
    if (target !== null) {
      event.preventDefault();
      options[target]?.focus();
    } else if ((event.key === 'Enter' || event.key === ' ') && index >= 0) {
      event.preventDefault();
      options[index]?.click();
    }
  }

  return (
    <nav
      aria-label={t('sessions.label', { name: head.name })}
      className="flex shrink-0 items-center gap-1 border-b border-line bg-canvas py-1.5 pr-2 pl-1.5 min-[620px]:w-48 min-[620px]:flex-col min-[620px]:items-stretch min-[620px]:border-r min-[620px]:border-b-0 min-[620px]:py-2 min-[620px]:pl-2"
    >
      <button
        type="button"
        className="button button-quiet hidden justify-start px-2 min-[620px]:flex"
        onClick={() => {
          act(bridge.create());
        }}
      >
        <Plus aria-hidden className="size-4" strokeWidth={1.75} />
        {t('sessions.new')}
      </button>
      <div
        ref={list}
        role="listbox"
        aria-label={t('sessions.label', { name: head.name })}
        className="flex min-w-0 flex-1 gap-0.5 overflow-x-auto p-0.5 min-[620px]:flex-col min-[620px]:overflow-x-hidden min-[620px]:overflow-y-auto"
        onKeyDown={press}
      >
        {head.sessions.map((session, index) => (
          <div
            key={session.key}
            role="option"
            aria-selected={session.key === head.sessionKey}
            tabIndex={index === current ? 0 : -1}
            title={formatFull(session.updatedAtMs)}
            className="flex h-7 max-w-44 shrink-0 items-center gap-2 rounded-md px-2 text-xs text-ink-2 hover:bg-hover aria-selected:bg-press aria-selected:font-medium aria-selected:text-ink min-[620px]:max-w-none"
            onClick={() => {
              act(bridge.select({ key: session.key }));
            }}
          >
            <span className="min-w-0 flex-1 truncate">
              {session.title === '' ? t('sessions.untitled') : session.title}
            </span>
            {session.running && (
              <span className="size-1.5 shrink-0 animate-breathe rounded-full bg-tone">
                <span className="sr-only">{t('sessions.running')}</span>
              </span>
            )}
          </div>
        ))}
      </div>
      <IconButton
        icon={Plus}
        name={t('sessions.new')}
        className="min-[620px]:hidden"
        onPress={() => {
          act(bridge.create());
        }}
      />
    </nav>
  );
}
