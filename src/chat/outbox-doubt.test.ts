import { beforeEach, describe, expect, test } from 'vitest';

import {
  gatewayCalled,
  message,
  outboxWorld,
  promised,
  settled,
  statesOf,
} from './testing/outbox-world.ts';
import type { ScriptedGateway } from './testing/outbox-world.ts';

let world: ReturnType<typeof outboxWorld>;
let a: ScriptedGateway;

beforeEach(() => {
  world = outboxWorld();
  a = world.a;
});

describe('a message whose fate is not known', () => {
  test('is looked up: recorded and answered is done', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-after-recording';
    outbox.add(message);
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    a.answered.push('k1');
    a.state.ready = true;
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual([]);
    expect(a.sends).toEqual(['k1']);
  });

  test('once acknowledged, stays so until the connection is lost', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    expect(a.sends).toEqual(['k1']);
  });

  test('is looked up: not recorded goes again under the same key', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    a.state = Object.assign(a.state, { ready: true, fate: 'accepts' });
    await outbox.wake('home');
    expect(a.sends).toEqual(['k1', 'k1']);
    expect(a.recorded).toEqual(['k1']);
  });

  test('recorded, not answered and not running: parked for the person', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-after-recording';
    outbox.add(message);
    await outbox.wake('home');
    a.state.ready = true;
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    await outbox.wake('home');
    expect(a.sends).toEqual(['k1']);
  });

  test('is never given to another gateway by itself', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    world.active = b;
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    expect(b.sends).toEqual([]);
    outbox.retry('k1');
    await outbox.wake('home');
    expect(b.recorded).toEqual(['k2']);
  });

  test('one that still waited to leave does go to the gateway that took over', async () => {
    a.state.ready = false;
    const outbox = world.open();
    outbox.add(message);
    const b = gatewayCalled('b');
    world.active = b;
    await outbox.wake('home');
    expect(b.recorded).toEqual(['k1']);
  });

  test('after a crash of the app, what was being sent is uncertain and looked up', async () => {
    world.database.outbox.insert({
      ...message,
      id: 'k9',
      state: 'sending',
      gatewayId: 'a',
      createdAtMs: 0,
      updatedAtMs: 0,
      problem: null,
    });
    a.recorded.push('k9');
    a.answered.push('k9');
    const outbox = world.open();
    expect(statesOf(outbox)).toEqual(['k9 uncertain']);
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual([]);
    expect(a.sends).toEqual([]);
  });
});

describe('what history does not show', () => {
  test('goes again only where history reaches back to before it', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    Object.assign(a.state, { ready: true, fate: 'accepts', history: { hasMore: true } });
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({
      state: 'uncertain',
      problem: 'It is not known whether the gateway got it.',
    });
    a.state.history = {};
    await outbox.reconnected('home');
    await world.open().reconnected('home');
    expect(a.sends).toEqual(['k1']);
  });

  test('never goes again once it was acknowledged, not after a restart either', async () => {
    const first = world.open();
    first.add(message);
    await first.wake('home');
    a.recorded.length = 0;
    a.state.history = null;
    await first.reconnected('home');
    const second = world.open();
    a.state.history = {};
    await second.reconnected('home');
    expect(statesOf(second)).toEqual(['k1 uncertain']);
    await second.reconnected('home');
    const third = world.open();
    await third.reconnected('home');
    expect(statesOf(third)).toEqual(['k1 uncertain']);
    expect(a.sends).toEqual(['k1']);
  });

  test('does not clear what was parked; an answer does', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-after-recording';
    outbox.add(message);
    await outbox.wake('home');
    a.state.ready = true;
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    a.answered.push('k1');
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual([]);
  });

  test('is given to the gateway that proved it absent, and to no other', async () => {
    const outbox = world.open();
    a.state.fate = 'lost-without-recording';
    outbox.add(message);
    await outbox.wake('home');
    Object.assign(a.state, { ready: true, fate: 'accepts' });
    const b = gatewayCalled('b');
    world.changed = (item) => {
      if (item.state === 'queued') world.active = b;
    };
    await outbox.wake('home');
    expect(b.sends).toEqual([]);
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
  });
});

describe('an answer that comes after a failover', () => {
  const words = 'The gateway it was given to stopped before it answered.';

  test('a receipt does not count: the message is parked', async () => {
    const held = promised();
    a.state.held = held.promise;
    const outbox = world.open();
    outbox.add(message);
    world.active = gatewayCalled('b');
    held.keep();
    await outbox.wake('home');
    expect(outbox.open()[0]).toMatchObject({ state: 'uncertain', problem: words });
  });

  test('nor does a look-up that finds it running', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const held = promised();
    Object.assign(a.state, { held: held.promise, history: { inFlightRun: { runId: 'k1' } } });
    const woken = outbox.reconnected('home');
    world.active = gatewayCalled('b');
    held.keep();
    await woken;
    expect(outbox.open()[0]).toMatchObject({ state: 'uncertain', problem: words });
  });
});

describe('a failover to a gateway that has the conversation', () => {
  beforeEach(() => {
    world.inherits = true;
  });

  test('a message that was acknowledged and not answered goes to it under the same key, once', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    b.recorded.push('k1'); // the copy has the question
    world.active = b;
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    expect(b.sends).toEqual(['k1']);
    expect(outbox.open()[0]).toMatchObject({ gatewayId: 'b' });
    outbox.runEnded('home', 'k1', 'done', '');
    expect(statesOf(outbox)).toEqual([]);
  });

  test('one whose turn was cut in a tool is not repeated; the person may let it go on', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    b.cut.push('k1');
    world.active = b;
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual(['k1 interrupted']);
    expect(outbox.open()[0]?.problem).toContain('while exec ran');
    expect(b.sends).toEqual([]);
    outbox.retry('k1');
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k2 acknowledged']);
    expect(outbox.open()[0]?.text).toContain('Continue');
    expect(b.sends).toEqual(['k2']);
  });

  test('one that never got into the copy goes to it as well', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    world.active = b;
    await outbox.reconnected('home');
    expect(b.sends).toEqual(['k1']);
  });

  test('one that is to go again, and has not left since, is looked up before it leaves', async () => {
    world.database.outbox.insert({
      ...message,
      id: 'k9',
      state: 'queued',
      gatewayId: 'a',
      createdAtMs: 0,
      updatedAtMs: 0,
      problem: null,
    });
    a.recorded.push('k9');
    a.answered.push('k9');
    const outbox = world.open();
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual([]);
    expect(a.sends).toEqual([]);
  });

  test('one that is answered there is done, and not asked again', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    b.recorded.push('k1');
    b.answered.push('k1');
    world.active = b;
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual([]);
    expect(b.sends).toEqual([]);
  });

  test('one whose receipt comes after the role has moved goes on there', async () => {
    const held = promised();
    a.state.held = held.promise;
    const outbox = world.open();
    outbox.add(message);
    const b = gatewayCalled('b');
    b.recorded.push('k1');
    world.active = b;
    held.keep();
    await outbox.wake('home');
    await settled();
    world.clock.advance(0);
    await settled();
    expect(b.sends).toEqual(['k1']);
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
  });

  test('one that was lost on its way goes on there, before what was typed after it', async () => {
    a.state.fate = 'lost-after-recording';
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    outbox.add({ ...message, text: 'second' });
    const b = gatewayCalled('b');
    b.recorded.push('k1');
    world.active = b;
    await outbox.reconnected('home');
    expect(b.sends).toEqual(['k1', 'k2']);
  });

  test('what cannot be looked up there is parked, not sent on a guess', async () => {
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    const b = gatewayCalled('b');
    b.state.history = { hasMore: true };
    world.active = b;
    await outbox.reconnected('home');
    expect(b.sends).toEqual([]);
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
  });
});

describe('a connection that lives but does not answer', () => {
  test('a send that timed out is looked up by itself, and goes again', async () => {
    a.state.fate = 'times-out';
    const outbox = world.open();
    outbox.add(message);
    await settled();
    expect(statesOf(outbox)).toEqual(['k1 uncertain']);
    a.state.fate = 'accepts';
    world.clock.advance(2_000);
    await settled();
    expect(statesOf(outbox)).toEqual(['k1 acknowledged']);
    expect(a.sends).toEqual(['k1', 'k1']);
  });

  test('nothing overtakes a message that is being looked up, and the look-up is repeated', async () => {
    Object.assign(a.state, { ready: false, fate: 'times-out', history: null });
    const outbox = world.open();
    outbox.add(message);
    outbox.add({ ...message, text: 'second' });
    a.state.ready = true;
    await outbox.wake('home');
    a.state.fate = 'accepts';
    await outbox.wake('home');
    expect(a.sends).toEqual(['k1']);
    world.clock.advance(2_000);
    await settled();
    a.state.history = {};
    world.clock.advance(2_000);
    await settled();
    expect(a.recorded).toEqual(['k1', 'k2']);
  });

  test('one that is parked holds nobody up, even where history goes on being silent', async () => {
    a.state.fate = 'times-out';
    a.state.history = { hasMore: true };
    const outbox = world.open();
    outbox.add(message);
    await outbox.wake('home');
    await outbox.wake('home');
    a.state.fate = 'accepts';
    a.state.history = null;
    outbox.add({ ...message, text: 'second' });
    await outbox.reconnected('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain', 'k2 acknowledged']);
  });

  test('a look-up that is refused for good is decided: the message is parked', async () => {
    a.state.fate = 'times-out';
    a.state.history = 'refused';
    const outbox = world.open();
    outbox.add(message);
    await settled();
    await outbox.wake('home');
    a.state.fate = 'accepts';
    outbox.add({ ...message, text: 'second' });
    await outbox.wake('home');
    expect(statesOf(outbox)).toEqual(['k1 uncertain', 'k2 acknowledged']);
  });

  test('however often a pane is woken, and however much is in doubt, one look-up waits to be repeated', async () => {
    const outbox = world.open();
    outbox.add(message);
    outbox.add(message);
    await outbox.wake('home');
    a.state.history = null;
    await outbox.reconnected('home');
    for (let round = 0; round < 20; round += 1) await outbox.wake('home');
    const before = a.asked.length;
    world.clock.advance(2_000);
    await settled();
    expect(a.asked.length - before).toBe(1);
  });
});
