import { expect, it, onTestFinished, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { keepChannels } from './channel-keeper.ts';

interface Account {
  accountId: string;
  enabled: boolean;
  configured: boolean;
  running: boolean;
  restartPending?: boolean;
  lastError?: string | null;
}

function world(options: { readonly without?: boolean } = {}) {
  const clock = manualClock();
  const calls: string[] = [];
  const account: Account = {
    accountId: 'default',
    enabled: true,
    configured: true,
    running: false,
    lastError: null,
  };
  const made = { onDuty: false, refuses: 0, hangs: null as Promise<void> | null };
  const keeper = keepChannels({
    onDuty: () => made.onDuty,
    without: options.without ?? false,
    call: async (method, params) => {
      if (method === 'channels.status') return { channelAccounts: { telegram: [{ ...account }] } };
      expect(params).toEqual({ channel: 'telegram', accountId: 'default' });
      calls.push(method);
      await made.hangs;
      if (made.refuses > 0) {
        made.refuses -= 1;
        throw new Error('not yet');
      }
      account.running = method === 'channels.start';
      account.restartPending = false;
      return {};
    },
    clock,
    changed: () => undefined,
    warn: () => undefined,
  });
  onTestFinished(() => keeper.stop());
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  return { clock, calls, account, made, keeper, settled };
}

it('starts what is switched on when it comes on duty, and stops it afterwards', async () => {
  const { calls, made, keeper, settled } = world();
  await settled();
  expect(calls).toEqual(['channels.stop']); // nobody else is to start it
  made.onDuty = true;
  keeper.follow();
  await vi.waitFor(() => expect(keeper.channels()).toMatchObject([{ running: true }]));
  made.onDuty = false;
  keeper.follow();
  await vi.waitFor(() => expect(keeper.channels()).toMatchObject([{ running: false }]));
  expect(calls).toEqual(['channels.stop', 'channels.start', 'channels.stop']);
});

it('leaves stopped what a person stopped, and off what a person switched off', async () => {
  const { clock, calls, account, made, keeper, settled } = world();
  account.enabled = false;
  made.onDuty = true;
  keeper.follow();
  await settled();
  expect(keeper.channels()).toMatchObject([{ channel: 'telegram', ready: false }]);
  account.enabled = true;
  clock.advance(15_000);
  await vi.waitFor(() => expect(calls).toEqual(['channels.start']));
  await vi.waitFor(() => expect(keeper.channels()).toMatchObject([{ running: true }]));
  await settled(); // it waits for its next pass
  account.running = false;
  clock.advance(15_000);
  await vi.waitFor(() => expect(keeper.channels()).toMatchObject([{ running: false }]));
  await settled();
  clock.advance(15_000);
  await settled();
  expect(calls).toEqual(['channels.start']);
});

it('stops what somebody else started while it is off duty, also what would start again by itself', async () => {
  const { clock, calls, account, settled } = world();
  await settled();
  account.restartPending = true;
  clock.advance(15_000);
  await vi.waitFor(() => expect(calls).toEqual(['channels.stop', 'channels.stop']));
  await settled();
  account.running = true;
  clock.advance(15_000);
  await vi.waitFor(() => expect(calls).toHaveLength(3));
});

it('tries again what was refused, and says so meanwhile', async () => {
  const { clock, calls, made, keeper, settled } = world();
  await settled();
  made.refuses = 1;
  made.onDuty = true;
  keeper.follow();
  await vi.waitFor(() => expect(keeper.problem()).toContain('not yet'));
  clock.advance(1_000);
  await vi.waitFor(() => expect(keeper.channels()).toMatchObject([{ running: true }]));
  expect(calls).toEqual(['channels.stop', 'channels.start', 'channels.start']);
  expect(keeper.problem()).toBe('');
});

it('stops a channel whose start was on its way when the duty ended', async () => {
  const { calls, made, keeper, settled } = world();
  await settled();
  let started = (): void => undefined;
  made.hangs = new Promise((resolve) => (started = resolve));
  made.onDuty = true;
  keeper.follow();
  await vi.waitFor(() => expect(calls.at(-1)).toBe('channels.start'));
  made.onDuty = false;
  keeper.follow();
  started();
  await vi.waitFor(() =>
    expect(calls).toEqual(['channels.stop', 'channels.start', 'channels.stop']),
  );
});

it('starts nothing in a process that has no channels', async () => {
  const { calls, made, keeper, settled } = world({ without: true });
  made.onDuty = true;
  keeper.follow();
  await settled();
  await settled();
  expect(keeper.channels()).toHaveLength(1);
  expect(calls).toEqual([]);
});
