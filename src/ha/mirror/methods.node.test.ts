import { expect, it, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { answerMirrorCall } from './methods.ts';
import { pluginJournal } from './plugin-journal.node.ts';
import { mirrorMethodNames } from './protocol.ts';
import type { MirrorMethod } from './protocol.ts';
import { startMirror } from './mirror.ts';
import { memoryGateway } from './testing/memory-gateway.ts';
import type { MemoryGateway } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

/** The journal of a gateway behind its own RPC: everything goes through JSON, the parser and the schemas. */
function overRpc({ local }: MemoryGateway): ReturnType<typeof pluginJournal> {
  return pluginJournal({
    generation: () => 1,
    request: async (method, params) => {
      const sent = JSON.parse(JSON.stringify(params)) as unknown;
      const answer = await answerMirrorCall(method as MirrorMethod, sent, local);
      if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
      return JSON.parse(JSON.stringify(answer.payload)) as unknown;
    },
  });
}

it('carries everything that a mirror asks for', async () => {
  const clock = manualClock();
  const [a, b] = [memoryGateway(clock), memoryGateway(clock)];
  a.acting = true;
  a.say(key, ...Array.from({ length: 60 }, (_id, at) => `r${at}`));
  a.say('agent:main:gone', 'x');
  b.say(key, 'own');
  const mirror = startMirror({
    active: overRpc(a),
    copy: overRpc(b),
    epoch: 1,
    clock,
    random: { unit: () => 0.5, id: () => 'id' },
    onChange: () => undefined,
  });
  await vi.waitFor(() => expect(mirror.state().kind).toBe('in-step'));
  expect(new Set(b.ids(key))).toEqual(new Set(a.ids(key)));
  expect(a.ids(key)).toContain('own');
  a.conversations.delete('agent:main:gone');
  a.say(key, 'more'); // also tells that something changed
  const survey = await a.local.survey();
  expect(survey.ok && survey.value.inStep['agent:main:gone']).toBeTruthy();
  mirror.stop();
});

it('refuses what it does not understand, by name', async () => {
  const { local } = memoryGateway();
  const mark = { sessionId: 's', rows: 1, digest: '0'.repeat(64) };
  const batch = { key, sessionId: 's', epoch: 1, on: null, settings: {}, rows: [], how: 'more' };
  const cases: readonly (readonly [MirrorMethod, unknown, string])[] = [
    ['switchyard.mirror.look', {}, 'key'],
    ['switchyard.mirror.look', { key: 'x'.repeat(5_000) }, 'key'],
    ['switchyard.mirror.ids', { key }, 'sessionId'],
    ['switchyard.mirror.rows', { key, sessionId: 's', ids: [1] }, 'ids'],
    ['switchyard.mirror.tail', { key, sessionId: 's', after: -1 }, 'after'],
    ['switchyard.mirror.append', { ...batch, how: 'all' }, 'how'],
    ['switchyard.mirror.append', { ...batch, on: { ...mark, digest: 'short' } }, 'digest'],
    ['switchyard.mirror.append', { ...batch, rows: [{ id: 'a' }] }, 'rows'],
    ['switchyard.mirror.append', { ...batch, settings: { deep: {} } }, 'settings'],
    ['switchyard.mirror.append', { ...batch, epoch: 0 }, 'epoch'],
    ['switchyard.mirror.remove', { key, mark, epoch: 1.5 }, 'epoch'],
    ['switchyard.mirror.note', { key, mark: 7, epoch: 1 }, 'mark'],
    ['switchyard.mirror.note', { key, mark: null }, 'epoch'],
    ['switchyard.mirror.changes', { since: null, waitMs: 1e9 }, 'waitMs'],
    ['switchyard.mirror.changes', { since: 7, waitMs: 1 }, 'since'],
  ];
  for (const [method, params, field] of cases)
    expect(await answerMirrorCall(method, params, local), method).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(field) as string,
    });
  for (const method of mirrorMethodNames)
    expect(await answerMirrorCall(method, null, local)).toMatchObject({ ok: false });
});

it('believes no answer that is none', async () => {
  const journal = pluginJournal({ generation: () => 1, request: async () => ({ state: 7 }) });
  expect(await journal.look(key)).toMatchObject({ ok: false });
  const broken = pluginJournal({
    generation: () => 1,
    request: async () => Promise.reject(new Error('no connection')),
  });
  expect(await broken.survey()).toMatchObject({
    ok: false,
    error: { words: expect.stringContaining('no connection') as string },
  });
});
