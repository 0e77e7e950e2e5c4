/** The methods of the journal, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import { answerCall, named } from '../method-answers.ts';
import type { Journal } from './ports.ts';
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
      return answerCall(parse[method](params), () => journal.survey());
    case 'switchyard.mirror.look':
      return answerCall(parse[method](params), async ({ key }) =>
        named('state', await journal.look(key)),
      );
    case 'switchyard.mirror.ids':
      return answerCall(parse[method](params), async ({ key, sessionId }) =>
        named('ids', await journal.ids(key, sessionId)),
      );
    case 'switchyard.mirror.rows':
      return answerCall(parse[method](params), async ({ key, sessionId, ids }) =>
        named('rows', await journal.rows(key, sessionId, ids)),
      );
    case 'switchyard.mirror.tail':
      return answerCall(parse[method](params), async ({ key, sessionId, after }) =>
        named('tail', await journal.tail(key, sessionId, after)),
      );
    case 'switchyard.mirror.files.missing':
      return answerCall(parse[method](params), async ({ names }) =>
        named('names', await journal.missingFiles(names)),
      );
    case 'switchyard.mirror.files.read':
      return answerCall(parse[method](params), async ({ name, offset }) =>
        named('part', await journal.readFile(name, offset)),
      );
    case 'switchyard.mirror.files.write':
      return answerCall(parse[method](params), async ({ name, offset, part, epoch }) =>
        named('written', await journal.writeFile(name, offset, part, epoch)),
      );
    case 'switchyard.mirror.append':
      return answerCall(parse[method](params), (batch) => journal.append(batch));
    case 'switchyard.mirror.remove':
      return answerCall(parse[method](params), async ({ key, mark, epoch }) =>
        named('removed', await journal.remove(key, mark, epoch)),
      );
    case 'switchyard.mirror.note':
      return answerCall(parse[method](params), async ({ key, mark, epoch }) =>
        named('noted', await journal.note(key, mark, epoch)),
      );
    case 'switchyard.mirror.changes':
      return answerCall(parse[method](params), ({ since, waitMs }) =>
        journal.changes(since, waitMs),
      );
    default:
      return assertNever(method);
  }
}
