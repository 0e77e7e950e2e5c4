import { describe, expect, it } from 'vitest';

import type { Effect } from './light-words.ts';
import { changesOf, gapMs, overlapMs, reignsOf, staleEffects } from './overlap.ts';
import type { Reply } from './probe-words.ts';

function effect(id: string, epoch: number, atMs: number): Effect {
  return { id, epoch, atMs };
}

function reply(id: string, atMs: number, isStale = false): Reply {
  return { id, atMs, askedAtMs: atMs - 1, epoch: 1, isStale };
}

describe('what a run says afterwards', () => {
  it('finds no overlap where one ends before the other begins', () => {
    const effects = [
      effect('a', 1, 0),
      effect('a', 1, 90),
      effect('b', 2, 100),
      effect('b', 2, 200),
    ];
    expect(overlapMs(reignsOf(effects))).toBe(0);
    expect(staleEffects(effects)).toEqual([]);
  });

  it('counts a zombie’s late effect as the whole time that it believed itself active', () => {
    const late = effect('a', 1, 150);
    const effects = [effect('a', 1, 0), effect('b', 2, 100), late, effect('b', 2, 200)];
    expect(overlapMs(reignsOf(effects))).toBe(50);
    expect(staleEffects(effects)).toEqual([late]);
  });

  it('tells two reigns of one gateway apart by its epochs, or by its silence', () => {
    const back = [effect('a', 1, 0), effect('b', 2, 100), effect('b', 2, 200), effect('a', 3, 300)];
    expect(overlapMs(reignsOf(back))).toBe(0);
    const free = back.map((one) => ({ ...one, epoch: 1 }));
    expect(overlapMs(reignsOf(free))).toBe(100);
    expect(overlapMs(reignsOf(free, 250))).toBe(0);
  });

  it('measures the gap between the last good answer and the first of the other', () => {
    const replies = [reply('a', 10), reply('a', 12), reply('b', 100), reply('a', 101, true)];
    expect(gapMs(replies, 'a', 11)).toBe(88);
    expect(gapMs(replies.slice(0, 2), 'a', 11)).toBeNull();
    expect(changesOf(replies)).toBe(1);
  });
});
