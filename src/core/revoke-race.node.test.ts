/** Trust is cut at random moments, with calls of an agent under way, over the files and sockets that the app uses. */
import { expect, onTestFinished, test, vi } from 'vitest';

import { delay } from '../base/index.ts';
import { systemClock } from '../base/index.node.ts';
import { seededRandom } from '../base/testing/seeded-random.ts';
import { openWorkWorld, toWork } from './testing/work-world.node.ts';

const cuts = 60;
const latestMs = 120;
const grant = { calls: 10, bytesEach: 2_000, forMs: 60_000 };

test(`${cuts} cuts: no question reaches work after one, and no answer is delivered`, async () => {
  vi.stubEnv('DBUS_SESSION_BUS_ADDRESS', 'unix:path=/nowhere'); // secrets of a test stay in memory
  const { core, work, ask, outcome, say, nextDay, stop } = await openWorkWorld(() => 'true');
  onTestFinished(stop);
  const random = seededRandom(7);
  let reached = 0;
  for (let round = 0; round < cuts; round += 1) {
    nextDay();
    core.trust.allow(toWork);
    core.trust.grant(toWork, 'ask_work', grant);
    const calls = [1, 2, 3].map((number) => ask(`Question ${number} of round ${round}?`));
    await delay(systemClock(), random.between(0, latestMs)); // the moment is what is tried out
    reached += calls.filter((call) => outcome(call).status === 'answered').length;
    expect(core.trust.revoke().ok).toBe(true);
    for (const call of calls) expect(outcome(call)).toEqual({ status: 'not-available' });
    await say(`End of round ${round}.`);
    for (const call of calls) expect(outcome(call)).toEqual({ status: 'not-available' });
  }

  const texts = work.requests.flatMap(({ method, params }) =>
    method === 'chat.send' ? [String(params['message']).split('\n')[0] ?? ''] : [],
  );
  let round = 0;
  const late = texts.filter((text) => {
    if (!text.startsWith('End of round')) return !text.endsWith(`of round ${round}?`);
    round += 1;
    return false;
  });
  expect(late).toEqual([]);
  expect(round).toBe(cuts);
  // It cut before, between and after answers.
  expect(reached).toBeGreaterThan(0);
  expect(texts.length - cuts).toBeLessThan(3 * cuts);
  expect(core.state().trust.epoch).toBe(cuts);
  expect(core.trust.verify().state).toBe('holds');
}, 120_000);
