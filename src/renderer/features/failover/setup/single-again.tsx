import { useState } from 'react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import { errorText } from '../../../../base/index.ts';
import type { Bridge, PairView } from '../../../../shared/index.ts';
import { copyText } from '../../../app/copy-text.ts';
import { t } from '../../../app/words.ts';
import { ChoiceField } from './fields.tsx';
import { singleStore } from './single-store.ts';

/** The way back: which gateway stays, and whether both have the same by now. */
export function SingleAgain(props: {
  readonly pair: PairView;
  readonly nameOf: (gatewayId: string) => string;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'unprotect'>;
}): ReactNode {
  const { pair, nameOf, bridge } = props;
  const [chosen, setChosen] = useState<string | null>(null);
  const [anyway, setAnyway] = useState(false);
  const [isAsked, setIsAsked] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const { mirror } = pair;
  const isSame = mirror?.state === 'in-step' && mirror.conflicts.length === 0;
  const isBlocked = isAsked || !(isSame || anyway);

  async function make(): Promise<void> {
    setIsAsked(true);
    setProblem(null);
    try {
      const reply = await bridge.unprotect({ pairId: pair.id, keep: chosen, anyway });
      if (reply.ok) singleStore.setState({ done: reply.value });
      else setProblem(reply.error.message);
    } catch (error) {
      setProblem(errorText(error));
    } finally {
      setIsAsked(false);
    }
  }

  return (
    <div
      role="group"
      aria-label={t('failover.unprotect')}
      className="mt-3 flex flex-col gap-2 rounded-lg border border-line bg-raise p-3 text-xs leading-4"
    >
      <p className="text-ink-2">{t('failover.unprotect.detail')}</p>
      <ChoiceField
        label={t('single.keep')}
        value={chosen ?? pair.activeId}
        options={[pair.primaryId, pair.standbyId].map((id) => ({
          value: id,
          label: id === pair.activeId ? t('single.keep.active', { name: nameOf(id) }) : nameOf(id),
        }))}
        onChange={setChosen}
      />
      <p aria-live="polite">
        {t(isSame ? 'single.in-step' : 'single.waiting')}
        {!isSame && mirror !== null && mirror.rows > 0 && (
          <> {t('single.rows', { rows: mirror.rows })}</>
        )}
      </p>
      {!isSame && (
        <label className="flex items-start gap-2.5">
          <input
            type="checkbox"
            checked={anyway}
            className="mt-px size-3.5 shrink-0 accent-solid"
            onChange={({ target }) => {
              setAnyway(target.checked);
            }}
          />
          {t('single.anyway')}
        </label>
      )}
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <button
        type="button"
        aria-disabled={isBlocked}
        className={`button self-end text-bad ${isBlocked ? 'opacity-50 hover:bg-raise active:bg-raise' : ''}`}
        onClick={() => {
          if (!isBlocked) void make();
        }}
      >
        {t('failover.unprotect')}
      </button>
    </div>
  );
}

/** What was done, and what is left to do on the other computer. */
export function SingleDone(): ReactNode {
  const { done } = useStore(singleStore);
  const [isCopied, setIsCopied] = useState(false);
  if (done === null) return null;
  const lines = done.commands.join('\n');
  return (
    <section
      aria-label={t('single.result')}
      className="flex flex-col gap-2 rounded-lg border border-line bg-raise p-3"
    >
      <p role="status">{done.words}</p>
      {lines !== '' && (
        <pre
          tabIndex={0}
          className="selectable overflow-x-auto rounded-md border border-line bg-canvas p-2 font-mono text-[11px] leading-4"
        >
          {lines}
        </pre>
      )}
      <div className="flex justify-end gap-2">
        {lines !== '' && (
          <button
            type="button"
            className="button button-quiet"
            onClick={() => {
              setIsCopied(copyText(lines));
            }}
          >
            {t(isCopied ? 'action.copied' : 'action.copy')}
          </button>
        )}
        <button
          type="button"
          className="button"
          onClick={() => {
            singleStore.setState({ done: null });
          }}
        >
          {t('single.read')}
        </button>
      </div>
    </section>
  );
}
