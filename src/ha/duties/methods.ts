/** The methods of the duties, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import type { Duties } from './ports.ts';
import { parseDutiesCall as parse } from './protocol.ts';
import type { DutiesMethod } from './protocol.ts';

/** Answers one call; never rejects. */
export function answerDutiesCall(
  method: DutiesMethod,
  params: unknown,
  duties: Duties,
): Promise<MethodAnswer> {
  switch (method) {
    case 'switchyard.duties.look':
      return answer(parse[method](params), () => duties.look());
    case 'switchyard.duties.put':
      return answer(parse[method](params), (put) => duties.put(put));
    case 'switchyard.duties.changes':
      return answer(parse[method](params), ({ since, waitMs }) => duties.changes(since, waitMs));
    default:
      return assertNever(method);
  }
}

async function answer<T>(
  params: Result<T, string>,
  run: (value: T) => Promise<Result<object, string>>,
): Promise<MethodAnswer> {
  if (!params.ok) return { ok: false, code: 'INVALID_REQUEST', message: params.error };
  const done = await run(params.value);
  return done.ok
    ? { ok: true, payload: done.value }
    : { ok: false, code: 'UNAVAILABLE', message: done.error };
}
