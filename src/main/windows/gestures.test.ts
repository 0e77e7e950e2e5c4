import { expect, test } from 'vitest';

import { createGestures } from './gestures.ts';

const [work, home] = [1, 2];

function started() {
  let nowMs = 0;
  const gestures = createGestures(() => nowMs);
  return {
    gestures,
    pass: (ms: number) => {
      nowMs += ms;
    },
  };
}

test('a press counts in its own page, for a second', () => {
  const { gestures, pass } = started();
  expect(gestures.has(work)).toBe(false);
  gestures.pressed(work, null);
  expect([gestures.has(work), gestures.has(home), gestures.take(home)]).toEqual([
    true,
    false,
    false,
  ]);
  pass(999);
  expect(gestures.has(work)).toBe(true);
  pass(1);
  expect([gestures.has(work), gestures.take(work)]).toEqual([false, false]);
});

test('a press elsewhere ends it', () => {
  const { gestures } = started();
  gestures.pressed(work, null);
  gestures.pressed(home, 'a');
  expect([gestures.has(work), gestures.has(home)]).toEqual([false, true]);
});

test('a press is taken once, a look leaves it', () => {
  const { gestures } = started();
  gestures.pressed(work, null);
  expect([gestures.has(work), gestures.take(work), gestures.take(work)]).toEqual([
    true,
    true,
    false,
  ]);
});

test('only Tab is a Tab, and it is taken once', () => {
  const { gestures } = started();
  gestures.pressed(work, 'a');
  expect([gestures.takeTab(work), gestures.has(work)]).toEqual([false, true]);
  gestures.pressed(work, 'Tab');
  expect([gestures.takeTab(home), gestures.takeTab(work), gestures.takeTab(work)]).toEqual([
    false,
    true,
    false,
  ]);
});
