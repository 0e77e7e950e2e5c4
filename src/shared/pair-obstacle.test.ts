import { expect, test } from 'vitest';

import type { DrillView, MirrorView } from './model.ts';
import { pairObstacle } from './pair-obstacle.ts';
import { pairView } from './testing/pair-view.ts';

const drill: DrillView = { startedAtMs: 0, state: 'running', steps: [], words: '' };
const mirror: MirrorView = {
  state: 'in-step',
  conversations: 0,
  rows: 0,
  held: 7,
  behindMs: null,
  detail: '',
  inherited: true,
  conflicts: [],
};

test('while a drill runs it can be ended, and nothing else moves the role in order', () => {
  for (const state of ['running', 'ending'] as const) {
    const pair = pairView({ drill: { ...drill, state }, busy: 'Handing over.' });
    expect(pairObstacle(pair, 'end-drill')).toBeNull();
    expect(pairObstacle(pair, 'drill')).toBe('failover.blocked.drill');
    expect(pairObstacle(pair, 'hand-over')).toBe('failover.blocked.drill');
    expect(pairObstacle(pair, 'hold')).toBeNull();
  }
  const over = pairView({ drill: { ...drill, state: 'passed' }, mirror });
  expect(pairObstacle(over, 'end-drill')).toBe('failover.blocked.no-drill');
  expect(pairObstacle(over, 'drill')).toBeNull();
});

test('a drill wants the copy in step, where it is known how it stands', () => {
  const behind = pairView({ mirror: { ...mirror, state: 'catching-up' } });
  expect(pairObstacle(behind, 'drill')).toBe('failover.blocked.not-copied');
  expect(pairObstacle(behind, 'hand-over')).toBeNull();
  expect(pairObstacle(pairView({ mirror: null }), 'drill')).toBeNull();
});
