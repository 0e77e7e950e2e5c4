import { useState } from 'react';
import type { ReactNode } from 'react';

import { copyText } from '../../app/copy-text.ts';
import { t } from '../../app/words.ts';

/** Copies `text`, and says that it did. */
export function CopyButton(props: { readonly text: string; readonly name: string }): ReactNode {
  const [copied, setCopied] = useState(false);
  return (
    <button
      type="button"
      aria-label={copied ? t('action.copied') : props.name}
      className="button h-6"
      onClick={() => {
        setCopied(copyText(props.text));
      }}
    >
      {t(copied ? 'action.copied' : 'action.copy')}
    </button>
  );
}
