import { readFileSync } from 'node:fs';

import { errorText, fail, ok, type Result } from '../base/index.ts';
import { replaceFile } from '../base/index.node.ts';
import { appError, type AppError } from '../shared/index.ts';
import { installAgentTools, removeAgentTools, type AgentToolsInstall } from './agent-tools.ts';

/**
 * Puts the tools into the configuration at `path` of a gateway that we run, or takes them out (null). A gateway that runs
 * reads it anew. Fails with `storage`, and the file is as it was.
 */
export function writeAgentTools(
  path: string,
  install: AgentToolsInstall | null,
): Result<null, AppError> {
  try {
    const before = readFileSync(path, 'utf8');
    const after = install === null ? removeAgentTools(before) : installAgentTools(before, install);
    if (after !== before) replaceFile(path, after);
    return ok(null);
  } catch (error) {
    return fail(
      appError(
        'storage',
        `The tools for its agents cannot be written to ${path}: ${errorText(error)}`,
        true,
      ),
    );
  }
}
