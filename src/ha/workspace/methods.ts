/** The methods of a workspace, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import type { JournalFailure } from '../mirror/ports.ts';
import type { Workspace } from './ports.ts';
import { parseWorkspaceCall as parse } from './protocol.ts';
import type { WorkspaceMethod } from './protocol.ts';

/** Answers one call; never rejects. */
export function answerWorkspaceCall(
  method: WorkspaceMethod,
  params: unknown,
  workspace: Workspace,
): Promise<MethodAnswer> {
  switch (method) {
    case 'switchyard.workspace.survey':
      return answer(parse[method](params), () => workspace.survey());
    case 'switchyard.workspace.read':
      return answer(parse[method](params), async ({ path, hash, offset }) =>
        named('part', await workspace.read(path, hash, offset)),
      );
    case 'switchyard.workspace.write':
      return answer(parse[method](params), (write) => workspace.write(write));
    case 'switchyard.workspace.remove':
      return answer(parse[method](params), (removal) => workspace.remove(removal));
    case 'switchyard.workspace.note':
      return answer(parse[method](params), async ({ base }) =>
        named('noted', await workspace.note(base)),
      );
    case 'switchyard.workspace.changes':
      return answer(parse[method](params), async ({ since, waitMs }) =>
        named('at', await workspace.changes(since, waitMs)),
      );
    case 'switchyard.workspace.sign':
      return answer(parse[method](params), async ({ nonce, how }) =>
        named('agents', await workspace.sign(nonce, how)),
      );
    case 'switchyard.workspace.git':
      return answer(parse[method](params), (turn) => workspace.git(turn));
    default:
      return assertNever(method);
  }
}

async function answer<T>(
  params: Result<T, string>,
  run: (value: T) => Promise<Result<object, JournalFailure>>,
): Promise<MethodAnswer> {
  if (!params.ok) return { ok: false, code: 'INVALID_REQUEST', message: params.error };
  const done = await run(params.value);
  return done.ok
    ? { ok: true, payload: done.value }
    : { ok: false, code: 'UNAVAILABLE', message: done.error.words };
}

/** RPC answers are objects: what is none gets a name. */
function named(
  name: string,
  value: Result<unknown, JournalFailure>,
): Result<object, JournalFailure> {
  return value.ok ? { ok: true, value: { [name]: value.value } } : value;
}
