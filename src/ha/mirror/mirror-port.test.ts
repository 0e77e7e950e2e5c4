import { expect, it, vi } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { MirrorPort } from '../ports.ts';
import { openMirrorPort } from './mirror-port.ts';
import { memoryGateway, messageRow } from './testing/memory-gateway.ts';
import type { MemoryGateway } from './testing/memory-gateway.ts';

const key = 'agent:main:main';

function world(reachable: readonly string[] = ['a', 'b']): {
  port: MirrorPort;
  a: MemoryGateway;
  b: MemoryGateway;
  inStep(): Promise<void>;
  clock: ReturnType<typeof manualClock>;
} {
  const clock = manualClock();
  const [a, b] = [memoryGateway(clock), memoryGateway(clock)];
  const gateways = new Map([
    ['a', a],
    ['b', b],
  ]);
  const port = openMirrorPort({
    journal: (id) => (reachable.includes(id) ? (gateways.get(id)?.journal ?? null) : null),
    otherOf: (id) => (id === 'a' ? 'b' : 'a'),
    clock,
    random: { unit: () => 0.5, id: () => 'id' },
    onChange: () => undefined,
  });
  const inStep = (): Promise<void> =>
    vi.waitFor(() => {
      clock.advance(100);
      expect(port.view()).toMatchObject({ state: 'in-step', behindMs: null });
    });
  return { port, a, b, inStep, clock };
}

it('copies from the gateway that is active, and turns round with the role', async () => {
  const { port, a, b, inStep } = world();
  expect(port.view()).toBeNull();
  a.acting = true;
  a.say(key, 'q1');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  await inStep();
  expect(b.ids(key)).toEqual(['q1']);
  port.follow(null);
  expect(port.view()).toBeNull();
  [a.acting, b.acting] = [false, true];
  b.say(key, 'a1');
  port.follow({ gatewayId: 'b', epoch: 2, inherited: false });
  await inStep();
  expect(a.ids(key)).toEqual(['q1', 'a1']);
  port.follow(null);
});

it('goes on with what it has when it is told the same again', async () => {
  const { port, a, b, inStep } = world();
  a.say(key, 'q1');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  await inStep();
  const surveys = vi.spyOn(b.journal, 'survey');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  expect(port.view()).toMatchObject({ state: 'in-step' });
  expect(surveys).not.toHaveBeenCalled();
  port.follow(null);
});

it('copies nothing where the other gateway cannot be reached from here', () => {
  const { port } = world(['a']);
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  expect(port.view()).toBeNull();
});

it('waits for what is on its way, and not for what cannot come', async () => {
  const { port, a, b, inStep } = world();
  a.say(key, 'q1');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  await port.caughtUp(1_000_000);
  expect(port.view()).toMatchObject({ state: 'in-step' });
  b.fault = () => 'lost-call';
  a.say(key, 'a1');
  await vi.waitFor(() => expect(port.view()).toMatchObject({ state: 'away' }));
  await port.caughtUp(1_000_000); // at once
  b.fault = () => null;
  await inStep();
  port.follow(null);
});

it('does not believe that nothing came while it was told of nothing', async () => {
  const { port, a, b, inStep } = world();
  a.say(key, 'q1');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  await inStep();
  a.say(key, 'q2');
  await vi.waitFor(() => expect(b.ids(key)).toEqual(['q1', 'q2']));
  await inStep();
  // A row of which no hint has come yet.
  const conversation = a.conversations.get(key);
  if (conversation !== undefined)
    conversation.rows = [...conversation.rows, messageRow('a2', 'q2')];
  await port.caughtUp(1_000_000);
  expect(b.ids(key)).toEqual(['q1', 'q2', 'a2']);
  port.follow(null);
});

it('knows whether the gateway that takes over has all that the other one had', async () => {
  const { port, a, b, inStep, clock } = world();
  a.say(key, 'q1');
  port.follow({ gatewayId: 'a', epoch: 1, inherited: false });
  expect(port.view()).toMatchObject({ inherited: false });
  await inStep();
  a.fault = () => 'lost-call'; // it dies
  a.say(key, 'lost at once');
  await vi.waitFor(() => expect(port.view()).toMatchObject({ state: 'away' }));
  clock.advance(60_000); // however long the takeover takes
  port.follow(null);
  port.follow({ gatewayId: 'b', epoch: 2, inherited: false });
  expect(port.view()).toMatchObject({ inherited: true });
  port.follow({ gatewayId: 'b', epoch: 3, inherited: false });
  expect(port.view()).toMatchObject({ inherited: true });

  // And back, with a copy that was far behind.
  a.fault = () => null;
  await inStep();
  const stuck = a.conversations.get(key);
  if (stuck !== undefined) stuck.busy = true;
  b.say(key, 'more');
  await vi.waitFor(() => {
    clock.advance(600);
    expect(port.view()?.behindMs).toBeGreaterThan(2_000);
  });
  port.follow({ gatewayId: 'a', epoch: 4, inherited: false });
  expect(port.view()).toMatchObject({ inherited: false });
  port.follow(null);
});

it('takes the word of the guardian that copied until now, where it copied nothing itself', async () => {
  const { port, a, inStep } = world();
  a.say(key, 'q1');
  expect(port.complete()).toBe(false);
  port.follow({ gatewayId: 'a', epoch: 2, inherited: true });
  expect(port.view()).toMatchObject({ inherited: true });
  expect(port.complete()).toBe(false);
  await inStep();
  expect(port.complete()).toBe(true);
  port.follow(null);
  expect(port.complete()).toBe(true); // what it left is complete
});

it('does not go by what it saw before somebody else had the role', async () => {
  const { port } = world();
  port.follow({ gatewayId: 'b', epoch: 5, inherited: true });
  port.follow(null);
  port.follow({ gatewayId: 'b', epoch: 7, inherited: false });
  expect(port.view()).toMatchObject({ inherited: false });
  port.follow(null);
  port.follow({ gatewayId: 'b', epoch: 9, inherited: true });
  expect(port.view()).toMatchObject({ inherited: true });
  port.follow(null);
});
