/**
 * Joining a pair of another computer, as far as it is. It lives as long as the page, so that closing the panel loses
 * nothing: main would give what was taken only once.
 */
import { createStore } from 'zustand/vanilla';

import { errorText } from '../../../../base/index.ts';
import type { Bridge, JoinDone, JoinPreview, Reply } from '../../../../shared/index.ts';

export type JoinPhase =
  | { readonly kind: 'form' }
  | { readonly kind: 'asking' }
  | { readonly kind: 'preview' | 'writing'; readonly preview: JoinPreview }
  | { readonly kind: 'done'; readonly done: JoinDone; readonly hasToken: boolean };

export interface JoinState {
  readonly address: string;
  readonly code: string;
  readonly phase: JoinPhase;
  readonly problem: string | null;
}

type JoinBridge = Pick<
  Bridge<'shell'>['pairs'],
  'take' | 'cancelTake' | 'writeTaken' | 'askTakenToken'
>;

const empty: JoinState = { address: '', code: '', phase: { kind: 'form' }, problem: null };

export const joinStore = createStore<JoinState>(() => empty);

/** Puts in what was typed. `CODE@ADDRESS`, as the other computer also shows it, fills both fields. */
export function typeJoin(change: Partial<Pick<JoinState, 'address' | 'code'>>): void {
  const [code, address, ...more] = change.code?.trim().split('@') ?? [];
  const isBoth = code !== undefined && address !== undefined && more.length === 0;
  joinStore.setState({ ...change, ...(isBoth ? { code, address } : {}), problem: null });
}

/** Asks the other computer; uses the code up. */
export async function askForPair({ take }: JoinBridge): Promise<void> {
  const { address, code } = joinStore.getState();
  const phase: JoinPhase = { kind: 'asking' };
  joinStore.setState({ phase, problem: null });
  const reply = await settled(take({ address: address.trim(), code: code.trim() }));
  if (joinStore.getState().phase !== phase) return; // it was cancelled
  if (reply.ok) joinStore.setState({ phase: { kind: 'preview', preview: reply.value }, code: '' });
  else joinStore.setState({ phase: { kind: 'form' }, problem: reply.message });
}

/** Back to the form; what was taken is forgotten. */
export async function cancelJoin({ cancelTake }: JoinBridge): Promise<void> {
  joinStore.setState({ phase: { kind: 'form' }, problem: null });
  await settled(cancelTake());
}

/** Writes what was taken. */
export async function writeJoin({ writeTaken }: JoinBridge): Promise<void> {
  const { phase } = joinStore.getState();
  if (phase.kind !== 'preview') return;
  joinStore.setState({ phase: { kind: 'writing', preview: phase.preview }, problem: null });
  const reply = await settled(writeTaken());
  if (reply.ok) joinStore.setState({ phase: { kind: 'done', done: reply.value, hasToken: false } });
  else joinStore.setState({ phase, problem: reply.message });
}

/** Asks for the token of this computer's gateway. */
export async function enterJoinToken({ askTakenToken }: JoinBridge): Promise<void> {
  const { phase } = joinStore.getState();
  if (phase.kind !== 'done' || phase.done.token === null) return;
  const reply = await settled(askTakenToken({ gateway: phase.done.token.gateway }));
  if (!reply.ok) joinStore.setState({ problem: reply.message });
  else if (reply.value.given)
    joinStore.setState({ phase: { ...phase, hasToken: true }, problem: null });
}

/** Begins anew. */
export function endJoin(): void {
  joinStore.setState(empty);
}

async function settled<Value>(
  call: Promise<Reply<Value>>,
): Promise<{ readonly ok: true; readonly value: Value } | { readonly ok: false; message: string }> {
  try {
    const reply = await call;
    return reply.ok ? reply : { ok: false, message: reply.error.message };
  } catch (error) {
    return { ok: false, message: errorText(error) };
  }
}
