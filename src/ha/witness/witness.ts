/**
 * The register of one pair at a witness: `(state, event) → (state, commands)`. It decides nothing about who is well; it only
 * never says two different things.
 *
 * Invariants
 * 1. `swapped` is said, and a new record shown to anyone, only after `saved`: what was answered survives a power cut.
 * 2. One request at a time: a swap compares with what the swap before it left.
 * 3. What a store that failed now holds is not known. It is read and saved again before anything is answered from it; the
 *    same at the start, when a killed predecessor may have left a record that is there but not yet durable.
 * 4. Nothing is invented: a register without a record is `empty`, a damaged one is `unreadable`.
 * 5. A request that comes twice, late or from a recording changes nothing: every record carries a counter that only rises,
 *    so what it expects is gone for good once a swap happened. (A witness that lost its state accepts the first swap of a
 *    recording again: an old epoch, which the guardians refuse because each remembers the highest one.)
 */
import type { RegisterRead, RegisterRecord } from '../model.ts';
import { sameRecord } from '../register/record.ts';
import type { WitnessAnswer, WitnessRequest } from './model.ts';

/** Whom to answer; the caller's own. */
export type Ticket = number;

interface Waiting {
  readonly ticket: Ticket;
  readonly request: WitnessRequest;
}

export interface WitnessState {
  readonly held:
    | { readonly kind: 'unsure' }
    | { readonly kind: 'known'; readonly record: RegisterRecord | null };
  /** The one operation of the store in flight; `swap`: whom it is for. */
  readonly work:
    | { readonly kind: 'loading' }
    | { readonly kind: 'saving'; readonly record: RegisterRecord; readonly swap: Ticket | null }
    | null;
  readonly waiting: readonly Waiting[];
}

export type WitnessEvent =
  | { readonly kind: 'request'; readonly ticket: Ticket; readonly request: WitnessRequest }
  | { readonly kind: 'loaded'; readonly result: RegisterRead }
  | { readonly kind: 'saved' }
  | { readonly kind: 'save-failed'; readonly detail: string };

export type WitnessCommand =
  | { readonly kind: 'load' }
  | { readonly kind: 'save'; readonly record: RegisterRecord }
  | { readonly kind: 'reply'; readonly ticket: Ticket; readonly answer: WitnessAnswer };

export interface WitnessStep {
  readonly state: WitnessState;
  readonly commands: readonly WitnessCommand[];
}

/** More wait than any pair sends within a time limit; the rest is not answered, and its sender asks again. */
const mostWaiting = 64;

/** A witness that has just started: it knows nothing yet (invariant 3). */
export function createWitness(): WitnessState {
  return { held: { kind: 'unsure' }, work: null, waiting: [] };
}

/** Takes in what happened. A `loaded`, `saved` or `save-failed` must be the answer to the last such command. */
export function reduceWitness(state: WitnessState, event: WitnessEvent): WitnessStep {
  switch (event.kind) {
    case 'request': {
      if (state.waiting.length >= mostWaiting) return { state, commands: [] };
      const { ticket, request } = event;
      return proceed({ ...state, waiting: [...state.waiting, { ticket, request }] });
    }
    case 'loaded':
      return loaded(state, event.result);
    case 'saved':
      return saved(state);
    case 'save-failed':
      return saveFailed(state, event.detail);
  }
}

function loaded(state: WitnessState, result: RegisterRead): WitnessStep {
  if (state.work?.kind !== 'loading') throw new Error('Nothing was being loaded.');
  switch (result.kind) {
    case 'found':
      return {
        state: { ...state, work: { kind: 'saving', record: result.record, swap: null } },
        commands: [{ kind: 'save', record: result.record }],
      };
    case 'empty':
      return proceed({ ...state, held: { kind: 'known', record: null }, work: null });
    case 'unreadable':
      return answerAll(state, result);
  }
}

function saved(state: WitnessState): WitnessStep {
  const { work } = state;
  if (work?.kind !== 'saving') throw new Error('Nothing was being saved.');
  const known: WitnessState = {
    ...state,
    held: { kind: 'known', record: work.record },
    work: null,
  };
  return proceed(known, replyTo(work.swap, { kind: 'swapped' }));
}

function saveFailed(state: WitnessState, detail: string): WitnessStep {
  const { work } = state;
  if (work?.kind !== 'saving') throw new Error('Nothing was being saved.');
  const answer: WitnessAnswer = { kind: 'failed', detail };
  // Failing again at once would only fail everybody who waits, one after the other.
  return answerAll(state, answer, replyTo(work.swap, answer));
}

function replyTo(ticket: Ticket | null, answer: WitnessAnswer): readonly WitnessCommand[] {
  return ticket === null ? [] : [{ kind: 'reply', ticket, answer }];
}

function answerAll(
  state: WitnessState,
  answer: WitnessAnswer,
  first: readonly WitnessCommand[] = [],
): WitnessStep {
  return {
    state: { ...state, held: { kind: 'unsure' }, work: null, waiting: [] },
    commands: [...first, ...state.waiting.flatMap(({ ticket }) => replyTo(ticket, answer))],
  };
}

/** Works off the queue until the store is needed. */
function proceed(start: WitnessState, before: readonly WitnessCommand[] = []): WitnessStep {
  const commands = [...before];
  let state = start;
  for (;;) {
    const [first, ...waiting] = state.waiting;
    if (state.work !== null || first === undefined) return { state, commands };
    if (state.held.kind === 'unsure') {
      state = { ...state, work: { kind: 'loading' } };
      commands.push({ kind: 'load' });
      continue;
    }
    const { ticket, request } = first;
    const { record } = state.held;
    state = { ...state, waiting };
    if (request.op === 'swap' && sameRecord(record, request.expected)) {
      state = { ...state, work: { kind: 'saving', record: request.next, swap: ticket } };
      commands.push({ kind: 'save', record: request.next });
    } else {
      commands.push({ kind: 'reply', ticket, answer: withoutWrite(request, record) });
    }
  }
}

function withoutWrite(request: WitnessRequest, record: RegisterRecord | null): WitnessAnswer {
  if (request.op === 'swap') return { kind: 'conflict', held: record };
  return record === null ? { kind: 'empty' } : { kind: 'found', record };
}
