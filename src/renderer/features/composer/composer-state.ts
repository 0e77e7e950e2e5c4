/**
 * What the composer knows and does next, as a pure reducer: the text, its binding, the route on show, one Enter at a time.
 *
 * 1. At most one preview is out. When it returns and the draft has moved on, the newest draft is asked about.
 * 2. Only an answer about the current edit is shown.
 * 3. A send carries the pane on show, and is made only while what is shown is about the current edit and says `send`.
 * 4. Enter on an out-of-date route refreshes it first; it sends only if the target is still the one that was on show.
 * 5. Text leaves the composer only after main accepted it, and then only the part that was sent.
 * 6. What the person has to confirm is asked about once its route is shown, and sent only by a press of its own, under exactly
 *    what was shown; any change of the draft forgets it.
 * 7. Nothing is saved before the stored draft was read: an early save would overwrite it.
 */
import { assertNever } from '../../../base/index.ts';
import type {
  AppError,
  Draft,
  Reply,
  RouteDecision,
  SendConfirmation,
} from '../../../shared/index.ts';

export interface ComposerState extends Draft {
  /** Rises with everything that may change the route. */
  readonly edit: number;
  readonly shown: { readonly edit: number; readonly route: Reply<RouteDecision> } | null;
  /** The edit that main is being asked about. */
  readonly asking: number | null;
  /** Enter was pressed while the route was out of date; `paneId` is the target that was on show. */
  readonly enter: { readonly edit: number; readonly paneId: string | null } | null;
  readonly sending: Draft | null;
  /** What would have to be confirmed for this draft to be sent. */
  readonly confirmation: SendConfirmation | null;
  /** The person pressed Enter and sees it now. */
  readonly confirming: boolean;
  /** Why the last Enter sent nothing although nothing went wrong. */
  readonly held: 'undecided' | 'changed' | null;
  readonly problem: { readonly kind: 'send' | 'load'; readonly error: AppError } | null;
  readonly loaded: boolean;
}

export type ComposerEvent =
  | { readonly kind: 'loaded'; readonly reply: Reply<Draft> }
  | { readonly kind: 'typed'; readonly text: string }
  | { readonly kind: 'given'; readonly text: string }
  | { readonly kind: 'bound'; readonly paneId: string | null }
  | { readonly kind: 'cycled'; readonly paneIds: readonly string[] }
  /** Rules, panes or the focused pane changed: the same text may go elsewhere. */
  | { readonly kind: 'world-changed' }
  | { readonly kind: 'previewed'; readonly edit: number; readonly reply: Reply<RouteDecision> }
  | {
      readonly kind: 'confirmable';
      readonly edit: number;
      readonly reply: Reply<SendConfirmation | null>;
    }
  | { readonly kind: 'confirmed' }
  | { readonly kind: 'unconfirmed' }
  | { readonly kind: 'entered' }
  | { readonly kind: 'sent'; readonly reply: Reply<unknown> }
  | { readonly kind: 'dismissed' };

export type ComposerCommand =
  | { readonly kind: 'preview'; readonly edit: number; readonly draft: Draft }
  | { readonly kind: 'send'; readonly draft: Draft; readonly shown: string }
  | { readonly kind: 'confirmation'; readonly edit: number; readonly draft: Draft }
  | {
      readonly kind: 'confirm';
      readonly draft: Draft;
      readonly shown: string;
      readonly digest: string;
    }
  | { readonly kind: 'save'; readonly when: 'soon' | 'now' };

export interface ComposerStep {
  readonly state: ComposerState;
  readonly commands: readonly ComposerCommand[];
}

export const emptyComposer: ComposerState = {
  text: '',
  binding: null,
  edit: 0,
  shown: null,
  asking: null,
  enter: null,
  sending: null,
  confirmation: null,
  confirming: false,
  held: null,
  problem: null,
  loaded: false,
};

/** The decision on show if it is about the current edit; null while it is out of date or not known. */
export function currentDecision(state: ComposerState): RouteDecision | null {
  return state.shown?.edit === state.edit ? shownDecision(state) : null;
}

/** The decision on show, even if the draft has moved on since. */
export function shownDecision(state: ComposerState): RouteDecision | null {
  return state.shown?.route.ok === true ? state.shown.route.value : null;
}

/** What an event makes of the composer, and what is to be done about it. */
export function composerStep(state: ComposerState, event: ComposerEvent): ComposerStep {
  switch (event.kind) {
    case 'loaded':
      return load(state, event.reply);
    case 'typed':
      return changeDraft(state, { text: event.text });
    case 'given':
      return changeDraft(state, {
        text: state.text === '' ? event.text : `${state.text}\n\n${event.text}`,
      });
    case 'bound':
      return changeDraft(state, { binding: event.paneId });
    case 'cycled':
      return changeDraft(state, { binding: nextBinding(state.binding, event.paneIds) });
    case 'world-changed':
      return ask({ ...state, edit: state.edit + 1 });
    case 'previewed':
      return showRoute(state, event.edit, event.reply);
    case 'confirmable':
      return showConfirmation(state, event.edit, event.reply);
    case 'confirmed':
      return confirm(state);
    case 'unconfirmed':
      return { state: { ...state, confirming: false }, commands: [] };
    case 'entered':
      return enter(state);
    case 'sent':
      return settleSend(state, event.reply);
    case 'dismissed':
      return { state: { ...state, problem: null }, commands: [] };
    default:
      return assertNever(event);
  }
}

function load(state: ComposerState, reply: Reply<Draft>): ComposerStep {
  const base: ComposerState = { ...state, loaded: true, edit: state.edit + 1 };
  if (!reply.ok) return ask({ ...base, problem: { kind: 'load', error: reply.error } });
  const stored = reply.value;
  const text = [stored.text, state.text].filter((part) => part !== '').join('\n');
  return ask({ ...base, text, binding: state.binding ?? stored.binding });
}

function changeDraft(state: ComposerState, change: Partial<Draft>): ComposerStep {
  const next = ask({
    ...state,
    ...change,
    edit: state.edit + 1,
    enter: null,
    held: null,
    confirmation: null,
    confirming: false,
  });
  return state.loaded
    ? { ...next, commands: [...next.commands, { kind: 'save', when: 'soon' }] }
    : next;
}

function nextBinding(binding: string | null, paneIds: readonly string[]): string | null {
  const index = binding === null ? -1 : paneIds.indexOf(binding);
  return paneIds[index + 1] ?? null;
}

/** Asks about the current edit, unless a question is out already (1). */
function ask(state: ComposerState): ComposerStep {
  if (state.asking !== null || state.shown?.edit === state.edit) return { state, commands: [] };
  return {
    state: { ...state, asking: state.edit },
    commands: [
      { kind: 'preview', edit: state.edit, draft: { text: state.text, binding: state.binding } },
    ],
  };
}

function showRoute(state: ComposerState, edit: number, reply: Reply<RouteDecision>): ComposerStep {
  const answered: ComposerState = state.asking === edit ? { ...state, asking: null } : state;
  if (edit !== state.edit) return ask(answered); // 2
  const shown: ComposerState = { ...answered, shown: { edit, route: reply }, enter: null };
  if (reply.ok && reply.value.via === 'guard') {
    const draft = { text: state.text, binding: state.binding };
    return {
      state: { ...shown, held: state.enter === null ? state.held : 'undecided' },
      commands: [{ kind: 'confirmation', edit, draft }],
    };
  }
  return routeShown({ ...shown, confirmation: null, confirming: false }, state.enter);
}

function routeShown(shown: ComposerState, entered: ComposerState['enter']): ComposerStep {
  if (entered === null) return { state: shown, commands: [] };
  const decision = currentDecision(shown);
  if (decision?.action !== 'send' || decision.paneId === null) return hold(shown);
  if (decision.paneId !== entered.paneId)
    return { state: { ...shown, held: 'changed' }, commands: [] };
  return send(shown, decision.paneId); // 4
}

function showConfirmation(
  state: ComposerState,
  edit: number,
  reply: Reply<SendConfirmation | null>,
): ComposerStep {
  if (edit !== state.edit) return { state, commands: [] };
  const confirmation = reply.ok ? reply.value : null;
  // What is on show stays there only as it is (6).
  const same = confirmation !== null && confirmation.digest === state.confirmation?.digest;
  return { state: { ...state, confirmation, confirming: state.confirming && same }, commands: [] };
}

function confirm(state: ComposerState): ComposerStep {
  const { confirmation } = state;
  if (confirmation === null || !state.confirming || state.sending !== null)
    return { state, commands: [] };
  const draft: Draft = { text: state.text, binding: state.binding };
  const { paneId, digest } = confirmation;
  return {
    state: { ...state, sending: draft, problem: null },
    commands: [{ kind: 'confirm', draft, shown: paneId, digest }],
  };
}

function enter(state: ComposerState): ComposerStep {
  if (state.sending !== null || !state.loaded) return { state, commands: [] };
  if (state.confirmation !== null)
    return { state: { ...state, confirming: true, held: null }, commands: [] };
  const decision = currentDecision(state);
  if (decision?.action === 'send' && decision.paneId !== null) return send(state, decision.paneId);
  if (decision !== null) return hold(state);
  const onShow = shownDecision(state);
  const paneId = onShow?.action === 'send' ? onShow.paneId : null;
  // A preview that failed is current and yet says nothing: Enter asks again.
  const failed = state.shown?.edit === state.edit;
  return ask({ ...state, shown: failed ? null : state.shown, enter: { edit: state.edit, paneId } });
}

function hold(state: ComposerState): ComposerStep {
  const decision = currentDecision(state);
  const undecided = decision !== null && decision.action !== 'stay' && state.text.trim() !== '';
  return { state: { ...state, enter: null, held: undecided ? 'undecided' : null }, commands: [] };
}

function send(state: ComposerState, paneId: string): ComposerStep {
  const draft: Draft = { text: state.text, binding: state.binding };
  return {
    state: { ...state, sending: draft, enter: null, held: null, problem: null },
    commands: [{ kind: 'send', draft, shown: paneId }], // 3
  };
}

function settleSend(state: ComposerState, reply: Reply<unknown>): ComposerStep {
  const { sending } = state;
  if (sending === null) return { state, commands: [] };
  const settled: ComposerState = {
    ...state,
    sending: null,
    edit: state.edit + 1,
    confirmation: null,
    confirming: false,
  };
  // The rules may have moved under the person's hand: show where the text would go now.
  if (!reply.ok) return ask({ ...settled, problem: { kind: 'send', error: reply.error } });
  const rest = state.text.startsWith(sending.text)
    ? state.text.slice(sending.text.length)
    : state.text; // 5
  const next = ask({ ...settled, text: rest });
  return { ...next, commands: [...next.commands, { kind: 'save', when: 'now' }] };
}
