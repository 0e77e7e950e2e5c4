/**
 * A gateway's markdown as inert elements.
 *
 * 1. Nothing is loaded: an image is its words and its address. 2. Nothing navigates: a link is a button that asks main.
 * 3. Raw HTML stays the text that it is. 4. Headings start below the page's own.
 */
import { memo, useContext } from 'react';
import type { ComponentProps, ReactNode } from 'react';
import ReactMarkdown from 'react-markdown';
import type { Components, Options } from 'react-markdown';
import remarkGfm from 'remark-gfm';

import { t } from '../../app/words.ts';
import { CodeBlock } from './code-block.tsx';
import { MessageActionsContext } from './message-actions.ts';
import { safeLink } from './safe-link.ts';

const remarkPlugins: Options['remarkPlugins'] = [remarkGfm];

const components: Components = {
  a: ({ href, children }) => <Link href={href}>{children}</Link>,
  img: ({ src, alt }) => (
    <span className="text-ink-2">
      {t('view.image', { alt: alt ?? '', url: typeof src === 'string' ? src : '' })}
    </span>
  ),
  input: ({ checked }) => (
    <span
      role="img"
      aria-label={t(checked === true ? 'view.task.done' : 'view.task.open')}
      className="mr-1.5"
    >
      {checked === true ? '☑' : '☐'}
    </span>
  ),
  pre: ({ children }) => <CodeBlock>{children}</CodeBlock>,
  table: ({ children }) => (
    <div className="table-frame" tabIndex={0}>
      <table>{children}</table>
    </div>
  ),
  h1: heading(2),
  h2: heading(2),
  h3: heading(3),
  h4: heading(3),
  h5: heading(3),
  h6: heading(3),
};

/** `idPrefix` keeps the footnotes of two messages apart. */
export const Markdown = memo(function Markdown(props: {
  readonly text: string;
  readonly idPrefix: string;
}): ReactNode {
  return (
    <ReactMarkdown
      components={components}
      remarkPlugins={remarkPlugins}
      remarkRehypeOptions={{ clobberPrefix: `${props.idPrefix}-` }}
      urlTransform={asWritten}
    >
      {props.text}
    </ReactMarkdown>
  );
});

/** Addresses are shown, never followed, so none has to be made safe by being hidden. */
function asWritten(url: string): string {
  return url;
}

function heading(level: 2 | 3): NonNullable<Components['h1']> {
  return function Heading({ children }: ComponentProps<'h1'>) {
    return (
      <div role="heading" aria-level={level}>
        {children}
      </div>
    );
  };
}

function Link(props: {
  readonly href: string | undefined;
  readonly children: ReactNode;
}): ReactNode {
  const { href, children } = props;
  const actions = useContext(MessageActionsContext);
  const url = safeLink(href);
  if (url === null) {
    return (
      <>
        {children}
        {href !== undefined && !href.startsWith('#') && href !== children && (
          <span className="text-ink-2"> ({href})</span>
        )}
      </>
    );
  }
  return (
    <button
      type="button"
      className="link-button"
      title={t('view.link', { url: url.href })}
      onClick={() => {
        actions?.askLink(url.href);
      }}
    >
      {children}
    </button>
  );
}
