import { beforeEach, expect, test } from 'vitest';

import { createLogger, systemRandom } from '../base/index.ts';
import { manualClock, type ManualClock } from '../base/testing/manual-clock.ts';
import type { ManagedGateway, ProcessState } from './model.ts';
import { createSupervisor, type Supervisor } from './supervisor.ts';
import { fakeProcess, fakeProcessHost, type FakeProcessHost } from './testing/fake-process-host.ts';
import { memoryVault } from './testing/memory-vault.ts';

const home: ManagedGateway = {
  id: 'home',
  name: 'Home',
  domain: 'personal',
  kind: 'managed',
  port: 21000,
  model: null,
};
const crashed = { code: 1, signal: null };

let host: FakeProcessHost;
let clock: ManualClock;
let vault: ReturnType<typeof memoryVault>;
let supervisor: Supervisor;
let seen: ProcessState[];

beforeEach(() => {
  host = fakeProcessHost();
  clock = manualClock();
  vault = memoryVault();
  supervisor = createSupervisor({
    host,
    vault,
    clock,
    random: systemRandom(),
    logger: createLogger('test', () => clock.wallMs(), []),
  });
  seen = [];
  supervisor.onState(({ state }) => seen.push(state));
});

test('starts with a fresh token that is in the vault first, and is running once it is live', async () => {
  host.live = false;
  await supervisor.start(home);
  expect(supervisor.state('home').phase).toBe('starting');
  expect(host.started[0]?.token).toMatch(/^[0-9a-f]{64}$/u);
  expect(vault.entries.get('gateway-token:home')).toBe(host.started[0]?.token);
  host.live = true;
  await reaches('running');
  expect(supervisor.state('home')).toMatchObject({ pid: 100, adopted: false });
});

test('a killed gateway is started again by itself', async () => {
  await supervisor.start(home);
  await reaches('running');
  host.started[0]?.end({ code: null, signal: 'SIGKILL' });
  expect(await reaches('failed')).toMatchObject({ reason: 'exited', detail: 'ended by SIGKILL' });
  clock.advance(1_000);
  expect(await reaches('running', 1)).toMatchObject({ pid: 101 });
  expect(host.started[1]?.token).toBe(host.started[0]?.token);
});

test('with restart never it stays ended', async () => {
  await supervisor.start(home, { restart: 'never' });
  await reaches('running');
  host.started[0]?.end(crashed);
  expect(await reaches('failed')).toMatchObject({ reason: 'exited', retryAtMs: null });
  clock.advance(3_600_000);
  expect(host.started).toHaveLength(1);
});

test('three quick ends in a row are a crash loop, and start tries anew', async () => {
  await supervisor.start(home);
  for (let round = 0; round < 3; round += 1) {
    await reaches('running', round);
    host.started[round]?.end(crashed);
    await reaches('failed', round);
    clock.advance(30_000);
  }
  expect(supervisor.state('home')).toMatchObject({
    phase: 'failed',
    reason: 'crash-loop',
    detail: '/profile/home.log',
    retryAtMs: null,
  });
  clock.advance(3_600_000);
  expect(host.started).toHaveLength(3);
  await supervisor.start(home);
  expect(host.started).toHaveLength(4);
});

test('an end after a long life does not count towards a crash loop', async () => {
  await supervisor.start(home);
  for (let round = 0; round < 4; round += 1) {
    await reaches('running', round);
    clock.advance(60_000);
    host.started[round]?.end(crashed);
    await reaches('failed', round);
    clock.advance(1_000);
  }
  await reaches('running', 4);
});

test('exit code 78 is repaired once, then left to a person', async () => {
  await supervisor.start(home);
  await reaches('running');
  host.started[0]?.end({ code: 78, signal: null });
  await reaches('running', 1);
  expect(host.calls).toEqual(['prepare', 'start', 'repair', 'prepare', 'start']);
  const phases = seen.map((state) => state.phase);
  // It is not called running during the repair: its port is free for anybody then.
  expect(phases).toEqual(['starting', 'running', 'starting', 'starting', 'running']);
  host.started[1]?.end({ code: 78, signal: null });
  expect(await reaches('failed')).toMatchObject({
    reason: 'config',
    detail: '/profile/home.log',
    retryAtMs: null,
  });
  expect(host.calls.filter((call) => call === 'repair')).toHaveLength(1);
});

test('a repair that fails is not followed by a start', async () => {
  host.repairs = false;
  await supervisor.start(home);
  await reaches('running');
  host.started[0]?.end({ code: 78, signal: null });
  expect(await reaches('failed')).toMatchObject({ reason: 'config' });
  expect(host.started).toHaveLength(1);
});

test('a taken port is named and looked at again', async () => {
  host.portFree = false;
  expect(await supervisor.start(home)).toMatchObject({
    phase: 'failed',
    reason: 'port-in-use',
    detail: '127.0.0.1:21000',
  });
  expect(host.started).toHaveLength(0);
  host.portFree = true;
  clock.advance(5_000);
  await reaches('running');
});

test('without a runtime nothing is started', async () => {
  host.missing = 'OpenClaw is missing';
  expect(await supervisor.start(home)).toMatchObject({
    phase: 'failed',
    reason: 'no-runtime',
    detail: 'OpenClaw is missing',
  });
  expect(host.calls).toEqual([]);
});

test('a live process of an earlier run is adopted, not doubled', async () => {
  vault.entries.set('gateway-token:home', 'kept');
  host.portFree = false; // it holds the port itself
  host.running = { process: fakeProcess(7, 'kept', host.calls, () => true), current: true };
  await supervisor.start(home);
  expect(await reaches('running')).toMatchObject({ pid: 7, adopted: true });
  expect(host.started).toHaveLength(0);
});

test.each([
  ['its token is lost', null, true],
  ['its configuration changed', 'kept', false],
])('a live process is replaced when %s', async (_why, token, current) => {
  if (token !== null) vault.entries.set('gateway-token:home', token);
  host.running = { process: fakeProcess(7, '', host.calls, () => true), current };
  await supervisor.start(home);
  expect(host.calls).toEqual(['SIGTERM 7', 'prepare', 'start']);
});

test('stop asks first, and kills after 20 s', async () => {
  host.obeysTerm = false;
  await supervisor.start(home);
  await reaches('running');
  const stopped = supervisor.stop('home');
  await reaches('stopping');
  clock.advance(19_000);
  await settle();
  expect(host.calls).not.toContain('SIGKILL 100');
  clock.advance(1_000);
  await stopped;
  expect(host.calls).toContain('SIGKILL 100');
  expect(supervisor.state('home').phase).toBe('stopped');
  clock.advance(3_600_000);
  expect(host.started).toHaveLength(1);
});

test('stop while it waits for its next start cancels that', async () => {
  await supervisor.start(home);
  await reaches('running');
  host.started[0]?.end(crashed);
  await reaches('failed');
  await supervisor.stop('home');
  clock.advance(3_600_000);
  await settle();
  expect(host.started).toHaveLength(1);
});

test('stopAll ends all of them', async () => {
  await supervisor.start(home);
  await supervisor.start({ ...home, id: 'second', port: 21200 });
  await supervisor.stopAll();
  expect(host.calls.filter((call) => call.startsWith('SIGTERM'))).toEqual([
    'SIGTERM 100',
    'SIGTERM 101',
  ]);
});

test('release leaves processes running and unwatched', async () => {
  await supervisor.start(home);
  await reaches('running');
  supervisor.release();
  host.started[0]?.end(crashed);
  await settle();
  clock.advance(3_600_000);
  expect(host.started).toHaveLength(1);
  expect(host.calls.filter((call) => call.startsWith('SIG'))).toEqual([]);
});

/** Waits until the phase was entered `after + 1` times, letting simulated polling pass. */
async function reaches(phase: ProcessState['phase'], after = 0): Promise<ProcessState> {
  for (let step = 0; step < 1_000; step += 1) {
    const hits = seen.filter((state) => state.phase === phase);
    const hit = hits[after];
    if (hit !== undefined) return hits.at(-1) ?? hit;
    await settle();
    clock.advance(1);
  }
  throw new Error(`never ${phase}; was ${seen.map((state) => state.phase).join(', ')}`);
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
