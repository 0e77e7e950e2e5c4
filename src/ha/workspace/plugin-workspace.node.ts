/** The workspaces of a gateway as a guardian reaches them: calls of our plugin, or of the guardian beside it. */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { detailOf, pluginFailure } from '../fence/plugin-link.node.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import type { JournalFailure } from '../mirror/ports.ts';
import type { Workspace } from './ports.ts';
import type { WorkspaceCalls, WorkspaceMethod } from './protocol.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/u);
const refused = z.object({
  kind: z.literal('refused'),
  reason: z.enum(['old-epoch', 'acting']),
});
const outcome = z.discriminatedUnion('kind', [
  z.object({ kind: z.enum(['done', 'more', 'moved']) }),
  refused,
  z.object({ kind: z.literal('left'), because: z.string() }),
]);

const answers: { readonly [M in WorkspaceMethod]: z.ZodType<WorkspaceCalls[M][1]> } = {
  'switchyard.workspace.survey': z.object({
    agents: z.array(z.string()),
    files: z.array(
      z.object({
        path: z.string(),
        hash,
        size: z.int().nonnegative(),
        changedMs: z.number(),
        executable: z.boolean(),
        template: z.boolean(),
      }),
    ),
    left: z.array(z.object({ path: z.string(), because: z.string() })),
    base: z.record(z.string(), z.string()),
    profiles: z
      .array(z.object({ agent: z.string(), provider: z.string(), profile: z.string() }))
      .nullable(),
  }),
  'switchyard.workspace.read': z.object({
    part: z.object({ data: z.string(), size: z.int().nonnegative() }).nullable(),
  }),
  'switchyard.workspace.write': outcome,
  'switchyard.workspace.remove': outcome,
  'switchyard.workspace.note': z.object({ noted: z.null() }),
  'switchyard.workspace.changes': z.object({ at: z.int() }),
  'switchyard.workspace.sign': z.object({ agents: z.array(z.string()) }),
  'switchyard.workspace.git': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('done'), heads: z.record(z.string(), z.string()) }),
    refused,
    z.object({ kind: z.literal('failed'), words: z.string() }),
  ]),
};

const timeoutMs = 15_000;
/** The first look reads every file once; git goes over a network. */
const longTimeoutMs = 120_000;

/** The workspaces behind a connection. */
export function pluginWorkspace(connection: PluginConnection): Workspace {
  const call = async <M extends WorkspaceMethod, T>(
    method: M,
    params: WorkspaceCalls[M][0],
    to: (answer: WorkspaceCalls[M][1]) => T,
    limitMs = timeoutMs,
  ): Promise<Result<T, JournalFailure>> => {
    try {
      const answer = answers[method].safeParse(await connection.request(method, params, limitMs));
      return answer.success
        ? ok(to(answer.data))
        : fail({ words: 'our plugin in the gateway answers wrongly', gone: false });
    } catch (error) {
      const failure = pluginFailure(error);
      return fail({ words: detailOf(failure), gone: failure.kind !== 'refused' });
    }
  };
  const same = <T>(value: T): T => value;
  return {
    survey: () => call('switchyard.workspace.survey', {}, same, longTimeoutMs),
    read: (path, held, offset) =>
      call('switchyard.workspace.read', { path, hash: held, offset }, ({ part }) => part),
    write: (write) => call('switchyard.workspace.write', write, same),
    remove: (removal) => call('switchyard.workspace.remove', removal, same),
    note: (base) => call('switchyard.workspace.note', { base }, () => null),
    changes: (since, waitMs) =>
      call('switchyard.workspace.changes', { since, waitMs }, ({ at }) => at, waitMs + timeoutMs),
    sign: (nonce, how) => call('switchyard.workspace.sign', { nonce, how }, ({ agents }) => agents),
    git: (turn) => call('switchyard.workspace.git', turn, same, longTimeoutMs),
  };
}
