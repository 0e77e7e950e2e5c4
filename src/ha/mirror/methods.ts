/** The methods of the journal, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import type { Journal, JournalFailure } from './ports.ts';
import { parseMirrorCall as parse } from './protocol.ts';
import type { MirrorMethod } from './protocol.ts';

/** Answers one call; never rejects. */
export function answerMirrorCall(
  method: MirrorMethod,
  params: unknown,
  journal: Journal,
): Promise<MethodAnswer> {
  switch (method) {
    case 'switchyard.mirror.survey':
      return answer(parse[method](params), () => journal.survey());
    case 'switchyard.mirror.look':
      return answer(parse[method](params), async ({ key }) =>
        named('state', await journal.look(key)),
      );
    case 'switchyard.mirror.ids':
      return answer(parse[method](params), async ({ key, sessionId }) =>
        named('ids', await journal.ids(key, sessionId)),
      );
    case 'switchyard.mirror.rows':
      return answer(parse[method](params), async ({ key, sessionId, ids }) =>
        named('rows', await journal.rows(key, sessionId, ids)),
      );
    case 'switchyard.mirror.tail':
      return answer(parse[method](params), async ({ key, sessionId, after }) =>
        named('tail', await journal.tail(key, sessionId, after)),
      );
    case 'switchyard.mirror.files.missing':
      return answer(parse[method](params), async ({ names }) =>
        named('names', await journal.missingFiles(names)),
      );
    case 'switchyard.mirror.files.read':
      return answer(parse[method](params), async ({ name, offset }) =>
        named('part', await journal.readFile(name, offset)),
      );
    case 'switchyard.mirror.files.write':
      return answer(parse[method](params), async ({ name, offset, part, epoch }) =>
        named('written', await journal.writeFile(name, offset, part, epoch)),
      );
    case 'switchyard.mirror.append':
      return answer(parse[method](params), (batch) => journal.append(batch));
    case 'switchyard.mirror.remove':
      return answer(parse[method](params), async ({ key, mark, epoch }) =>
        named('removed', await journal.remove(key, mark, epoch)),
      );
    case 'switchyard.mirror.note':
      return answer(parse[method](params), async ({ key, mark, epoch }) =>
        named('noted', await journal.note(key, mark, epoch)),
      );
    case 'switchyard.mirror.changes':
      return answer(parse[method](params), ({ since, waitMs }) => journal.changes(since, waitMs));
    default:
      return assertNever(method);
  }
}

async function answer<T>(
  params: Result<T, string>,
  run: (value: T) => Promise<Result<object, JournalFailure>>,
): Promise<MethodAnswer> {
  if (!params.ok) return refused('INVALID_REQUEST', params.error);
  const done = await run(params.value);
  return done.ok ? { ok: true, payload: done.value } : refused('UNAVAILABLE', done.error.words);
}

function refused(code: 'INVALID_REQUEST' | 'UNAVAILABLE', message: string): MethodAnswer {
  return { ok: false, code, message };
}

/** RPC answers are objects: what is none gets a name. */
function named(
  name: string,
  value: Result<unknown, JournalFailure>,
): Result<object, JournalFailure> {
  return value.ok ? { ok: true, value: { [name]: value.value } } : value;
}
