import { describe, expect, test } from 'vitest';

import { createEmitter, fail, ok } from '../base/index.ts';
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
    command: (pairId, command) => {
      calls.push(`${command} ${pairId}`);
      const words = `${command}: done`;
      return Promise.resolve(command === 'drill' ? fail(words) : ok(words));
    },
    stop: () => Promise.resolve(void calls.push('stop')),
    shutdown: () => Promise.resolve(void calls.push('shutdown')),
  };
  const watch = createPairWatch({
    settings,
    t: createTranslator('en'),
    guardian: () => Promise.resolve({ attach: () => guardian }),
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

test('without pairs no guardian is started', async () => {
  const watch = createPairWatch({
    settings: { ...settings, pairs: [] },
    t: createTranslator('en'),
    guardian: () =>
      Promise.resolve({
        attach: () => {
          throw new Error('a guardian without pairs');
        },
      }),
    changed: () => undefined,
    happened: () => undefined,
  });
  await watch.attach();
  expect(watch.views()).toEqual([]);
});

describe('who is active', () => {
  test('is open until the guardian has read its register, then what it says', async () => {
    const { watch, decided, status } = watched();
    await watch.attach();
    expect(watch.isDecided(pane)).toBe(false);
    status('b', 0); // not read yet: says nothing
    expect(watch.isDecided(pane)).toBe(false);
    expect(watch.views()[0]?.activeId).toBe('a');
    status('b', 4);
    expect(watch.isDecided(pane)).toBe(true);
    expect(watch.views()[0]).toMatchObject({ activeId: 'b', epoch: 4 });
    expect(decided).toEqual([[], ['home']]);
  });

  test('stays as it was when the guardian goes away, or comes back without having read', async () => {
    const { watch, messages, status } = watched();
    await watch.attach();
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
  ] as const)('without a guardian is %s', async (_words, holders, activeId, decided) => {
    const watch = createPairWatch({
      settings,
      t: createTranslator('en'),
      guardian: () => Promise.resolve({ missing: 'no Node', holders }),
      changed: () => undefined,
      happened: () => undefined,
    });
    await watch.attach();
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
  await watch.attach();
  watch.refreshCredentials();
  await watch.detach({ leaveRunning: true });
  await watch.detach({ leaveRunning: false });
  expect(calls).toEqual(['refresh', 'stop', 'shutdown']);
});

describe('other pairs, as the app runs', () => {
  const attic = { ...settings.pairs[0]!, id: 'attic', name: 'Attic' };

  test('a pair that stays keeps what is known of it, and its guardian is let go before the next', async () => {
    const { watch, calls, status } = watched();
    await watch.attach();
    status('b', 4);
    await watch.apply({ ...settings, pairs: [...settings.pairs, attic] });
    expect(calls).toEqual(['stop']);
    expect(watch.views()).toMatchObject([
      { id: 'home', activeId: 'b', epoch: 4 },
      { id: 'attic', epoch: 0 },
    ]);
    expect([watch.isDecided({ pairId: 'home' }), watch.isDecided({ pairId: 'attic' })]).toEqual([
      true,
      false,
    ]);
  });

  test('a pair that went is gone, whatever an older guardian says', async () => {
    const { watch, status } = watched();
    await watch.attach();
    status('b', 4);
    await watch.apply({ ...settings, pairs: [] });
    expect(watch.views()).toEqual([]);
  });
});

describe('a command', () => {
  test('reaches the guardian, and its words come back', async () => {
    const { watch, calls, status } = watched();
    await watch.attach();
    status('a', 1);
    expect(await watch.command('home', 'hand-over')).toEqual({
      ok: true,
      value: { words: 'hand-over: done' },
    });
    expect(await watch.command('home', 'drill')).toMatchObject({
      ok: false,
      error: { code: 'gateway', message: 'drill: done' },
    });
    expect(calls).toEqual(['hand-over home', 'drill home']);
  });

  test('without a guardian, or where it makes no sense, is refused in words and goes nowhere', async () => {
    const { watch, calls, messages, status } = watched();
    await watch.attach();
    expect(await watch.command('home', 'hold')).toMatchObject({
      ok: false,
      error: { code: 'offline' },
    });
    status('a', 1);
    messages.emit({
      kind: 'status',
      pairs: [{ ...watch.views()[0]!, cover: 'exposed', coverReason: 'B is down' }],
    });
    expect(await watch.command('home', 'hand-over')).toMatchObject({
      ok: false,
      error: { code: 'denied' },
    });
    expect(await watch.command('cellar', 'hold')).toMatchObject({
      ok: false,
      error: { code: 'not-found' },
    });
    expect(calls).toEqual([]);
  });
});
