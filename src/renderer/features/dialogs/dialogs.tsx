import { useRef, useState } from 'react';
import type { ReactNode } from 'react';

import { assertNever } from '../../../base/index.ts';
import type { Bridge, Dialog, Domain } from '../../../shared/index.ts';
import { act } from '../../app/act.ts';
import { t } from '../../app/words.ts';
import { DomainChip } from '../../components/domain-chip.tsx';
import { Modal } from '../../components/modal.tsx';

interface Answers {
  readonly confirm: (value: string | null) => void;
  readonly cancel: () => void;
}

/** The dialog that main asks for. What is confirmed goes to main; Escape, Cancel and a click outside go back. */
export function DialogHost(props: {
  readonly dialog: Dialog;
  readonly bridge: Bridge<'overlay'>;
}): ReactNode {
  const { dialog, bridge } = props;
  const answers: Answers = {
    confirm: (value) => {
      act(bridge.dialog.confirm({ value }));
    },
    cancel: () => {
      act(bridge.overlay.close());
    },
  };
  return (
    <Modal
      label={titleOf(dialog)}
      onClose={answers.cancel}
      className="m-auto w-[min(460px,calc(100vw-32px))] rounded-xl p-0"
    >
      <div className="p-5">
        <h2 className="mb-3 text-[15px] leading-6 font-semibold">{titleOf(dialog)}</h2>
        {body(dialog, answers)}
      </div>
    </Modal>
  );
}

function titleOf(dialog: Dialog): string {
  switch (dialog.kind) {
    case 'link':
      return t('dialog.link.title');
    case 'token':
      return t('dialog.token.title', { name: dialog.gatewayName });
    case 'secret':
    case 'danger':
      return dialog.title;
    default:
      return assertNever(dialog);
  }
}

function body(dialog: Dialog, answers: Answers): ReactNode {
  switch (dialog.kind) {
    case 'link':
      return <LinkQuestion dialog={dialog} answers={answers} />;
    case 'token':
      return (
        <SecretEntry
          field={t('dialog.token.field')}
          detail={t('dialog.token.detail')}
          save={t('dialog.token.save')}
          domain={dialog.domain}
          answers={answers}
        />
      );
    case 'secret':
      return (
        <SecretEntry
          field={t('dialog.secret.field')}
          detail={dialog.detail}
          save={t('dialog.secret.save')}
          domain={null}
          answers={answers}
        />
      );
    case 'danger':
      return <DangerQuestion dialog={dialog} answers={answers} />;
    default:
      return assertNever(dialog);
  }
}

/** The host large, because it is what decides; the whole address below, because it is what opens. */
function LinkQuestion(props: {
  readonly dialog: Extract<Dialog, { kind: 'link' }>;
  readonly answers: Answers;
}): ReactNode {
  const { dialog, answers } = props;
  return (
    <>
      <dl className="rounded-lg border border-line bg-canvas">
        <div className="px-3 pt-2.5 pb-2">
          <dt className="text-xs text-ink-2">{t('dialog.link.host')}</dt>
          <dd className="selectable text-xl leading-7 font-semibold wrap-anywhere">
            {dialog.host}
          </dd>
        </div>
        <div className="border-t border-line px-3 py-2">
          <dt className="text-xs text-ink-2">{t('dialog.link.address')}</dt>
          <dd
            className="selectable max-h-28 overflow-y-auto font-mono text-xs leading-[18px] break-all"
            tabIndex={0}
          >
            {dialog.url}
          </dd>
        </div>
      </dl>
      <p className="mt-3 flex items-center gap-2 text-ink-2">
        {t('dialog.link.from', { from: dialog.from })}
        <DomainChip name={dialog.domain.name} tone={dialog.domain.colour} />
      </p>
      <div className="mt-5 flex justify-end gap-2">
        <button type="button" data-first-focus className="button h-8 px-3" onClick={answers.cancel}>
          {t('action.cancel')}
        </button>
        <button
          type="button"
          className="button button-primary h-8 px-3"
          onClick={() => {
            answers.confirm(null);
          }}
        >
          {t('dialog.link.open')}
        </button>
      </div>
    </>
  );
}

/** What may happen, and a word to type: a step that hurts is not taken by a stray Enter. */
function DangerQuestion(props: {
  readonly dialog: Extract<Dialog, { kind: 'danger' }>;
  readonly answers: Answers;
}): ReactNode {
  const { dialog, answers } = props;
  const [typed, setTyped] = useState('');
  const matches = typed.trim().toLowerCase() === dialog.word.trim().toLowerCase();
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        if (matches) answers.confirm(typed);
      }}
    >
      <div className="mb-3">
        <DomainChip name={dialog.domain.name} tone={dialog.domain.colour} />
      </div>
      {dialog.paragraphs.map((paragraph) => (
        <p key={paragraph} className="mb-2 text-ink-2">
          {paragraph}
        </p>
      ))}
      <label className="mt-4 block">
        <span className="mb-1 block text-xs text-ink-2">
          {t('dialog.danger.type', { word: dialog.word })}
        </span>
        <input
          data-first-focus
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          value={typed}
          className="h-9 w-full rounded-md border border-line-strong bg-page px-3 text-sm select-text"
          onChange={(event) => {
            setTyped(event.target.value);
          }}
        />
      </label>
      <div className="mt-5 flex justify-end gap-2">
        <button type="button" className="button h-8 px-3" onClick={answers.cancel}>
          {t('action.cancel')}
        </button>
        <button
          type="submit"
          disabled={!matches}
          className="button h-8 border-transparent bg-danger px-3 text-on-danger hover:bg-danger-hover active:bg-danger-hover"
        >
          {dialog.action}
        </button>
      </div>
    </form>
  );
}

/** The one place where a credential is typed. It is in no state, and gone from the field before main has answered. */
function SecretEntry(props: {
  readonly field: string;
  readonly detail: string;
  readonly save: string;
  readonly domain: Domain | null;
  readonly answers: Answers;
}): ReactNode {
  const { domain, answers } = props;
  const field = useRef<HTMLInputElement>(null);
  return (
    <form
      autoComplete="off"
      onSubmit={(event) => {
        event.preventDefault();
        const input = field.current;
        if (input === null || input.value === '') return;
        const { value } = input;
        input.value = '';
        answers.confirm(value);
      }}
    >
      {domain !== null && (
        <div className="mb-3">
          <DomainChip name={domain.name} tone={domain.colour} />
        </div>
      )}
      <label className="block">
        <span className="mb-1 block text-xs text-ink-2">{props.field}</span>
        <input
          ref={field}
          type="password"
          data-first-focus
          autoComplete="off"
          spellCheck={false}
          maxLength={10_000}
          className="h-9 w-full rounded-md border border-line-strong bg-page px-3 font-mono text-sm select-text"
        />
      </label>
      <p className="mt-2 text-xs text-ink-2">{props.detail}</p>
      <div className="mt-5 flex justify-end gap-2">
        <button type="button" className="button h-8 px-3" onClick={answers.cancel}>
          {t('action.cancel')}
        </button>
        <button type="submit" className="button button-primary h-8 px-3">
          {props.save}
        </button>
      </div>
    </form>
  );
}
