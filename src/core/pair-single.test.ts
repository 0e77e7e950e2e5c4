import { expect, test } from 'vitest';

import { appError, createTranslator } from '../shared/index.ts';
import type { MirrorView, PairView } from '../shared/index.ts';
import { fail, ok } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { memoryVault } from '../gateways/testing/memory-vault.ts';
import { parseSettings } from '../store/index.ts';
import { memorySettingsFile } from '../store/testing/memory-stores.ts';
import { unguardedPairs } from './panes.ts';
import { createWayBack } from './pair-single.ts';

const inStep: MirrorView = {
  state: 'in-step',
  conversations: 0,
  rows: 0,
  held: 40,
  behindMs: null,
  detail: '',
  inherited: true,
  conflicts: [],
};
const behind: MirrorView = { ...inStep, state: 'catching-up', conversations: 2, rows: 12 };
const conflicting: MirrorView = { ...inStep, conflicts: ['agent:main:main'] };
const there = {
  kind: 'two-computers',
  here: 'primary',
  hereAddress: '10.0.0.11',
  thereAddress: '10.0.0.12',
  peerPort: 18_970,
  register: { kind: 'witness', host: '10.0.0.5', port: 18_971 },
};

function pairWith(
  options: {
    readonly activeId?: string;
    readonly mirror?: MirrorView | null;
    readonly cover?: PairView['cover'];
    readonly waiting?: number;
    readonly isFar?: boolean;
    readonly refuses?: string;
    /** What the copy is like after a hand-over. */
    readonly then?: MirrorView;
  } = {},
) {
  const parsed = parseSettings(
    JSON.stringify({
      version: 1,
      gateways: [
        { id: 'den', name: 'Den', domain: 'personal', kind: 'managed', port: 18_789 },
        options.isFar === true
          ? {
              id: 'attic',
              name: 'Attic',
              domain: 'personal',
              kind: 'remote',
              url: 'wss://10.0.0.12:18789',
            }
          : { id: 'attic', name: 'Attic', domain: 'personal', kind: 'managed', port: 18_909 },
      ],
      pairs: [
        {
          id: 'home',
          name: 'Home',
          primary: 'den',
          standby: 'attic',
          plugin: true,
          ...(options.isFar === true ? { place: there } : {}),
        },
      ],
      rules: [
        { id: 'r1', name: 'At home', when: { kind: 'pane', pane: 'home' }, then: 'personal' },
      ],
    }),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  const settings = memorySettingsFile(parsed.value);
  const vault = memoryVault();
  const commands: string[] = [];
  let nowMs = 0;
  let view: PairView = {
    ...(unguardedPairs(parsed.value, 'nobody is there')[0] as PairView),
    epoch: 3,
    activeId: options.activeId ?? 'den',
    cover: options.cover ?? 'protected',
    mirror: options.mirror === undefined ? inStep : options.mirror,
  };
  const clock: Clock = {
    wallMs: () => nowMs,
    bootMs: () => nowMs,
    after: (delayMs, run) => {
      nowMs += delayMs;
      queueMicrotask(run);
      return () => undefined;
    },
  };
  const wayBack = createWayBack({
    settings,
    vault,
    views: () => [view],
    command: (_pairId, command) => {
      commands.push(command);
      if (command === options.refuses)
        return Promise.resolve(fail(appError('gateway', 'the other one is down')));
      if (command === 'hand-over')
        view = {
          ...view,
          activeId: view.activeId === 'den' ? 'attic' : 'den',
          mirror: options.then ?? view.mirror,
        };
      if (command === 'hold') view = { ...view, hold: true };
      return Promise.resolve(ok({ words: 'done' }));
    },
    waiting: () => options.waiting ?? 0,
    clock,
    t: createTranslator('en'),
  });
  return { wayBack, settings, vault, commands, before: parsed.value };
}

const byItself = { keep: null, anyway: false };

test('keeps the active gateway, and lets the other one rest', async () => {
  const { wayBack, settings, commands } = pairWith({ activeId: 'attic' });
  const done = await wayBack.single('home', byItself);
  expect(done).toMatchObject({ ok: true, value: { commands: [] } });
  expect(commands).toEqual(['hold']); // and nothing is handed over
  expect(settings.current()).toMatchObject({ pairs: [], resting: ['den'] });
  expect(settings.current().gateways).toHaveLength(2);
  expect(settings.current().rules[0]?.when).toEqual({ kind: 'pane', pane: 'attic' });
});

test('hands the role to the one that stays first', async () => {
  const { wayBack, settings, commands } = pairWith();
  expect(await wayBack.single('home', { keep: 'attic', anyway: false })).toMatchObject({
    ok: true,
  });
  expect(commands).toEqual(['hand-over', 'hold']);
  expect(settings.current().resting).toEqual(['den']);
});

test.each([
  ['the hand-over is refused', { refuses: 'hand-over' }, 'the other one is down', ['hand-over']],
  ['the pair cannot be held', { refuses: 'hold' }, 'the other one is down', ['hand-over', 'hold']],
  ['the copy does not catch up after it', { then: behind }, '12 rows of 2', ['hand-over']],
] as const)('changes nothing when %s', async (_when, options, words, commands) => {
  const world = pairWith(options);
  expect(await world.wayBack.single('home', { keep: 'attic', anyway: false })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining(words) as string },
  });
  expect(world.commands).toEqual(commands);
  expect(world.settings.current()).toEqual(world.before);
});

test.each([
  ['one lacks rows', { mirror: behind }, 'Attic and Den are not the same yet: 12 rows'],
  ['nobody copies', { mirror: null }, 'nobody is there'],
  ['nobody guards', { cover: 'unguarded', mirror: null }, 'nobody is there'],
  ['both wrote one row', { mirror: conflicting }, 'agent:main:main'],
] as const)('begins only on the person’s word where %s', async (_when, options, words) => {
  const refused = pairWith(options);
  expect(await refused.wayBack.single('home', byItself)).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining(words) as string },
  });
  expect(refused.settings.current()).toEqual(refused.before);
  const agreed = pairWith(options);
  expect(await agreed.wayBack.single('home', { keep: null, anyway: true })).toMatchObject({
    ok: true,
  });
  expect(agreed.settings.current().pairs).toEqual([]);
});

test('strands no message', async () => {
  const { wayBack, settings, before } = pairWith({ waiting: 2 });
  expect(await wayBack.single('home', { keep: null, anyway: true })).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('2 messages') as string },
  });
  expect(settings.current()).toEqual(before);
});

test('ends the hold where the settings cannot be written', async () => {
  const { wayBack, settings, commands } = pairWith();
  settings.breakWith([{ line: 1, column: 1, path: '', message: 'odd' }]);
  expect(await wayBack.single('home', byItself)).toMatchObject({ ok: false });
  expect(commands).toEqual(['hold', 'unhold']);
});

test('says what is left on the other computer: its guardian ended first, its jobs off before the plugin is', async () => {
  const { wayBack, settings } = pairWith({ isFar: true });
  const done = await wayBack.single('home', byItself);
  if (!done.ok) throw new Error(done.error.message);
  const order = [
    ' stop ',
    'cron.enabled false',
    'switchyard-fence.enabled false',
    'gateway restart',
    'rm -r',
  ];
  const places = order.map((part) => done.value.commands.findIndex((line) => line.includes(part)));
  expect(places).toEqual([...places].sort((a, b) => a - b));
  expect(places).not.toContain(-1);
  expect(settings.current().resting).toBeUndefined(); // it does not run here
});

test('lets a gateway act again', async () => {
  const { wayBack, settings } = pairWith();
  await wayBack.single('home', byItself);
  expect(await wayBack.awake('attic')).toMatchObject({ ok: true });
  expect(settings.current().resting).toBeUndefined();
});
