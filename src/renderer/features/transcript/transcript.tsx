import { ArrowDown, MessagesSquare } from 'lucide-react';
import { Fragment, useEffect } from 'react';
import type { ReactNode } from 'react';

import { t } from '../../app/words.ts';
import { EmptyState } from '../../components/empty-state.tsx';
import type { Conversation } from '../../state/conversation.ts';
import { groupMessages } from './group-messages.ts';
import { Continued } from './continued.tsx';
import { Message } from './message.tsx';
import { placeContinued } from './place-continued.ts';
import { useStickToBottom } from './use-stick-to-bottom.ts';

const recentCount = 24;

/** The messages of one session, oldest first, kept at the newest unless the person reads above. */
export function Transcript(props: { readonly conversation: Conversation }): ReactNode {
  const { head, messages } = props.conversation;
  const { scroller, content, atEnd, toEnd } = useStickToBottom();
  const places = groupMessages(messages);
  const continued = placeContinued(messages, head.continued);
  const lastOwn = messages.findLast((message) => message.role === 'user')?.id;

  // What the person just sent is where they want to be, wherever they were reading.
  useEffect(() => {
    toEnd();
  }, [lastOwn, toEnd]);

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-live="polite"
        aria-label={t('view.log', { name: head.name })}
        aria-busy={head.loading}
        tabIndex={0}
        className="h-full overflow-x-hidden overflow-y-auto [scrollbar-gutter:stable] focus-visible:outline-offset-[-2px]"
      >
        <div ref={content} className="min-h-full pb-4">
          {messages.length === 0 && head.loading && (
            <p className="px-6 py-10 text-center text-ink-2">{t('view.loading')}</p>
          )}
          {messages.length === 0 && !head.loading && (
            <EmptyState
              icon={MessagesSquare}
              title={t('view.empty.title')}
              detail={t('view.empty.detail', { name: head.name })}
            />
          )}
          {messages.map((message, index) => (
            <Fragment key={message.id}>
              <Continued on={continued.get(index)} />
              <Message
                message={message}
                speaker={head.name}
                leads={places[index]?.leads === true || continued.has(index)}
                startsDay={places[index]?.startsDay === true}
                recent={index >= messages.length - recentCount}
              />
            </Fragment>
          ))}
          <Continued on={continued.get(messages.length)} />
        </div>
      </div>
      {!atEnd && (
        <button
          type="button"
          className="button absolute bottom-3 left-1/2 -translate-x-1/2 animate-appear rounded-full shadow-pop"
          onClick={toEnd}
        >
          <ArrowDown aria-hidden className="size-3.5" />
          {t('view.newest')}
        </button>
      )}
    </div>
  );
}
