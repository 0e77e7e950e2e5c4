/**
 * A page's copy of a state that main owns: one store, two writers, and the way they are fed.
 *
 * 1. Only `applySnapshot` and `applyChange` write.
 * 2. A message whose revision is not above the last one is dropped.
 * 3. Changes that arrive before the snapshot wait for it, so nothing between subscribing and asking is lost.
 */
import { createStore } from 'zustand/vanilla';
import type { StoreApi } from 'zustand/vanilla';

import { errorText } from '../../base/index.ts';
import type { Reply } from '../../shared/index.ts';

export interface Projected<State> {
  /** Null until the first snapshot. */
  readonly value: State | null;
  readonly revision: number;
  /** Why the snapshot could not be had; null otherwise. */
  readonly problem: string | null;
}

export interface Projection<State, Message> {
  readonly store: StoreApi<Projected<State>>;
  applySnapshot(message: Message): void;
  applyChange(message: Message): void;
}

export interface ProjectionSource<Message> {
  readonly get: () => Promise<Reply<Message>>;
  readonly onChanged: (listener: (message: Message) => void) => () => void;
}

/** Makes an empty projection; `merge` says what a message makes of the value so far. */
export function createProjection<State, Message extends { readonly revision: number }>(
  merge: (value: State | null, message: Message) => State | null,
): Projection<State, Message> {
  const store = createStore<Projected<State>>(() => ({ value: null, revision: -1, problem: null }));
  const apply = (message: Message): void => {
    const { value, revision } = store.getState();
    if (message.revision <= revision) return;
    store.setState({ value: merge(value, message), revision: message.revision, problem: null });
  };
  return { store, applySnapshot: apply, applyChange: apply };
}

/** Feeds a projection from main: subscribes, then asks. Returns the function that ends it. */
export function followSource<State, Message extends { readonly revision: number }>(
  projection: Projection<State, Message>,
  source: ProjectionSource<Message>,
): () => void {
  let early: Message[] | null = [];
  const stop = source.onChanged((message) => {
    if (early === null) projection.applyChange(message);
    else early.push(message);
  });
  const settle = (reply: Reply<Message>): void => {
    if (reply.ok) projection.applySnapshot(reply.value);
    else projection.store.setState({ problem: reply.error.message });
    const waiting = early ?? [];
    early = null;
    for (const message of waiting) projection.applyChange(message);
  };
  source.get().then(settle, (error: unknown) => {
    settle({ ok: false, error: { code: 'internal', message: errorText(error), retryable: true } });
  });
  return stop;
}
