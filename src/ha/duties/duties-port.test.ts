import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ChannelState } from './model.ts';
import { interruptedWords } from './model.ts';
import { openDutiesPort } from './duties-port.ts';
import { memoryDuties } from './testing/memory-duties.ts';
import { personsJob } from './testing/memory-scheduler.ts';

function world() {
  const clock = manualClock();
  const [a, b] = [memoryDuties(clock), memoryDuties(clock)];
  const conflicts: string[] = [];
  const port = openDutiesPort({
    duties: (id) => (id === 'a' ? a.duties : id === 'b' ? b.duties : null),
    otherOf: (id) => (id === 'a' ? 'b' : 'a'),
    nameOf: (id) => id.toUpperCase(),
    clock,
    onChange: () => undefined,
    onConflict: (id, words) => conflicts.push(`${id}: ${words}`),
  });
  onTestFinished(() => port.follow(null));
  /** Time passes until it is so. */
  const until = (look: () => void): Promise<void> =>
    vi.waitFor(() => {
      clock.advance(500);
      look();
    });
  const begin = async (): Promise<void> => {
    Object.assign(a, { acting: true, schedule: 'running' });
    port.follow({ gatewayId: 'a', epoch: 1 });
    await until(() => expect(port.view()).toMatchObject({ state: 'in-step' }));
  };
  return { clock, a, b, port, conflicts, until, begin };
}

function telegram(change: Partial<ChannelState> = {}): ChannelState {
  return {
    channel: 'telegram',
    account: 'default',
    ready: true,
    running: false,
    detail: '',
    ...change,
  };
}

it('carries jobs and their progress, at once when one begins', async () => {
  const { clock, a, b, port, begin } = world();
  a.scheduler.jobs.set('j', personsJob('j'));
  await begin();
  expect(port.view()).toMatchObject({ runsOn: 'a', jobs: 1 });
  a.scheduler.jobs.set('j', personsJob('j', { state: { runningAtMs: 7 } }));
  a.changed();
  await vi.waitFor(() =>
    expect(b.scheduler.jobs.get('j')?.state['lastError']).toBe(interruptedWords),
  );
  expect(clock).toBeDefined();
});

it('tells the standby every second that the active gateway was heard, and sends nothing else', async () => {
  const { a, b, begin, until } = world();
  a.scheduler.jobs.set('j', personsJob('j'));
  await begin();
  const puts = (): number => b.asked.filter((method) => method === 'put').length;
  const before = puts();
  await until(() => expect(puts()).toBeGreaterThan(before + 2));
  expect(b.scheduler.writes).toEqual(['add j', 'update j']);
});

it('deletes on the standby what was deleted, and keeps what only the standby ever had', async () => {
  const { a, b, port, begin, until } = world();
  a.scheduler.jobs.set('j', personsJob('j'));
  b.scheduler.jobs.set('own', personsJob('own'));
  await begin();
  expect(port.view()?.onlyOnStandby).toEqual(['name of own']);
  a.scheduler.jobs.delete('j');
  a.book.removed({ action: 'removed', jobId: 'j' });
  await until(() => expect([...b.scheduler.jobs.keys()]).toEqual(['own']));
});

it('sends everything again to a standby that was away', async () => {
  const { a, b, port, begin, until } = world();
  a.scheduler.jobs.set('j', personsJob('j'));
  await begin();
  b.away = true;
  await until(() => expect(port.view()).toMatchObject({ state: 'away' }));
  expect(port.view()?.detail).toContain('does not answer');
  b.scheduler.jobs.clear();
  b.away = false;
  await until(() => expect(b.scheduler.jobs.size).toBe(1));
  expect(port.view()).toMatchObject({ state: 'in-step', detail: '' });
});

it('writes nothing into a gateway that may act itself, and says so', async () => {
  const { a, b, port, until } = world();
  a.scheduler.jobs.set('j', personsJob('j'));
  b.acting = true;
  port.follow({ gatewayId: 'a', epoch: 1 });
  await until(() => expect(port.view()).toMatchObject({ state: 'refused' }));
  expect(b.scheduler.writes).toEqual([]);
});

it('names jobs that were cut off or not taken', async () => {
  const { a, b, port, begin, until } = world();
  a.scheduler.jobs.set('cut', personsJob('cut', { state: { lastError: interruptedWords } }));
  a.scheduler.jobs.set('bad', personsJob('bad'));
  b.scheduler.refuses.add('bad');
  await begin();
  expect(port.view()?.interrupted).toEqual(['name of cut']);
  await until(() =>
    expect(port.view()?.problems).toEqual(['B did not take the job “name of bad”.']),
  );
});

it('says who runs a channel, and where it is missing', async () => {
  const { a, b, port, begin, until } = world();
  a.channels = [telegram({ running: true })];
  b.problems = ['it was started without channels'];
  await begin();
  expect(port.view()?.channels).toMatchObject([{ channel: 'telegram', runsOn: 'a' }]);
  expect(port.view()?.channels[0]?.detail).toContain('not set up on B');
  expect(port.view()?.problems).toEqual(['B: it was started without channels.']);
  b.channels = [telegram()];
  await until(() => expect(port.view()?.channels[0]?.detail).toBe(''));
  b.channels = [telegram({ running: true })];
  await until(() => expect(port.view()?.channels[0]?.detail).toContain('B still runs it'));
});

it('takes another poller for evidence, once, and forgets it when it is over', async () => {
  const { a, port, conflicts, begin, until } = world();
  await begin();
  const detail = 'Telegram getUpdates conflict: Conflict: terminated by other getUpdates request';
  a.channels = [telegram({ detail })];
  await until(() => expect(port.view()?.channels[0]?.detail).toContain('a second gateway'));
  a.channels = [telegram({ detail, running: true })];
  await until(() => expect(port.view()?.channels[0]?.runsOn).toBe('a'));
  expect(conflicts).toHaveLength(1);
  a.channels = [telegram({ running: true })];
  await until(() => expect(port.view()?.channels[0]?.detail).not.toContain('a second gateway'));
  a.channels = [telegram({ detail })];
  await until(() => expect(conflicts).toHaveLength(2));
});

it('waits until the gateway that gives the role away is quiet and the other one knows', async () => {
  const { clock, a, port, begin, until } = world();
  a.channels = [telegram({ running: true })];
  await begin();
  let isOver = false;
  const over = port.handedOver(60_000).then(() => (isOver = true));
  a.schedule = 'paused';
  await until(() => expect(port.view()?.runsOn).toBeNull());
  expect(isOver).toBe(false); // its channel runs
  a.channels = [telegram()];
  await until(() => expect(isOver).toBe(true));
  await over;

  a.channels = [telegram({ running: true })];
  await until(() => expect(port.view()?.channels[0]?.runsOn).toBe('a'));
  const waited = port.handedOver(5_000);
  clock.advance(5_000);
  await waited;
});
