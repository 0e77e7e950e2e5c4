import { useEffect, useId, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import type { AskView, Bridge, GrantTerms } from '../../../shared/index.ts';
import { useCall } from '../../app/use-call.ts';
import { t } from '../../app/words.ts';
import { ArmedButton } from '../../components/armed-button.tsx';
import type { Arming } from '../../components/armed-button.tsx';
import { firstTerms, mostMinutes, readTerms } from './grant-terms.ts';
import type { TypedTerms } from './grant-terms.ts';

/** Calls like this one, allowed in advance: how many, how long each, until when. */
export function GrantForm(props: {
  readonly ask: Pick<AskView, 'from' | 'to' | 'action'>;
  readonly widest: GrantTerms;
  readonly arming: Arming;
  readonly bridge: Pick<Bridge<'shell'>['trust'], 'grant'>;
  readonly onDone: () => void;
}): ReactNode {
  const { ask, widest, arming, bridge, onDone } = props;
  const [typed, setTyped] = useState<TypedTerms>(() => firstTerms(widest));
  const { busy, problem, run } = useCall();
  const about = useId();
  const group = useRef<HTMLDivElement>(null);
  const terms = readTerms(typed, widest);
  useEffect(() => {
    group.current?.querySelector('input')?.focus();
  }, []);

  const field = (key: keyof TypedTerms, label: string): ReactNode => (
    <label className="min-w-0 flex-1">
      <span className="mb-1 block text-xs text-ink-2">{label}</span>
      <input
        inputMode="numeric"
        autoComplete="off"
        maxLength={9}
        aria-describedby={about}
        value={typed[key]}
        className="numeric h-8 w-full rounded-md border border-line-strong bg-page px-2 select-text"
        onChange={({ target }) => {
          setTyped({ ...typed, [key]: target.value });
        }}
      />
    </label>
  );

  return (
    <div
      ref={group}
      role="group"
      aria-label={t('trust.grant.form')}
      className="flex flex-col gap-2.5 border-t border-line pt-2.5"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation();
        onDone();
      }}
    >
      <div className="flex items-end gap-2">
        {field('calls', t('trust.grant.calls', { most: widest.calls }))}
        {field('bytesEach', t('trust.grant.bytes', { most: widest.bytesEach }))}
        {field('minutes', t('trust.grant.minutes', { most: mostMinutes(widest) }))}
      </div>
      <p
        id={about}
        role="status"
        className={`text-xs leading-4 ${terms === null ? 'text-bad' : 'text-ink-2'}`}
      >
        {terms === null
          ? t('trust.grant.wrong')
          : t('trust.grant.total', {
              total: (terms.calls * terms.bytesEach).toLocaleString(navigator.language),
            })}
      </p>
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <div className="flex justify-end gap-2">
        <button type="button" className="button" onClick={onDone}>
          {t('action.cancel')}
        </button>
        <ArmedButton
          arming={arming}
          busy={busy || terms === null}
          label={t('trust.grant.give')}
          describedBy={about}
          onPress={() => {
            if (terms === null) return;
            const { from, to, action } = ask;
            run(bridge.grant({ from, to, action, ...terms }), onDone);
          }}
        />
      </div>
    </div>
  );
}
