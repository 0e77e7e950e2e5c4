import { useEffect, useRef } from 'react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';

import type { Bridge, JoinMember, JoinPreview } from '../../../../shared/index.ts';
import { act } from '../../../app/act.ts';
import { t } from '../../../app/words.ts';
import { TextField } from '../setup/fields.tsx';
import { JoinLeft } from './join-left.tsx';
import { JoinProblem } from './join-problem.tsx';
import { askForPair, cancelJoin, endJoin, joinStore, typeJoin, writeJoin } from './join-store.ts';

/** Joins a pair that another computer's app has, by the code that it shows: asks for it, shows what came, writes it. */
export function JoinPanel(props: {
  readonly bridge: Pick<Bridge<'shell'>, 'pairs' | 'panel'>;
}): ReactNode {
  const { pairs, panel } = props.bridge;
  const { phase } = useStore(joinStore);
  const title = useRef<HTMLHeadingElement>(null);
  const step = phase.kind === 'asking' ? 'form' : phase.kind === 'writing' ? 'preview' : phase.kind;
  const first = useRef(step);

  // Each step reads from its top; the panel itself takes the focus when it opens.
  useEffect(() => {
    if (first.current !== step) title.current?.focus();
    first.current = step;
  }, [step]);

  const back = (): void => {
    act(panel.open({ panel: 'failover' }));
  };
  return (
    <div className="flex flex-col gap-4">
      <header>
        <h3
          ref={title}
          tabIndex={-1}
          className="text-[15px] leading-6 font-semibold focus-visible:outline-none"
        >
          {phase.kind === 'done'
            ? t('take.done.title')
            : phase.kind === 'preview' || phase.kind === 'writing'
              ? t('take.preview.title', { name: phase.preview.pairName })
              : t('take.title')}
        </h3>
        {(phase.kind === 'preview' || phase.kind === 'writing') && (
          <p className="text-xs leading-4 text-ink-2">{t('take.preview.detail')}</p>
        )}
      </header>
      {(phase.kind === 'form' || phase.kind === 'asking') && (
        <CodeForm isAsking={phase.kind === 'asking'} bridge={pairs} onBack={back} />
      )}
      {(phase.kind === 'preview' || phase.kind === 'writing') && (
        <Came preview={phase.preview} isWriting={phase.kind === 'writing'} bridge={pairs} />
      )}
      {phase.kind === 'done' && (
        <JoinLeft
          done={phase.done}
          hasToken={phase.hasToken}
          bridge={pairs}
          onClose={() => {
            endJoin();
            back();
          }}
        />
      )}
    </div>
  );
}

function CodeForm(props: {
  readonly isAsking: boolean;
  readonly bridge: Bridge<'shell'>['pairs'];
  readonly onBack: () => void;
}): ReactNode {
  const { isAsking, bridge, onBack } = props;
  const { address, code } = useStore(joinStore);
  return (
    <form
      aria-label={t('take.title')}
      className="flex flex-col gap-4"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isAsking) void askForPair(bridge);
      }}
    >
      <p className="text-ink-2">{t('take.intro')}</p>
      <TextField
        label={t('take.address')}
        value={address}
        hint={t('take.address.hint')}
        fault={undefined}
        onChange={(typed) => {
          typeJoin({ address: typed });
        }}
      />
      <TextField
        label={t('take.code')}
        value={code}
        hint={t('take.code.hint')}
        fault={undefined}
        onChange={(typed) => {
          typeJoin({ code: typed });
        }}
      />
      <section aria-label={t('take.next')}>
        <h4 className="heading mb-1">{t('take.next')}</h4>
        <ol className="flex list-decimal flex-col gap-1 pl-4 text-xs leading-4 text-ink-2">
          {(['ask', 'show', 'left'] as const).map((step) => (
            <li key={step}>{t(`take.next.${step}`)}</li>
          ))}
        </ol>
      </section>
      <p role="status" className={isAsking ? 'animate-breathe text-xs text-ink-2' : 'sr-only'}>
        {isAsking && t('take.asking', { address })}
      </p>
      <JoinProblem />
      <footer className="flex items-center gap-2 border-t border-line pt-4">
        <button type="button" className="button button-quiet h-8" onClick={onBack}>
          {t('take.back')}
        </button>
        <span className="flex-1" />
        {isAsking && (
          <button type="button" className="button h-8 px-3" onClick={() => void cancelJoin(bridge)}>
            {t('take.cancel')}
          </button>
        )}
        <button
          type="submit"
          className={`button button-primary h-8 px-3 ${isAsking ? 'opacity-50' : ''}`}
          aria-disabled={isAsking}
          disabled={address.trim() === '' || code.trim() === ''}
        >
          {t('take.ask')}
        </button>
      </footer>
    </form>
  );
}

function Came(props: {
  readonly preview: JoinPreview;
  readonly isWriting: boolean;
  readonly bridge: Bridge<'shell'>['pairs'];
}): ReactNode {
  const { preview, isWriting, bridge } = props;
  const { here, there, register, folder, files, replaces } = preview;
  return (
    <>
      <dl className="divide-y divide-line rounded-lg border border-line bg-raise text-xs leading-4">
        <Row term={t('take.here')}>{memberWords(here)}</Row>
        <Row term={t('take.there')}>{memberWords(there)}</Row>
        <Row term={t('take.register')}>{register}</Row>
        <Row term={t('take.folder')}>
          <span className="font-mono">{folder}</span>
        </Row>
        <Row term={t('take.files')}>
          <ul className="font-mono">
            {files.map((file) => (
              <li key={file}>{file}</li>
            ))}
          </ul>
        </Row>
      </dl>
      {replaces && (
        <p className="rounded-md bg-warn-soft px-3 py-2 text-xs leading-4">{t('take.replaces')}</p>
      )}
      <p className="text-xs leading-4 text-ink-2">
        {t('take.next.left')} {t('take.unwanted')}
      </p>
      <JoinProblem />
      <footer className="flex items-center justify-end gap-2 border-t border-line pt-4">
        <button
          type="button"
          className="button h-8 px-3"
          disabled={isWriting}
          onClick={() => void cancelJoin(bridge)}
        >
          {t('take.cancel')}
        </button>
        <button
          type="button"
          className={`button button-primary h-8 px-3 ${isWriting ? 'opacity-50' : ''}`}
          aria-disabled={isWriting}
          onClick={() => void writeJoin(bridge)}
        >
          {t(isWriting ? 'take.writing' : 'take.write')}
        </button>
      </footer>
    </>
  );
}

function Row(props: { readonly term: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="grid grid-cols-[104px_1fr] gap-2 px-3 py-2">
      <dt className="leading-5 text-ink-2">{props.term}</dt>
      <dd className="selectable min-w-0 leading-5 wrap-anywhere">{props.children}</dd>
    </div>
  );
}

function memberWords({ name, role, address }: JoinMember): ReactNode {
  return (
    <>
      <span className="block font-medium">
        {t('take.member', { name, role: t(`failover.${role}`) })}
      </span>
      <span className="block font-mono text-ink-2">{address}</span>
    </>
  );
}
