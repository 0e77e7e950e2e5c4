import { ArrowUp, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { useStore } from 'zustand';

import type { AppState } from '../../../shared/index.ts';
import { actionProblem } from '../../app/act.ts';
import { t, toneOf } from '../../app/words.ts';
import { IconButton } from '../../components/icon-button.tsx';
import { ConfirmSend } from './confirm-send.tsx';
import { RouteChoices } from './route-choices.tsx';
import { RouteStatus } from './route-status.tsx';
import { shownDecision } from './composer-state.ts';
import type { ComposerState } from './composer-state.ts';
import type { Composer as ComposerModel } from './composer-store.ts';

/** Where every message begins: the route as it stands, the text, and what the keys do. */
export function Composer(props: {
  readonly composer: ComposerModel;
  readonly state: Pick<AppState, 'domains' | 'panes'>;
  readonly input: RefObject<HTMLTextAreaElement | null>;
}): ReactNode {
  const { composer, state, input } = props;
  const draft = useStore(composer.store);
  const [tabLeaves, setTabLeaves] = useState(false);
  const decision = shownDecision(draft);
  const bound = state.panes.find((pane) => pane.id === draft.binding);

  // The text is back: so is the person's hand.
  const wasConfirming = useRef(false);
  useEffect(() => {
    if (wasConfirming.current && !draft.confirming) input.current?.focus();
    wasConfirming.current = draft.confirming;
  }, [draft.confirming, input]);

  useEffect(() => {
    window.addEventListener('pagehide', composer.flush);
    return () => {
      window.removeEventListener('pagehide', composer.flush);
    };
  }, [composer]);

  function press(event: KeyboardEvent<HTMLTextAreaElement>): void {
    if (event.nativeEvent.isComposing) return; // Enter and Tab belong to the input method now
    if (event.key === 'Enter' && !event.shiftKey) {
      event.preventDefault();
      composer.dispatch({ kind: 'entered' });
    } else if (event.key === 'Escape') {
      setTabLeaves(true);
    } else if (event.key === 'Tab' && !event.shiftKey && !tabLeaves) {
      event.preventDefault();
      composer.dispatch({ kind: 'cycled', paneIds: state.panes.map((pane) => pane.id) });
    }
  }

  function choose(paneId: string | null): void {
    composer.dispatch({ kind: 'bound', paneId });
    input.current?.focus();
  }

  return (
    <form
      aria-label={t('composer.form')}
      data-tone={toneOf(state.domains, decision?.action === 'send' ? decision.domain : null)}
      className="flex h-full flex-col px-4 pt-2 pb-2"
      onSubmit={(event) => {
        event.preventDefault();
        composer.dispatch({ kind: 'entered' });
      }}
    >
      <div className="flex h-7 min-w-0 items-center gap-2">
        <RouteStatus draft={draft} state={state} />
        {draft.confirmation === null &&
          decision !== null &&
          (decision.action === 'ask' || decision.action === 'suggest') && (
            <RouteChoices panes={state.panes} domains={state.domains} onChoose={choose} />
          )}
        {bound !== undefined && (
          <span className="ml-auto inline-flex h-6 shrink-0 items-center rounded-md bg-hover pl-2 text-xs text-ink-2">
            {t('composer.bound', { name: bound.name })}
            <IconButton
              icon={X}
              name={t('composer.unbind', { name: bound.name })}
              className="size-6!"
              onPress={() => {
                choose(null);
              }}
            />
          </span>
        )}
      </div>
      {draft.confirming && draft.confirmation !== null && (
        <ConfirmSend
          confirmation={draft.confirmation}
          domains={state.domains}
          sending={draft.sending !== null}
          onConfirm={() => {
            composer.dispatch({ kind: 'confirmed' });
          }}
          onCancel={() => {
            composer.dispatch({ kind: 'unconfirmed' });
          }}
        />
      )}
      <div
        className={`mt-1 min-h-0 flex-1 rounded-lg border border-line-strong bg-raise shadow-lift focus-within:border-tone ${draft.confirming ? 'hidden' : 'flex'}`}
      >
        <textarea
          ref={input}
          autoFocus
          aria-label={t('composer.label')}
          aria-describedby="composer-keys"
          placeholder={t('composer.placeholder')}
          autoComplete="off"
          spellCheck={false}
          className="min-h-0 flex-1 resize-none rounded-lg bg-transparent px-3 py-2 text-sm leading-5 text-ink select-text placeholder:text-ink-3 focus-visible:outline-none"
          value={draft.text}
          onChange={(event) => {
            setTabLeaves(false);
            composer.dispatch({ kind: 'typed', text: event.target.value });
          }}
          onKeyDown={press}
          onBlur={() => {
            setTabLeaves(false);
            composer.flush();
          }}
        />
        <button
          type="submit"
          className="m-1.5 inline-flex size-8 shrink-0 items-center justify-center self-end rounded-md bg-solid text-on-solid transition-colors duration-100 hover:bg-solid-hover disabled:bg-press disabled:text-ink-3"
          aria-label={t('composer.send')}
          title={t('composer.send')}
          disabled={draft.text.trim() === ''}
        >
          <ArrowUp aria-hidden className="size-4" strokeWidth={2.25} />
        </button>
      </div>
      <div className="mt-1 flex h-5 min-w-0 items-center">
        <ComposerProblem composer={composer} draft={draft} />
        <KeyHints tabLeaves={tabLeaves} />
      </div>
    </form>
  );
}

/** What went wrong, in place of the key hints. */
function ComposerProblem(props: {
  readonly composer: ComposerModel;
  readonly draft: ComposerState;
}): ReactNode {
  const { problem } = props.draft;
  const action = useStore(actionProblem).message;
  const words =
    problem === null
      ? action === null
        ? null
        : t('app.not-done', { message: action })
      : t(problem.kind === 'send' ? 'composer.undelivered' : 'composer.no-draft', {
          message: problem.error.message,
        });
  return (
    <div
      role="alert"
      className={
        words === null ? 'sr-only' : 'peer flex min-w-0 items-center gap-1 text-xs text-bad'
      }
      data-shown={words !== null}
    >
      {words !== null && (
        <>
          <span className="truncate" title={words}>
            {words}
          </span>
          <IconButton
            icon={X}
            name={t('action.dismiss')}
            className="size-5!"
            onPress={() => {
              actionProblem.setState({ message: null });
              props.composer.dispatch({ kind: 'dismissed' });
            }}
          />
        </>
      )}
    </div>
  );
}

function KeyHints(props: { readonly tabLeaves: boolean }): ReactNode {
  const hints = props.tabLeaves
    ? [t('composer.hint.leaving', { key: t('key.tab') })]
    : [
        t('composer.hint.send', { key: t('key.enter') }),
        t('composer.hint.line', { key: t('key.shift-enter') }),
        t('composer.hint.route', { key: t('key.tab') }),
        t('composer.hint.leave', { first: t('key.escape'), second: t('key.tab') }),
      ];
  return (
    <p
      id="composer-keys"
      className="flex min-w-0 gap-x-4 overflow-hidden text-[11px] leading-4 whitespace-nowrap text-ink-3 peer-data-[shown=true]:sr-only"
    >
      {hints.map((hint) => (
        <span key={hint}>{hint}</span>
      ))}
    </p>
  );
}
