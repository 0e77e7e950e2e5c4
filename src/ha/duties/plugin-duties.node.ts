/** The duties of a gateway as a guardian reaches them: calls of our plugin, or of the guardian beside it. */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { detailOf, pluginFailure } from '../fence/plugin-link.node.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import type { Duties } from './ports.ts';
import type { DutiesCalls, DutiesMethod } from './protocol.ts';

const fields = z.record(z.string(), z.unknown());
const job = z.object({
  id: z.string(),
  name: z.string(),
  enabled: z.boolean(),
  definition: fields,
  progress: fields,
  startedAtMs: z.number().nullable(),
});
const channel = z.object({
  channel: z.string(),
  account: z.string(),
  ready: z.boolean(),
  running: z.boolean(),
  detail: z.string(),
});

const answers: { readonly [M in DutiesMethod]: z.ZodType<DutiesCalls[M][1]> } = {
  'switchyard.duties.look': z.object({
    at: z.int(),
    schedule: z.enum(['running', 'paused', 'unknown']),
    jobs: z.array(job),
    gone: z.array(z.string()),
    channels: z.array(channel),
    problems: z.array(z.string()),
  }),
  'switchyard.duties.put': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('put'), failed: z.array(z.string()) }),
    z.object({ kind: z.literal('refused'), reason: z.enum(['old-epoch', 'acting']) }),
  ]),
  'switchyard.duties.changes': z.object({ at: z.int() }),
};

const timeoutMs = 15_000;

/** The duties behind a connection. */
export function pluginDuties(connection: PluginConnection): Duties {
  const call = async <M extends DutiesMethod>(
    method: M,
    params: DutiesCalls[M][0],
    limitMs = timeoutMs,
  ): Promise<Result<DutiesCalls[M][1], string>> => {
    try {
      const answer = answers[method].safeParse(await connection.request(method, params, limitMs));
      return answer.success ? ok(answer.data) : fail('our plugin in the gateway answers wrongly');
    } catch (error) {
      return fail(detailOf(pluginFailure(error)));
    }
  };
  return {
    look: () => call('switchyard.duties.look', {}),
    put: (put) => call('switchyard.duties.put', put),
    changes: (since, waitMs) =>
      call('switchyard.duties.changes', { since, waitMs }, waitMs + timeoutMs),
  };
}
