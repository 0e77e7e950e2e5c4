import { describe, expect, it } from 'vitest';

import { createEmitter, fail, ok } from '../../base/index.ts';
import { appError } from '../../shared/index.ts';
import type { PaneChange, PaneHead, Reply, TranscriptMessage } from '../../shared/index.ts';
import { mergeConversation } from './conversation.ts';
import type { Conversation } from './conversation.ts';
import { createProjection, followSource } from './projection.ts';

const head: PaneHead = {
  paneId: 'home',
  name: 'Home',
  domain: { id: 'personal', name: 'personal', colour: 'teal' },
  state: { phase: 'ready', sinceMs: 0, version: '1', scopes: [] },
  sessionKey: 'main',
  sessions: [],
  runId: null,
  loading: false,
  continued: [],
};
const message = (id: string, text = id): TranscriptMessage => ({
  id,
  role: 'assistant',
  text,
  atMs: 0,
  status: 'done',
  runId: null,
  because: null,
});
const change = (revision: number, part: Partial<PaneChange>): PaneChange => ({
  revision,
  head,
  ...part,
});

function setUp() {
  const changes = createEmitter<PaneChange>();
  const { promise, resolve } = Promise.withResolvers<Reply<PaneChange>>();
  const projection = createProjection<Conversation, PaneChange>(mergeConversation);
  followSource(projection, { get: () => promise, onChanged: (listener) => changes.on(listener) });
  const texts = (): readonly string[] | undefined =>
    projection.store.getState().value?.messages.map(({ text }) => text);
  const answer = async (reply: Reply<PaneChange>): Promise<void> => {
    resolve(reply);
    await promise;
  };
  return { changes, projection, texts, answer };
}

describe('followSource', () => {
  it('applies what came before the snapshot after it, unless the snapshot has it', async () => {
    const { changes, texts, answer } = setUp();
    changes.emit(change(4, { upsert: [message('a', 'older')] }));
    changes.emit(change(6, { upsert: [message('b')] }));
    await answer(ok(change(5, { reset: [message('a')] })));
    expect(texts()).toEqual(['a', 'b']);
  });

  it('drops a change that is not newer', async () => {
    const { changes, texts, answer } = setUp();
    await answer(ok(change(5, { reset: [message('a')] })));
    changes.emit(change(5, { upsert: [message('b')] }));
    expect(texts()).toEqual(['a']);
  });

  it('says why there is no snapshot, and takes a later whole state', async () => {
    const { changes, projection, texts, answer } = setUp();
    await answer(fail(appError('not-found', 'No such pane.')));
    expect(projection.store.getState().problem).toBe('No such pane.');
    changes.emit(change(1, { reset: [message('a')] }));
    expect(projection.store.getState().problem).toBeNull();
    expect(texts()).toEqual(['a']);
  });
});

describe('mergeConversation', () => {
  const before: Conversation = { head, messages: [message('a'), message('b'), message('c')] };

  it('replaces by id in place, appends the new, and leaves the others as they were', () => {
    const after = mergeConversation(
      before,
      change(1, { upsert: [message('b', 'B'), message('d')] }),
    );
    expect(after.messages.map(({ text }) => text)).toEqual(['a', 'B', 'c', 'd']);
    expect(after.messages[0]).toBe(before.messages[0]);
  });

  it('keeps the list when only the head changed', () => {
    expect(mergeConversation(before, change(1, {})).messages).toBe(before.messages);
  });

  it('starts over on a reset', () => {
    expect(mergeConversation(before, change(1, { reset: [] })).messages).toEqual([]);
  });
});
