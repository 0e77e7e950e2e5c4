/** Answers of our methods inside a gateway, from what a journal, a workspace or the duties gave back. */
import type { Result } from '../base/index.ts';
import type { MethodAnswer } from './fence/methods.ts';

type Failure = string | { readonly words: string };

/** Runs a call whose parameters could be read; never rejects unless `run` does. */
export async function answerCall<T>(
  params: Result<T, string>,
  run: (value: T) => Promise<Result<object, Failure>>,
): Promise<MethodAnswer> {
  if (!params.ok) return { ok: false, code: 'INVALID_REQUEST', message: params.error };
  const done = await run(params.value);
  if (done.ok) return { ok: true, payload: done.value };
  const message = typeof done.error === 'string' ? done.error : done.error.words;
  return { ok: false, code: 'UNAVAILABLE', message };
}

/** RPC answers are objects: what is none gets a name. */
export function named<E>(name: string, value: Result<unknown, E>): Result<object, E> {
  return value.ok ? { ok: true, value: { [name]: value.value } } : value;
}
