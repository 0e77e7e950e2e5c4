import { Square, X } from 'lucide-react';
import { useEffect, useMemo } from 'react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import type { Bridge, PaneChange } from '../../shared/index.ts';
import { act, actionProblem } from '../app/act.ts';
import { FocusEdges } from '../app/focus-edges.tsx';
import { t } from '../app/words.ts';
import { IconButton } from '../components/icon-button.tsx';
import { SessionList } from '../features/sessions/session-list.tsx';
import { MessageActionsContext } from '../features/transcript/message-actions.ts';
import { Transcript } from '../features/transcript/transcript.tsx';
import type { Conversation } from '../state/conversation.ts';
import type { Projection } from '../state/projection.ts';

/** One gateway's conversation. Everything shown here came from that gateway, and stays here. */
export function ViewApp(props: {
  readonly bridge: Bridge<'view'>;
  readonly projection: Projection<Conversation, PaneChange>;
}): ReactNode {
  const { bridge, projection } = props;
  const conversation = useStore(projection.store, (projected) => projected.value);
  const problem = useStore(projection.store, (projected) => projected.problem);

  const actions = useMemo(
    () => ({
      askLink: (url: string) => {
        act(bridge.link.ask({ url }));
      },
      reportCopied: (text: string) => {
        act(bridge.copied.text({ text }));
      },
    }),
    [bridge],
  );

  useEffect(() => {
    const report = (): void => {
      const text = document.getSelection()?.toString() ?? '';
      if (text !== '') actions.reportCopied(text);
    };
    document.addEventListener('copy', report);
    return () => {
      document.removeEventListener('copy', report);
    };
  }, [actions]);

  if (conversation === null) {
    return (
      <p role={problem === null ? 'status' : 'alert'} className="px-6 py-10 text-center text-ink-2">
        {problem === null ? t('view.loading') : t('view.unread', { message: problem })}
      </p>
    );
  }

  const { head } = conversation;
  return (
    <FocusEdges bridge={bridge.focus} onEnterOther={focusConversation}>
      <main className="contents">
        <section
          aria-label={t('view.section', { name: head.name, domain: head.domain.name })}
          data-tone={head.domain.colour}
          className="flex h-full flex-col min-[620px]:flex-row"
        >
          <h1 className="sr-only">{t('view.log', { name: head.name })}</h1>
          <SessionList head={head} bridge={bridge.session} />
          <MessageActionsContext value={actions}>
            <div className="flex min-h-0 min-w-0 flex-1 flex-col">
              {/* Another session is another log: a screen reader must not read it out as news. */}
              <Transcript key={head.sessionKey} conversation={conversation} />
              <RunBar
                running={head.runId !== null}
                name={head.name}
                onStop={() => {
                  act(bridge.run.stop());
                }}
              />
            </div>
          </MessageActionsContext>
        </section>
      </main>
    </FocusEdges>
  );
}

/** Below the transcript: the answer under way with its Stop, and what a click could not do. */
function RunBar(props: {
  readonly running: boolean;
  readonly name: string;
  readonly onStop: () => void;
}): ReactNode {
  const { running, name, onStop } = props;
  const problem = useStore(actionProblem).message;
  return (
    <>
      <div
        role="status"
        className={
          running
            ? 'flex h-10 shrink-0 items-center gap-2 border-t border-line bg-canvas pr-2 pl-4 text-xs text-ink-2'
            : 'sr-only'
        }
      >
        {running && (
          <>
            <span aria-hidden className="size-1.5 animate-breathe rounded-full bg-tone" />
            <span className="min-w-0 flex-1 truncate">{t('view.answering', { name })}</span>
            <button type="button" className="button" onClick={onStop}>
              <Square aria-hidden className="size-3 fill-current" />
              {t('action.stop')}
            </button>
          </>
        )}
      </div>
      {problem !== null && (
        <div
          role="alert"
          className="flex min-h-10 shrink-0 items-center gap-2 border-t border-line bg-bad-soft py-1 pr-2 pl-4 text-xs"
        >
          <span className="min-w-0 flex-1 wrap-anywhere">
            {t('app.not-done', { message: problem })}
          </span>
          <IconButton
            icon={X}
            name={t('action.dismiss')}
            onPress={() => {
              actionProblem.setState({ message: null });
            }}
          />
        </div>
      )}
    </>
  );
}

/** Where the keyboard comes in when a person goes to the pane by name or number. */
function focusConversation(): void {
  document.querySelector<HTMLElement>('[role="log"]')?.focus();
}
