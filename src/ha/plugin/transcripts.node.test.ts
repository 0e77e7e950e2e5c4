// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares modules that exist only inside a gateway
/// <reference path="./openclaw-plugin-sdk.d.ts" />
import { beforeEach, expect, it, vi } from 'vitest';

import type { Row } from '../mirror/model.ts';
import type { RowStore, StoredSession } from '../mirror/row-store.ts';
import { openTranscripts } from './transcripts.node.ts';

const world = vi.hoisted(() => ({
  entry: undefined as Record<string, unknown> | undefined,
  page: {},
  opened: 0,
  written: [] as object[],
  told: [] as unknown[],
  upserted: [] as unknown[],
  patched: [] as object[],
}));

vi.mock('openclaw/plugin-sdk/session-store-runtime', () => ({
  resolveStorePath: () => 'store',
  listSessionEntries: () => [
    { sessionKey: 'agent:main:main', entry: world.entry },
    { sessionKey: 'agent:main:secret', entry: { sessionId: 's2', incognito: true } },
    { sessionKey: 'agent:other:main', entry: { sessionId: 's3' } },
  ],
  getSessionEntry: () => world.entry,
  readTranscriptStatsSync: () => ({ eventCount: 1 }),
  upsertSessionEntry: async (given: unknown) => void world.upserted.push(given),
  patchSessionEntry: async ({ update }: { update: () => object }) =>
    void world.patched.push(update()),
}));
vi.mock('openclaw/plugin-sdk/session-transcript-runtime', () => ({
  readSessionTranscriptRawDelta: async () => world.page,
  publishSessionTranscriptUpdateByIdentity: async (given: { update: { messageId: string } }) =>
    void world.told.push(given.update.messageId),
}));
vi.mock('openclaw/plugin-sdk/agent-sessions', () => ({
  SessionManager: {
    openBoundedAsync: async () => {
      world.opened += 1;
      return { persistRecord: (row: object) => void world.written.push(row) };
    },
  },
}));

const session: StoredSession = { key: 'agent:main:main', sessionId: 's1', settings: {} };
const message: Row = { id: 'r1', type: 'message', parentId: null, message: { role: 'user' } };
const may = (): boolean => true;

beforeEach(() => {
  Object.assign(world, { opened: 0, written: [], told: [], upserted: [], patched: [], page: {} });
  world.entry = { sessionId: 's1', label: 'Holiday', totalTokens: 7, lastInteractionAt: 5 };
});

async function open(tenure: () => number | null = () => 1): Promise<RowStore> {
  return openTranscripts({ agentIds: () => ['main'], onUpdate: () => () => undefined, tenure });
}

it('lists what a person chose of the conversations of this agent, and none that leaves no trace', async () => {
  const store = await open();
  const settings = { label: 'Holiday', lastInteractionAt: 5 };
  expect(store.list()).toEqual([{ key: session.key, sessionId: 's1', settings }]);
  expect(store.find(session.key)).toEqual({ key: session.key, sessionId: 's1', settings });
});

it('gives rows as they are, and leaves out what is none', async () => {
  const store = await open();
  const odd = [{ id: '', type: 'x' }, { id: 'r', type: 'x', parentId: 7 }, { type: 'x' }, null];
  const old = { id: 'old', type: 'message' }; // of a transcript from before parents
  const events = [{ id: 'h', type: 'session' }, message, old, ...odd].map((event) => ({ event }));
  world.page = { kind: 'page', cursor: 'c', events, hasMore: true };
  expect(await store.read(session, null)).toEqual({
    kind: 'page',
    at: 'c',
    rows: [message, old],
    more: true,
  });
});

it('forgets how the last run here ended, where the conversation went on elsewhere', async () => {
  const store = await open();
  const forgotten = { status: undefined, endedAt: undefined, abortedLastRun: undefined };
  await store.write(session, [message], may, true);
  world.entry = { sessionId: 's1', status: 'running' };
  await store.write(session, [message], may, true);
  world.entry = { sessionId: 'another', status: 'killed' };
  await store.write(session, [message], may, true);
  expect(world.patched).toEqual([]);
  for (const ended of [{ status: 'killed' }, { endedAt: 7 }]) {
    world.entry = { sessionId: 's1', ...ended };
    await store.write(session, [message], may, false);
  }
  expect(world.patched).toEqual([forgotten, forgotten]);
  expect(world.written).toHaveLength(5);
});

it('tells whoever watches of rows that are shown, and not of a branch beside them', async () => {
  const store = await open();
  await store.write(session, [message, { id: 'c', type: 'custom' }], may, true);
  expect(world.told).toEqual(['r1']);
  await store.write(session, [{ ...message, id: 'r2' }], may, false);
  expect(world.told).toEqual(['r1']);
  expect(world.written).toHaveLength(3);
  expect(await store.write(session, [message], () => false, true)).toBe(false);
  expect(world.written).toHaveLength(3);
});

it('opens a transcript anew once its gateway may have written it', async () => {
  let tenure: number | null = 1;
  const store = await open(() => tenure);
  const write = (): Promise<boolean> => store.write(session, [message], may, true);
  await write();
  await write();
  expect(world.opened).toBe(1);
  tenure = null; // it acts
  await write();
  await write();
  expect(world.opened).toBe(3);
  tenure = 2; // and no more
  await write();
  expect(world.opened).toBe(4);
});

it('makes a conversation that was last talked in when the original was', async () => {
  const store = await open();
  world.entry = undefined;
  await store.put({ ...session, settings: { label: 'Holiday', lastInteractionAt: 5 } });
  expect(world.upserted).toMatchObject([
    { entry: { sessionId: 's1', label: 'Holiday', lastInteractionAt: 5, updatedAt: 5 } },
  ]);
});
