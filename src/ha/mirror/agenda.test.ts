import { expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createAgenda } from './agenda.ts';

it('has what does not work tried less and less often, until something happens in it', () => {
  const clock = manualClock();
  clock.advance(5);
  const agenda = createAgenda(clock);
  agenda.add('a', 3);
  agenda.add('b', 1);
  expect(agenda.due()).toEqual(['a', 'b']);
  agenda.begin('a');
  agenda.begin('b');
  agenda.done('b');
  const rests: (number | null)[] = [];
  for (let attempt = 0; attempt < 9; attempt += 1) {
    agenda.postpone('a', 500);
    expect(agenda.due()).toEqual([]);
    const rest = agenda.dueInMs();
    rests.push(rest);
    clock.advance(rest ?? 0);
    expect(agenda.due()).toEqual(['a']);
  }
  expect(rests).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  agenda.postpone('a', 500);
  agenda.add('a', 1);
  agenda.postpone('a', 500); // that was before it was added
  agenda.done('a');
  expect(agenda.due()).toEqual(['a']);
  agenda.begin('a');
  agenda.postpone('a', 500);
  expect(agenda.dueInMs()).toBe(500);
  expect(agenda.rows()).toBe(3);
  agenda.arrived('a', 2);
  expect([agenda.size(), agenda.rows()]).toEqual([1, 1]);
  agenda.clear();
  expect(agenda.dueInMs()).toBeNull();
});
