import { expect, test } from 'vitest';

import { createLogger } from '../base/index.ts';
import type { FailoverEvent, PairView } from '../shared/index.ts';
import { pairView } from '../shared/testing/pair-view.ts';
import { memoryDatabase } from '../store/testing/memory-stores.ts';
import { createRoleChanges } from './role-changes.ts';
import type { RoleChanges } from './role-changes.ts';

const names: Readonly<Record<string, string>> = { 'home-a': 'Attic', 'home-b': 'Bath' };
const { roleChanges: store } = memoryDatabase();
const run = (): RoleChanges =>
  createRoleChanges(
    store,
    (id) => names[id] ?? id,
    createLogger('test', () => 0, []),
  );
const event = (
  kind: FailoverEvent['kind'],
  epoch: number,
  gatewayId: string | null = 'home-b',
): FailoverEvent => ({ atMs: epoch * 100, kind, gatewayId, epoch, reason: '' });
const told = (timeline: readonly FailoverEvent[], part: Partial<PairView> = {}): PairView[] => [
  pairView({ ...part, timeline }),
];

test('keeps each change of role once, from whatever timeline, beyond the app and the guardian', () => {
  const first = run();
  const timeline = [event('attached', 1), event('missed', 1), event('takeover', 2)];
  expect([...first.learn(told(timeline, { epoch: 2 }))]).toEqual(['home']);
  expect([...first.learn(told(timeline, { epoch: 2 }))]).toEqual([]);
  const second = run();
  second.learn(told([event('dns', 2, null), event('handoff', 3, 'home-a')], { epoch: 3 }));
  expect(second.since('home', 0)).toEqual([
    { atMs: 200, member: 'Bath', complete: true },
    { atMs: 300, member: 'Attic', complete: true },
  ]);
  expect(second.since('home', 201)).toHaveLength(1);
  expect(second.since(null, 0)).toEqual([]);
});

test('says of the newest one whether the gateway lacks what was said before', () => {
  const changes = run();
  const mirror = {
    state: 'away',
    conversations: 0,
    rows: 0,
    held: 0,
    behindMs: null,
    detail: '',
    inherited: false,
    conflicts: [],
  } as const;
  changes.learn(told([event('forced', 4), event('takeover', 5, 'home-a')], { epoch: 5, mirror }));
  expect(changes.since('home', 400).map(({ complete }) => complete)).toEqual([true, false]);
});
