import { CircleCheck } from 'lucide-react';
import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Bridge, JoinDone } from '../../../../shared/index.ts';
import { copyText } from '../../../app/copy-text.ts';
import { t } from '../../../app/words.ts';
import { JoinProblem } from './join-problem.tsx';
import { enterJoinToken } from './join-store.ts';

/** What is left to do on this computer once the files are there: the gateway's token, and the commands. */
export function JoinLeft(props: {
  readonly done: JoinDone;
  readonly hasToken: boolean;
  readonly bridge: Bridge<'shell'>['pairs'];
  readonly onClose: () => void;
}): ReactNode {
  const { done, hasToken, bridge, onClose } = props;
  const { pairName, folder, token, commands } = done;
  const [isCopied, setIsCopied] = useState(false);
  const text = commands.join('\n');
  return (
    <div className="flex flex-col gap-4">
      <p className="-mt-3 text-ink-2">
        {t(token === null ? 'take.done.detail.one' : 'take.done.detail', { name: pairName })}
      </p>
      <p className="text-xs leading-4">
        {t('join.written')} <span className="selectable font-mono wrap-anywhere">{folder}</span>
      </p>
      {token !== null && (
        <section
          aria-label={t('take.token', { name: token.gateway })}
          className="flex items-center gap-3 rounded-lg border border-line bg-raise px-3 py-2"
        >
          <p
            role="status"
            className="flex min-w-0 flex-1 items-start gap-2 text-xs leading-4 text-ink-2"
          >
            {hasToken && (
              <CircleCheck aria-hidden className="size-4 shrink-0 text-good" strokeWidth={1.75} />
            )}
            {t(hasToken ? 'take.token.given' : 'take.token.detail.left', { name: token.gateway })}
          </p>
          <button type="button" className="button" onClick={() => void enterJoinToken(bridge)}>
            {t('take.token', { name: token.gateway })}
          </button>
        </section>
      )}
      <div>
        <div className="mb-1 flex items-center justify-between gap-2">
          <h4 className="heading">{t('take.commands')}</h4>
          <button
            type="button"
            className="button button-quiet"
            onClick={() => {
              setIsCopied(copyText(text));
            }}
          >
            {t(isCopied ? 'action.copied' : 'action.copy')}
          </button>
        </div>
        <pre
          tabIndex={0}
          className="selectable overflow-x-auto rounded-md border border-line bg-canvas p-2 font-mono text-[11px] leading-4"
        >
          {text}
        </pre>
      </div>
      <JoinProblem />
      <button type="button" className="button button-primary h-8 self-end px-3" onClick={onClose}>
        {t('action.close')}
      </button>
    </div>
  );
}
