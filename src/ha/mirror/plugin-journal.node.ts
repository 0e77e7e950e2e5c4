/**
 * The journal of a gateway as a guardian reaches it: calls of our plugin over a connection of their own, so that a large
 * answer never holds up a check or a lease, or through the guardian beside it.
 */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { detailOf, pluginFailure } from '../fence/plugin-link.node.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import type { Row } from './model.ts';
import type { Journal, JournalFailure } from './ports.ts';
import { isRow } from './protocol.ts';
import type { MirrorCalls, MirrorMethod } from './protocol.ts';

const mark = z.object({ sessionId: z.string(), rows: z.int().nonnegative(), digest: z.string() });
const settings = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));
const state = z.object({
  key: z.string(),
  mark,
  settings,
  leaf: z.string().nullable(),
  busy: z.boolean(),
  leftOut: z.int().nonnegative(),
});
const row = z.custom<Row>(isRow);

const answers: { readonly [M in MirrorMethod]: z.ZodType<MirrorCalls[M][1]> } = {
  'switchyard.mirror.survey': z.object({
    sessions: z.array(state),
    unread: z.array(z.string()),
    inStep: z.record(z.string(), mark),
  }),
  'switchyard.mirror.look': z.object({ state: state.nullable() }),
  'switchyard.mirror.ids': z.object({ ids: z.array(z.string()).nullable() }),
  'switchyard.mirror.rows': z.object({ rows: z.array(row) }),
  'switchyard.mirror.tail': z.object({
    tail: z.object({ before: z.string(), settings, rows: z.array(row) }).nullable(),
  }),
  'switchyard.mirror.files.missing': z.object({ names: z.array(z.string()) }),
  'switchyard.mirror.files.read': z.object({
    part: z.object({ data: z.string(), size: z.int().nonnegative() }).nullable(),
  }),
  'switchyard.mirror.files.write': z.object({ written: z.boolean() }),
  'switchyard.mirror.append': z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('appended'), state }),
    z.object({ kind: z.literal('gap'), state: state.nullable() }),
    z.object({ kind: z.literal('refused'), reason: z.enum(['old-epoch', 'acting', 'busy']) }),
    z.object({ kind: z.literal('conflict'), id: z.string() }),
  ]),
  'switchyard.mirror.remove': z.object({ removed: z.boolean() }),
  'switchyard.mirror.note': z.object({ noted: z.boolean() }),
  'switchyard.mirror.changes': z.object({
    at: z.string(),
    keys: z.array(z.string()).nullable(),
  }),
};

const timeoutMs = 15_000;
/** A comparison reads every transcript once after the gateway has started. */
const surveyTimeoutMs = 120_000;

/** The journal behind a connection. */
export function pluginJournal(connection: PluginConnection): Journal {
  const call = async <M extends MirrorMethod>(
    method: M,
    params: MirrorCalls[M][0],
    limitMs = timeoutMs,
  ): Promise<Result<MirrorCalls[M][1], JournalFailure>> => {
    try {
      const answer = answers[method].safeParse(await connection.request(method, params, limitMs));
      return answer.success
        ? ok(answer.data)
        : fail({ words: 'our plugin in the gateway answers wrongly', gone: false });
    } catch (error) {
      const failure = pluginFailure(error);
      return fail({ words: detailOf(failure), gone: failure.kind !== 'refused' });
    }
  };
  const then = async <T, U>(
    answer: Promise<Result<T, JournalFailure>>,
    to: (value: T) => U,
  ): Promise<Result<U, JournalFailure>> => {
    const settled = await answer;
    return settled.ok ? ok(to(settled.value)) : settled;
  };
  return {
    survey: () => call('switchyard.mirror.survey', {}, surveyTimeoutMs),
    look: (key) => then(call('switchyard.mirror.look', { key }), (value) => value.state),
    ids: (key, sessionId) =>
      then(call('switchyard.mirror.ids', { key, sessionId }), (value) => value.ids),
    rows: (key, sessionId, ids) =>
      then(call('switchyard.mirror.rows', { key, sessionId, ids }), (value) => value.rows),
    tail: (key, sessionId, after) =>
      then(call('switchyard.mirror.tail', { key, sessionId, after }), (value) => value.tail),
    missingFiles: (names) =>
      then(call('switchyard.mirror.files.missing', { names }), (value) => value.names),
    readFile: (name, offset) =>
      then(call('switchyard.mirror.files.read', { name, offset }), (value) => value.part),
    writeFile: (name, offset, part, epoch) =>
      then(
        call('switchyard.mirror.files.write', { name, offset, part, epoch }),
        (value) => value.written,
      ),
    append: (batch) => call('switchyard.mirror.append', batch),
    remove: (key, held, epoch) =>
      then(call('switchyard.mirror.remove', { key, mark: held, epoch }), (value) => value.removed),
    note: (key, held, epoch) =>
      then(call('switchyard.mirror.note', { key, mark: held, epoch }), (value) => value.noted),
    changes: (since, waitMs) =>
      call('switchyard.mirror.changes', { since, waitMs }, waitMs + timeoutMs),
  };
}
