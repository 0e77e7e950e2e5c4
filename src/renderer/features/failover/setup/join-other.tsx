import { useState } from 'react';
import type { ReactNode } from 'react';

import type { Bridge, JoinFiles, JoinOffer } from '../../../../shared/index.ts';
import { copyText } from '../../../app/copy-text.ts';
import { t } from '../../../app/words.ts';

/** Gives the other computer what its guardian needs: under a pairing code, or as files; and says what to do with it. */
export function JoinOther(props: {
  readonly pairId: string;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'join' | 'offer'>;
}): ReactNode {
  const { pairId, bridge } = props;
  const [files, setFiles] = useState<JoinFiles | null>(null);
  const [offer, setOffer] = useState<JoinOffer | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isCopied, setIsCopied] = useState(false);

  async function write(): Promise<void> {
    const reply = await bridge.join({ pairId });
    setProblem(reply.ok ? null : reply.error.message);
    if (reply.ok) setFiles(reply.value);
  }

  async function show(): Promise<void> {
    const reply = await bridge.offer({ pairId });
    setProblem(reply.ok ? null : reply.error.message);
    if (reply.ok) setOffer(reply.value);
  }

  const token = files?.files.find((file) => file.startsWith('secrets/token-'));
  return (
    <section aria-label={t('join.title')} className="rounded-lg border border-line bg-raise p-3">
      <div className="flex items-center gap-3">
        <h4 className="min-w-0 flex-1 font-medium">{t('join.title')}</h4>
        <button type="button" className="button" onClick={() => void show()}>
          {t('offer.show')}
        </button>
        <button type="button" className="button" onClick={() => void write()}>
          {t('join.write')}
        </button>
      </div>
      <p role="alert" className={problem === null ? 'sr-only' : 'mt-2 text-xs text-bad'}>
        {problem}
      </p>
      {offer !== null && (
        <div className="mt-3 text-xs leading-4">
          <output
            aria-label={t('offer.code')}
            className="selectable numeric block font-mono text-xl leading-8 font-semibold"
          >
            {offer.code}
          </output>
          <p className="selectable text-ink-2 wrap-anywhere">{t('offer.how', { ...offer })}</p>
        </div>
      )}
      {files !== null && (
        <div className="mt-3 flex flex-col gap-2 text-xs leading-4">
          <p>
            {t('join.written')}{' '}
            <span className="selectable font-mono wrap-anywhere">{files.folder}</span>
          </p>
          <p className="text-ink-2">{t('join.secrets')}</p>
          {token !== undefined && <p className="text-ink-2">{t('join.token', { file: token })}</p>}
          <div className="mt-1 flex items-center justify-between">
            <p className="text-ink-2">{t('join.commands')}</p>
            <button
              type="button"
              className="button button-quiet"
              onClick={() => {
                setIsCopied(copyText(files.commands.join('\n')));
              }}
            >
              {t(isCopied ? 'action.copied' : 'action.copy')}
            </button>
          </div>
          <pre
            tabIndex={0}
            className="selectable overflow-x-auto rounded-md border border-line bg-canvas p-2 font-mono text-[11px] leading-4"
          >
            {files.commands.join('\n')}
          </pre>
        </div>
      )}
    </section>
  );
}
