import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { FailoverEvent } from '../../shared/index.ts';
import type { PeerMessage } from '../election/model.ts';
import type { RegisterRecord } from '../model.ts';
import type { Register } from '../ports.ts';
import { checkedFarPair, checkedPair } from '../testing/pair-config.ts';
import { settledFarPair, settledPair } from '../testing/settled-pair.ts';
import { guardPair } from './driver.ts';
import type { PairPorts } from './driver.ts';

const answered = () => new Promise((resolve) => setImmediate(resolve));

/** Ports that write down what they are told, in order. */
function notingPorts(register: Partial<Register> = {}) {
  const clock = manualClock();
  const notes: string[] = [];
  const events: FailoverEvent[] = [];
  let record: RegisterRecord | null = {
    epoch: 4,
    holder: 'none',
    ctr: 9,
    addr: 'ws://10.0.0.1:21000',
  };
  const ports: PairPorts = {
    clock,
    stalls: { span: () => () => 0, stop: () => undefined },
    register: () => ({
      read: async () => (record === null ? { kind: 'empty' } : { kind: 'found', record }),
      compareAndSwap: async (_expected, next) => {
        notes.push('swap');
        record = next;
        return { kind: 'swapped' };
      },
      ...register,
    }),
    fence: () => ({
      grant: ({ epoch }) => notes.push(`grant ${String(epoch)}`),
      fence: async () => true,
      drain: async () => undefined,
      running: async () => 2,
      state: () => ({ fence: 'plugin', detail: '' }),
    }),
    openProbe: (member) => ({
      check: async (depth) => ({ kind: 'ok', latencyMs: 1, detail: depth, passed: [] }),
      close: () => notes.push(`close ${member.id}`),
    }),
    peer: null,
    followers: [],
    carriers: { mirror: null, workspace: null, duties: null },
    epochs: { highest: 0, remember: (epoch) => notes.push(`remember ${String(epoch)}`) },
    onEvent: (event) => events.push(event),
    onChange: () => undefined,
  };
  return { clock, notes, events, ports };
}

describe('the driver of a pair', () => {
  it('remembers an epoch on disk before anything is granted in it', async () => {
    const { clock, notes, ports } = notingPorts();
    const [config] = checkedFarPair();
    const guarded = guardPair(config, ports);
    for (let step = 0; step < 20; step += 1) {
      clock.advance(10);
      await answered();
    }
    expect(notes).toEqual(['remember 4', 'swap', 'remember 5', 'grant 5']);
    guarded.stop();
  });

  it('does nothing more after it was stopped: no write, no grant, no word, whatever still answers', async () => {
    const { clock, notes, events, ports } = notingPorts();
    const [config] = checkedFarPair();
    const guarded = guardPair(config, ports);
    guarded.stop();
    await answered();
    clock.advance(60_000);
    await answered();
    guarded.note({ kind: 'dns', gatewayId: null, reason: 'too late' });
    expect(guarded.ask('hold')).toBeNull();
    expect(notes).toEqual(['close home-a', 'close home-b']);
    expect(events).toEqual([]);
  });

  it('tells the other guardian how complete its copy is, and hands on what that one said', async () => {
    const { clock, ports } = notingPorts();
    const sent: PeerMessage[] = [];
    const followed: unknown[] = [];
    let hear = (_message: PeerMessage): void => undefined;
    const [config] = checkedFarPair();
    const guarded = guardPair(config, {
      ...ports,
      peer: {
        send: (message) => sent.push(message),
        onMessage: (listener) => {
          hear = listener;
          return () => undefined;
        },
        detail: () => '',
      },
      carriers: {
        mirror: {
          follow: (active) => followed.push(active),
          complete: () => true,
          view: () => null,
          caughtUp: async () => undefined,
        },
        workspace: null,
        duties: null,
      },
    });
    hear({
      kind: 'beat',
      maxEpoch: 4,
      role: 'standby',
      canTake: true,
      self: 'well',
      asksForRole: false,
      hold: { on: false, serial: 0 },
      turnOkAgoMs: null,
      wantsTurn: false,
      copied: true,
    });
    for (let step = 0; step < 20; step += 1) {
      clock.advance(10);
      await answered();
    }
    guarded.stop();
    expect(sent.find(({ kind }) => kind === 'beat')).toMatchObject({ copied: true });
    expect(followed).toContainEqual({ gatewayId: 'home-a', epoch: 5, inherited: true });
    expect(followed.at(-1)).toBeNull();
  });

  it('answers a person’s wish at once, whether or not it is granted', async () => {
    const pair = await settledPair();
    expect(pair.ask('hold')).toBeNull();
    expect(pair.ask('hold')).toBeNull();
    expect(pair.ask('unhold')).toBeNull();
    expect(pair.ask('force-alone')).not.toBeNull();
  });

  it('has its own gateway answer a turn and say how much runs; of another host it knows neither', async () => {
    const { ports } = notingPorts();
    const [config] = checkedFarPair();
    const guarded = guardPair(config, ports);
    const here = config[config.local === 'standby' ? 'standby' : 'primary'].id;
    const there = config[config.local === 'standby' ? 'primary' : 'standby'].id;
    expect(await guarded.askTurn(here)).toMatchObject({ kind: 'ok', detail: 'turn' });
    expect(await guarded.askTurn('nobody')).toMatchObject({ kind: 'blind' });
    expect([await guarded.running(here), await guarded.running(there)]).toEqual([2, null]);
    guarded.stop();
  });

  it('puts on the timeline what others found out', async () => {
    const pair = await settledPair();
    pair.hosts[0]!.guardian?.note({
      kind: 'dns',
      gatewayId: 'home-a',
      reason: 'The name follows.',
    });
    expect(pair.view().timeline.at(-1)).toMatchObject({
      kind: 'dns',
      reason: 'The name follows.',
      epoch: 1,
    });
    expect(pair.kinds().at(-1)).toBe('dns');
  });

  it('starts with the highest epoch that its host ever knew', async () => {
    const pair = await settledFarPair();
    pair.ask('hand-over', 0);
    await pair.run(2_000);
    expect(pair.hosts.map(({ remembered }) => remembered)).toEqual([2, 2]);
  });

  it('does not spin: a quiet pair wakes a bounded number of times', async () => {
    const { clock, ports } = notingPorts();
    let timers = 0;
    const counting: PairPorts = {
      ...ports,
      clock: {
        ...clock,
        after: (delayMs, run) => {
          timers += 1;
          return clock.after(delayMs, run);
        },
      },
    };
    const guarded = guardPair(checkedPair(), counting);
    for (let step = 0; step < 500; step += 1) {
      clock.advance(20);
      await answered();
    }
    // 10 s: checks of two members twice a second, a look at the register five times a second by each node.
    expect(timers).toBeLessThan(700);
    guarded.stop();
  });
});
