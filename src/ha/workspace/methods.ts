/** The methods of a workspace, as the plugin registers them in a gateway. */
import { assertNever } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import { answerCall, named } from '../method-answers.ts';
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
      return answerCall(parse[method](params), () => workspace.survey());
    case 'switchyard.workspace.read':
      return answerCall(parse[method](params), async ({ path, hash, offset }) =>
        named('part', await workspace.read(path, hash, offset)),
      );
    case 'switchyard.workspace.write':
      return answerCall(parse[method](params), (write) => workspace.write(write));
    case 'switchyard.workspace.remove':
      return answerCall(parse[method](params), (removal) => workspace.remove(removal));
    case 'switchyard.workspace.note':
      return answerCall(parse[method](params), async ({ base }) =>
        named('noted', await workspace.note(base)),
      );
    case 'switchyard.workspace.changes':
      return answerCall(parse[method](params), async ({ since, waitMs }) =>
        named('at', await workspace.changes(since, waitMs)),
      );
    case 'switchyard.workspace.sign':
      return answerCall(parse[method](params), async ({ nonce, how }) =>
        named('agents', await workspace.sign(nonce, how)),
      );
    case 'switchyard.workspace.git':
      return answerCall(parse[method](params), (turn) => workspace.git(turn));
    default:
      return assertNever(method);
  }
}
