import { useContext, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { copyText } from '../../app/copy-text.ts';
import { t } from '../../app/words.ts';
import { MessageActionsContext } from './message-actions.ts';

/** Code with a button that copies it. `children` is the `code` element. */
export function CodeBlock(props: { readonly children: ReactNode }): ReactNode {
  const actions = useContext(MessageActionsContext);
  const code = useRef<HTMLPreElement>(null);
  const [copied, setCopied] = useState(false);
  return (
    <div className="group/code relative rounded-lg border border-line bg-canvas">
      <button
        type="button"
        className="button absolute top-1.5 right-1.5 h-6 px-2 opacity-0 transition-opacity duration-100 group-hover/code:opacity-100 focus-visible:opacity-100"
        aria-label={t('view.copy-code')}
        onClick={() => {
          const text = code.current?.textContent ?? '';
          if (!copyText(text)) return;
          setCopied(true);
          actions?.reportCopied(text);
        }}
      >
        {t(copied ? 'action.copied' : 'action.copy')}
      </button>
      <pre ref={code} tabIndex={0} className="rounded-lg">
        {props.children}
      </pre>
    </div>
  );
}
