import { expect, it } from 'vitest';

import { openAgentDoor } from '../../src/trust/index.node.ts';
import { attackLoopback, problemsOf } from './loopback.ts';
import { unguardedDoor } from './unguarded-door.ts';

// A sample; `npm run trust -- loopback` is all of it.
it('lets no web page call a tool, whatever it sends, and tells the log of each', async () => {
  const report = await attackLoopback({ openAgentDoor }, 'JSON');
  expect(problemsOf(report)).toEqual([]);
  expect(report.attempts.length).toBeGreaterThanOrEqual(6);
  expect(report.attempts.filter(({ arrived }) => arrived === 0)).toEqual([]);
}, 120_000);

it('finds a door that does not ask who sends', async () => {
  const report = await attackLoopback(await unguardedDoor(), 'rebound name: fetch of JSON');
  expect(problemsOf(report).join()).toContain('1 tool calls');
}, 120_000);
