import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { startSweep } from './sweep.ts';

function world(): {
  clock: ReturnType<typeof manualClock>;
  sessions: Map<string, string>;
  changed: string[];
  breathed: () => number;
  sweep: ReturnType<typeof startSweep>;
  fail: (how: boolean) => void;
  warn: ReturnType<typeof vi.fn>;
} {
  const clock = manualClock();
  const sessions = new Map([
    ['a', '1'],
    ['b', '1'],
  ]);
  const changed: string[] = [];
  let breaths = 0;
  let fails = false;
  const warn = vi.fn();
  const sweep = startSweep({
    store: {
      list: () => {
        if (fails) throw new Error('the database is locked');
        return [...sessions.keys()].map((key) => ({ key, sessionId: 's', settings: {} }));
      },
      size: ({ key }) => sessions.get(key) ?? '',
    },
    onChange: (key) => changed.push(key),
    breathe: async () => {
      breaths += 1;
    },
    warn,
    clock,
  });
  onTestFinished(() => sweep.close());
  return {
    clock,
    sessions,
    changed,
    breathed: () => breaths,
    sweep,
    fail: (how) => {
      fails = how;
    },
    warn,
  };
}

const turns = async (): Promise<void> => {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
};

it('tells of what changed, came and went, and lets others work in between', async () => {
  const { clock, sessions, changed, breathed } = world();
  await turns();
  expect(breathed()).toBe(2);
  clock.advance(10_000);
  await turns();
  expect(changed).toEqual([]);
  sessions.set('b', '2');
  sessions.delete('a');
  sessions.set('c', '1');
  clock.advance(10_000);
  await turns();
  expect(changed).toEqual(['b', 'c', 'a']);
});

it('looks sooner when asked, once however often it is asked, and goes on after a failure', async () => {
  const { clock, sessions, changed, sweep, fail, warn } = world();
  await turns();
  sessions.set('a', '2');
  for (let time = 0; time < 50; time += 1) sweep.soon();
  clock.advance(1_000);
  await turns();
  expect(changed.splice(0)).toEqual(['a']);
  fail(true);
  clock.advance(10_000);
  await turns();
  expect(warn).toHaveBeenCalledOnce();
  fail(false);
  sessions.set('b', '2');
  clock.advance(10_000);
  await turns();
  expect(changed.splice(0)).toEqual(['b']);
  sweep.close();
  sessions.set('b', '3');
  sweep.soon();
  clock.advance(60_000);
  await turns();
  expect(changed).toEqual([]);
});
