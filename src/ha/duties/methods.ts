/** The methods of the duties, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import { answerCall } from '../method-answers.ts';
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
      return answerCall(parse[method](params), () => duties.look());
    case 'switchyard.duties.put':
      return answerCall(parse[method](params), (put) => duties.put(put));
    case 'switchyard.duties.changes':
      return answerCall(parse[method](params), ({ since, waitMs }) =>
        duties.changes(since, waitMs),
      );
    default:
      return assertNever(method);
  }
}
