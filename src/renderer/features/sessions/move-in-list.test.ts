import { expect, it } from 'vitest';

import { moveInList } from './move-in-list.ts';

it.each([
  ['ArrowDown', 0, 3, 1],
  ['ArrowRight', 2, 3, 2],
  ['ArrowUp', 0, 3, 0],
  ['ArrowLeft', 2, 3, 1],
  ['Home', 2, 3, 0],
  ['End', 0, 3, 2],
  ['Enter', 1, 3, null],
  ['ArrowDown', -1, 0, null],
])('%s at %i of %i goes to %j', (key, index, count, target) => {
  expect(moveInList(key, index, count)).toBe(target);
});
