import { memo } from 'react';
import type { ReactNode } from 'react';

import { assertNever } from '../../../base/index.ts';
import { becauseText } from '../../../shared/index.ts';
import type { TranscriptMessage } from '../../../shared/index.ts';
import { formatClock, formatDay, formatFull } from '../../app/times.ts';
import { t } from '../../app/words.ts';
import type { MessagePlace } from './group-messages.ts';
import { Markdown } from './markdown.tsx';
import { markdownBlocks } from './markdown-blocks.ts';
import { useNearViewport } from './use-near-viewport.ts';

interface MessageProps extends MessagePlace {
  readonly message: TranscriptMessage;
  /** What the assistant is called here: the pane's name. */
  readonly speaker: string;
  /** Among the newest: shown finished at once, without a flash of plain text. */
  readonly recent: boolean;
}

/** One message. Renders again only when it or its place changes. */
export const Message = memo(function Message(props: MessageProps): ReactNode {
  const { message, speaker, leads, startsDay } = props;
  const who = { user: t('view.you'), assistant: speaker, tool: t('view.tool') }[message.role];
  return (
    <div className="message px-4" data-role={message.role}>
      <div className={`mx-auto flex max-w-[760px] flex-col ${leads ? 'pt-4' : 'pt-1.5'} pb-0.5`}>
        {startsDay && (
          <p className="flex items-center gap-3 pt-1 pb-3 text-xs text-ink-3">
            <span aria-hidden className="h-px flex-1 bg-line" />
            {formatDay(message.atMs)}
            <span aria-hidden className="h-px flex-1 bg-line" />
          </p>
        )}
        <article
          aria-busy={message.status === 'streaming'}
          className={`selectable flex min-w-0 flex-col ${message.role === 'user' ? 'items-end' : ''}`}
        >
          {leads && (
            <p className="mb-1 flex items-baseline gap-2 text-xs">
              <span className="font-semibold text-ink-2">{who}</span>
              <time
                className="numeric text-ink-3"
                dateTime={new Date(message.atMs).toISOString()}
                title={formatFull(message.atMs)}
              >
                {formatClock(message.atMs)}
              </time>
            </p>
          )}
          <Body {...props} />
          {message.because !== null && (
            <p
              className={`mt-1 max-w-full text-xs leading-4 text-ink-3 wrap-anywhere ${message.role === 'user' ? 'text-right' : ''}`}
            >
              {t('view.because', { because: becauseText(t, message.because) })}
            </p>
          )}
          {message.status === 'stopped' && (
            <p className="mt-1 text-xs text-ink-2">■ {t('view.stopped')}</p>
          )}
          {message.status === 'interrupted' && (
            <p className="mt-1 text-xs text-ink-2">… {t('view.interrupted')}</p>
          )}
          {message.status === 'error' && (
            <p className="mt-1 text-xs text-bad">✕ {t('view.failed')}</p>
          )}
        </article>
      </div>
    </div>
  );
});

function Body(props: MessageProps): ReactNode {
  const { message } = props;
  switch (message.role) {
    case 'user':
      return (
        <div className="max-w-[85%] rounded-xl rounded-tr-sm border border-tone-line bg-tone-soft px-3 py-1.5 text-sm leading-[22px] whitespace-pre-wrap wrap-anywhere">
          {message.text}
        </div>
      );
    case 'assistant':
      return <Answer {...props} />;
    case 'tool':
      return <ToolOutput text={message.text} />;
    default:
      return assertNever(message.role);
  }
}

function Answer(props: MessageProps): ReactNode {
  const { message, recent } = props;
  const streaming = message.status === 'streaming';
  const { ref, near } = useNearViewport(recent || streaming);
  if (!near) {
    return (
      <div ref={ref} className="prose whitespace-pre-wrap">
        {message.text}
      </div>
    );
  }
  if (!streaming) {
    return (
      <div className="prose">
        <Markdown text={message.text} idPrefix={message.id} />
      </div>
    );
  }
  const blocks = markdownBlocks(message.text);
  return (
    <div className="prose streaming">
      {blocks.length === 0 && <p />}
      {blocks.map((block, index) => (
        <Markdown key={index} text={block} idPrefix={`${message.id}-${index}`} />
      ))}
    </div>
  );
}

function ToolOutput(props: { readonly text: string }): ReactNode {
  const { text } = props;
  const firstLine = text.trimStart().split('\n', 1)[0] ?? '';
  return (
    <details className="rounded-lg border border-line bg-canvas text-xs open:bg-page">
      <summary className="truncate rounded-lg px-3 py-1.5 font-mono text-ink-2">
        {firstLine}
      </summary>
      <pre
        tabIndex={0}
        className="max-h-80 overflow-auto border-t border-line px-3 py-2 font-mono leading-[18px] whitespace-pre-wrap wrap-anywhere"
      >
        {text}
      </pre>
    </details>
  );
}
