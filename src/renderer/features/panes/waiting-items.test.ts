import { expect, it } from 'vitest';

import type { OutboxItem, OutboxState } from '../../../shared/index.ts';
import { waitingItems } from './waiting-items.ts';

const item = (
  id: string,
  state: OutboxState,
  createdAtMs: number,
  paneId = 'home',
): OutboxItem => ({
  id,
  paneId,
  domain: 'personal',
  sessionKey: 'main',
  text: id,
  because: { code: 'named', name: 'home' },
  state,
  gatewayId: null,
  createdAtMs,
  updatedAtMs: createdAtMs,
  problem: null,
});

it('shows what waits for the person before what waits for the gateway, oldest first, and this pane only', () => {
  const outbox = [
    item('q2', 'queued', 5),
    item('on its way', 'sending', 1),
    item('q1', 'queued', 2),
    item('elsewhere', 'failed', 1, 'work'),
    item('u', 'uncertain', 4),
    item('f', 'failed', 9),
    item('cut', 'interrupted', 8),
    item('done', 'answered', 3),
  ];
  expect(waitingItems('home', outbox).map(({ id }) => id)).toEqual(['f', 'cut', 'u', 'q1', 'q2']);
});
