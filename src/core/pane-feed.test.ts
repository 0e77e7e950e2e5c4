import { describe, expect, test } from 'vitest';

import { manualClock } from '../base/testing/manual-clock.ts';
import type { PaneChatState } from '../chat/index.ts';
import { emptyAppState } from '../shared/index.ts';
import type { AppState, PaneChange, TranscriptMessage } from '../shared/index.ts';
import { createPaneFeed } from './pane-feed.ts';

const state: AppState = {
  ...emptyAppState,
  domains: [{ id: 'work', name: 'Work', colour: 'indigo' }],
  gateways: [
    {
      id: 'acme',
      name: 'Acme',
      domain: 'work',
      kind: 'remote',
      address: '',
      state: { phase: 'ready', sinceMs: 0, version: '1', scopes: [] },
    },
  ],
  panes: [
    {
      id: 'acme',
      name: 'Acme',
      domain: 'work',
      memberIds: ['acme'],
      activeGatewayId: 'acme',
      pairId: null,
      sessionKey: 's',
      running: false,
    },
  ],
};

function said(id: string, text: string): TranscriptMessage {
  return { id, role: 'assistant', text, atMs: 0, status: 'streaming', runId: 'r', because: null };
}

function fed(told = 0) {
  const clock = manualClock();
  const heard: PaneChange[] = [];
  const chat: PaneChatState = {
    sessionKey: 's',
    sessions: [],
    runId: null,
    loading: false,
    messages: [said('m', 'whole')],
    told,
  };
  const feed = createPaneFeed({
    clock,
    state: () => state,
    chat: (paneId) => (paneId === 'acme' ? chat : null),
    continued: (_pairId, fromMs) => [
      { atMs: fromMs, member: 'A', complete: true },
      { atMs: fromMs, member: 'B', complete: true },
    ],
  });
  feed.onChange((_paneId, change) => heard.push(change));
  return { clock, feed, heard };
}

describe('what a view is told', () => {
  test('many changes of one moment are one message, with the newest text of each', () => {
    const { clock, feed, heard } = fed();
    for (const text of ['E', 'Ec', 'Echo'])
      feed.announce('acme', { reset: false, upsert: [said('m', text)] });
    expect(heard).toEqual([]);
    clock.advance(100);
    expect(heard).toHaveLength(1);
    expect(heard[0]?.upsert).toEqual([said('m', 'Echo')]);
    expect(heard[0]?.reset).toBeUndefined();
  });

  test('a reset carries everything, and only its own pane’s head', () => {
    const { clock, feed, heard } = fed();
    feed.announce('acme', { reset: false, upsert: [said('m', 'E')] });
    feed.announce('acme', { reset: true, upsert: [] });
    clock.advance(100);
    expect(heard[0]).toMatchObject({
      reset: [{ text: 'whole' }],
      head: { paneId: 'acme', domain: { id: 'work' } },
    });
    expect(heard[0]?.upsert).toBeUndefined();
  });

  test('what the active gateway was told stands at the last line, and it is not complete', () => {
    expect(fed().feed.whole('acme')?.head.continued).toEqual([
      { atMs: 0, member: 'A', complete: true },
      { atMs: 0, member: 'B', complete: true },
    ]);
    expect(fed(3).feed.whole('acme')?.head.continued).toEqual([
      { atMs: 0, member: 'A', complete: true },
      { atMs: 0, member: 'B', complete: false, told: 3 },
    ]);
    expect(fed(3).feed.whole('acme')?.head).not.toHaveProperty('told');
  });

  test('nothing, about a pane that is not there', () => {
    const { clock, feed, heard } = fed();
    feed.announce('gone', { reset: true, upsert: [] });
    clock.advance(100);
    expect(heard).toEqual([]);
    expect(feed.whole('gone')).toBeNull();
  });

  test('revisions rise', () => {
    const { feed } = fed();
    expect(feed.whole('acme')?.revision).toBe(1);
    expect(feed.whole('acme')?.revision).toBe(2);
  });
});
