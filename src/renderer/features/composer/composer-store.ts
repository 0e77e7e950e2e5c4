import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

import { errorText, fail } from '../../../base/index.ts';
import { appError } from '../../../shared/index.ts';
import type { Bridge, Reply } from '../../../shared/index.ts';
import { composerStep, emptyComposer } from './composer-state.ts';
import type { ComposerCommand, ComposerEvent, ComposerState } from './composer-state.ts';

export interface Composer {
  readonly store: StoreApi<ComposerState>;
  readonly dispatch: (event: ComposerEvent) => void;
  /** Saves a draft that waits to be saved, now: the page may be about to go. */
  readonly flush: () => void;
}

const saveDelayMs = 300;

/** Runs the composer's reducer against main, and reads the stored draft. */
export function createComposer(bridge: Bridge<'shell'>['composer']): Composer {
  const store = createStore<ComposerState>(() => emptyComposer);
  let saving: ReturnType<typeof setTimeout> | null = null;

  function dispatch(event: ComposerEvent): void {
    const { state, commands } = composerStep(store.getState(), event);
    store.setState(state, true);
    for (const command of commands) perform(command);
  }

  function perform(command: ComposerCommand): void {
    if (command.kind === 'preview') {
      const { edit, draft } = command;
      void settled(bridge.preview(draft)).then((reply) => {
        dispatch({ kind: 'previewed', edit, reply });
      });
    } else if (command.kind === 'send') {
      void settled(bridge.send({ ...command.draft, shown: command.shown })).then((reply) => {
        dispatch({ kind: 'sent', reply });
      });
    } else if (command.kind === 'confirmation') {
      const { edit, draft } = command;
      void settled(bridge.confirmation(draft)).then((reply) => {
        dispatch({ kind: 'confirmable', edit, reply });
      });
    } else if (command.kind === 'confirm') {
      const { draft, shown, digest } = command;
      void settled(bridge.confirm({ ...draft, shown, digest })).then((reply) => {
        dispatch({ kind: 'sent', reply });
      });
    } else {
      if (saving !== null) clearTimeout(saving);
      saving = setTimeout(flush, command.when === 'now' ? 0 : saveDelayMs);
    }
  }

  function flush(): void {
    if (saving === null) return;
    clearTimeout(saving);
    saving = null;
    const { text, binding } = store.getState();
    void settled(bridge.saveDraft({ text, binding }));
  }

  void settled(bridge.load()).then((reply) => {
    dispatch({ kind: 'loaded', reply });
  });
  return { store, dispatch, flush };
}

/** A call that cannot reject: main being gone is an answer like any other. */
async function settled<Value>(call: Promise<Reply<Value>>): Promise<Reply<Value>> {
  try {
    return await call;
  } catch (error) {
    return fail(appError('internal', errorText(error), true));
  }
}
