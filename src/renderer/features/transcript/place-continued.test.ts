import { expect, it } from 'vitest';

import type { Continuation } from '../../../shared/index.ts';
import { placeContinued } from './place-continued.ts';

const said = [10, 20, 30].map((atMs) => ({ atMs }));
const on = (member: string, atMs: number): Continuation => ({ atMs, member, complete: true });
const placed = (...continued: readonly Continuation[]): readonly string[] =>
  [...placeContinued(said, continued)].map(([place, { member }]) => `${place} ${member}`);

it('stands between the last message before and the first after', () => {
  expect(placed(on('Bath', 25))).toEqual(['2 Bath']);
  expect(placed(on('Bath', 30))).toEqual(['3 Bath']);
});

it('is the last of several with nothing said in between', () => {
  expect(placed(on('Bath', 12), on('Attic', 15), on('Bath', 22))).toEqual(['1 Attic', '2 Bath']);
});

it('is not drawn where the role went and came back with nothing said, as in a drill', () => {
  expect(placed(on('Attic', 12), on('Bath', 22), on('Attic', 25))).toEqual(['1 Attic']);
  expect(placed(on('Attic', 5), on('Bath', 22), on('Attic', 25))).toEqual([]);
});

it('is not drawn before everything, nor in an empty conversation', () => {
  expect(placed(on('Bath', 5))).toEqual([]);
  expect(placeContinued([], [on('Bath', 5)]).size).toBe(0);
});
