import { useCallback, useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { errorText } from '../../../base/index.ts';
import { filesWays, isGitRemote } from '../../../shared/index.ts';
import type { Bridge, FilesChoice as Choice, PairWorkspace } from '../../../shared/index.ts';
import { useReply } from '../../app/use-reply.ts';
import { t } from '../../app/words.ts';
import { RadioCards, TextField } from './setup/fields.tsx';

/** How the files of a pair are kept in step, and another way where the person wants one. Closed, it is one button. */
export function FilesChoice(props: {
  readonly pairId: string;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'files' | 'chooseFiles'>;
}): ReactNode {
  const [isOpen, setIsOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = (): void => {
    setIsOpen(false);
    button.current?.focus();
  };
  return (
    <div>
      <button
        ref={button}
        type="button"
        aria-expanded={isOpen}
        className="-ml-1 rounded-sm px-1 leading-5 text-ink-2 underline decoration-line-strong underline-offset-2 hover:text-ink"
        onClick={() => {
          setIsOpen(!isOpen);
        }}
      >
        {t('failover.files.change')}
      </button>
      {isOpen && <OpenChoice {...props} onDone={close} />}
    </div>
  );
}

function OpenChoice(props: {
  readonly pairId: string;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'files' | 'chooseFiles'>;
  readonly onDone: () => void;
}): ReactNode {
  const { pairId, bridge, onDone } = props;
  const ask = useCallback(() => bridge.files({ pairId }), [bridge, pairId]);
  const { reply } = useReply(ask);
  if (reply === null) return null;
  if (!reply.ok)
    return (
      <p role="alert" className="text-bad">
        {reply.error.message}
      </p>
    );
  return <ChoiceForm pairId={pairId} bridge={bridge} choice={reply.value} onDone={onDone} />;
}

function ChoiceForm(props: {
  readonly pairId: string;
  readonly bridge: Pick<Bridge<'shell'>['pairs'], 'chooseFiles'>;
  readonly choice: Choice;
  readonly onDone: () => void;
}): ReactNode {
  const { pairId, bridge, choice, onDone } = props;
  const now = choice.workspace;
  const [way, setWay] = useState(now.kind);
  const [remote, setRemote] = useState(now.kind === 'git' ? now.remote : 'origin');
  const [problem, setProblem] = useState<string | null>(null);
  const wanted: PairWorkspace =
    way === 'git' ? { kind: way, remote: remote.trim() } : { kind: way };
  const isSame = JSON.stringify(wanted) === JSON.stringify(now);
  const cannot = way === 'git' && (!choice.hasGit || !isGitRemote(remote.trim()));

  async function choose(): Promise<void> {
    try {
      const reply = await bridge.chooseFiles({ pairId, workspace: wanted });
      if (reply.ok) onDone();
      else setProblem(reply.error.message);
    } catch (error) {
      setProblem(errorText(error));
    }
  }

  return (
    <form
      aria-label={t('setup.field.files')}
      className="mt-2 flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void choose();
      }}
    >
      <FilesWay
        way={way}
        remote={remote}
        hasGit={choice.hasGit}
        onWay={setWay}
        onRemote={setRemote}
      />
      {choice.two && <p className="text-ink-2">{t('failover.files.change.two')}</p>}
      <p role="alert" className={problem === null ? 'sr-only' : 'text-bad'}>
        {problem}
      </p>
      <div className="flex justify-end gap-2">
        <button type="button" className="button" onClick={onDone}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="button button-primary" disabled={isSame || cannot}>
          {t('failover.files.choose')}
        </button>
      </div>
    </form>
  );
}

/** The ways, what each means, and what stands in the way of one. */
export function FilesWay(props: {
  readonly way: PairWorkspace['kind'];
  readonly remote: string;
  readonly hasGit: boolean;
  readonly onWay: (way: PairWorkspace['kind']) => void;
  readonly onRemote: (remote: string) => void;
}): ReactNode {
  const { way, remote, hasGit, onWay, onRemote } = props;
  return (
    <>
      <RadioCards
        legend={t('setup.field.files')}
        value={way}
        options={filesWays.map((value) => ({
          value,
          title: t(`setup.files.${value}`),
          detail: t(`setup.files.${value}.detail`),
        }))}
        fault={way === 'git' && !hasGit ? 'no-git' : undefined}
        onChange={onWay}
      />
      {way === 'git' && (
        <TextField
          label={t('setup.field.gitRemote')}
          value={remote}
          hint={t('setup.field.gitRemote.hint')}
          fault={isGitRemote(remote.trim()) ? undefined : 'remote'}
          onChange={onRemote}
        />
      )}
    </>
  );
}
