import { describe, expect, test } from 'vitest';

import { createEmitter } from '../base/index.ts';
import { createTranslator } from '../shared/index.ts';
import type { PairView } from '../shared/index.ts';
import { parseSettings } from '../store/index.ts';
import { createPairWatch } from './pair-watch.ts';
import type { Guardian, GuardianMessage } from './ports.ts';

const parsed = parseSettings(
  JSON.stringify({
    version: 1,
    gateways: [
      { id: 'a', name: 'A', domain: 'personal', kind: 'managed', port: 21000, model: null },
      { id: 'b', name: 'B', domain: 'personal', kind: 'managed', port: 21120, model: null },
    ],
    pairs: [{ id: 'home', name: 'Home', primary: 'a', standby: 'b' }],
  }),
);
if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
const settings = parsed.value;
const pane = { pairId: 'home' };

function watched() {
  const messages = createEmitter<GuardianMessage>();
  const calls: string[] = [];
  const decided: string[][] = [];
  const guardian: Guardian = {
    on: messages.on,
    refreshCredentials: () => calls.push('refresh'),
    stop: () => Promise.resolve(void calls.push('stop')),
    shutdown: () => Promise.resolve(void calls.push('shutdown')),
  };
  const watch = createPairWatch({
    settings,
    t: createTranslator('en'),
    guardian: () => guardian,
    changed: (panes) => decided.push([...panes]),
    happened: (event, pair) => calls.push(`${event.kind} ${pair.id}`),
  });
  const status = (activeId: string, epoch: number): void => {
    const [first] = watch.views();
    messages.emit({
      kind: 'status',
      pairs: [{ ...(first as PairView), activeId, epoch, cover: 'protected', coverReason: '' }],
    });
  };
  return { watch, messages, calls, decided, status };
}

describe('who is active', () => {
  test('is open until the guardian has read its register, then what it says', () => {
    const { watch, decided, status } = watched();
    watch.attach();
    expect(watch.isDecided(pane)).toBe(false);
    status('b', 0); // not read yet: says nothing
    expect(watch.isDecided(pane)).toBe(false);
    expect(watch.views()[0]?.activeId).toBe('a');
    status('b', 4);
    expect(watch.isDecided(pane)).toBe(true);
    expect(watch.views()[0]).toMatchObject({ activeId: 'b', epoch: 4 });
    expect(decided).toEqual([[], ['home']]);
  });

  test('stays as it was when the guardian goes away, or comes back without having read', () => {
    const { watch, messages, status } = watched();
    watch.attach();
    status('b', 4);
    messages.emit({ kind: 'detached', reason: 'it ended' });
    expect(watch.views()[0]).toMatchObject({
      activeId: 'b',
      epoch: 4,
      cover: 'unguarded',
      coverReason: 'it ended',
    });
    expect(watch.isDecided(pane)).toBe(true);
    status('a', 0);
    expect(watch.views()[0]).toMatchObject({ activeId: 'b', epoch: 4 });
  });

  test.each([
    ['the primary, where no guardian ever acted', {}, 'a', true],
    ['who the register names', { home: 'b' }, 'b', true],
    ['open, where the register cannot be understood', { home: null }, 'a', false],
  ] as const)('without a guardian is %s', (_words, holders, activeId, decided) => {
    const watch = createPairWatch({
      settings,
      t: createTranslator('en'),
      guardian: () => ({ missing: 'no Node', holders }),
      changed: () => undefined,
      happened: () => undefined,
    });
    watch.attach();
    expect(watch.isDecided(pane)).toBe(decided);
    expect(watch.views()[0]).toMatchObject({
      activeId,
      cover: 'unguarded',
      coverReason: 'no Node',
    });
  });

  test('concerns pairs only: a single gateway is always decided', () => {
    expect(watched().watch.isDecided({ pairId: null })).toBe(true);
  });
});

test('leaving the guardian running and ending it are two things', async () => {
  const { watch, calls } = watched();
  watch.attach();
  watch.refreshCredentials();
  await watch.detach({ leaveRunning: true });
  await watch.detach({ leaveRunning: false });
  expect(calls).toEqual(['refresh', 'stop', 'shutdown']);
});
