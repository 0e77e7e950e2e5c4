import { describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ManualClock } from '../../base/testing/manual-clock.ts';
import type { PeerMessage } from '../election/model.ts';
import { openPeerLink } from './link.ts';
import type { PeerLink } from './model.ts';
import { maxDatagramBytes } from './packet.ts';
import { peerSeals } from './seals.node.ts';
import { fakeNetwork } from './testing/fake-network.ts';
import type { FakeNetwork } from './testing/fake-network.ts';

interface Side {
  readonly link: PeerLink;
  readonly heard: PeerMessage[];
}

interface World {
  readonly clock: ManualClock;
  readonly network: FakeNetwork;
  start(side: 'a' | 'b', secret?: string, pairId?: string): Side;
}

function world(): World {
  const clock = manualClock();
  const network = fakeNetwork(clock);
  return {
    clock,
    network,
    start: (side, secret = 'a secret', pairId = 'home') => {
      const names = {
        pairId,
        self: `home-${side}`,
        peer: side === 'a' ? 'home-b' : 'home-a',
      };
      const link = openPeerLink({
        openDatagrams: network.socket(side),
        seals: peerSeals(secret, names),
        clock,
        random: systemRandom(),
      });
      const heard: PeerMessage[] = [];
      link.onMessage((message) => heard.push(message));
      return { link, heard };
    },
  };
}

function asked(id: number): PeerMessage {
  return { kind: 'extend', id, epoch: 1 };
}

describe('a link between two guardians', () => {
  it('comes up within one round trip of the first greeting that arrives, and carries every kind of message', () => {
    const { clock, start } = world();
    const a = start('a');
    expect(a.link.state()).toMatchObject({ kind: 'down', lastHeardMs: null });
    const b = start('b');
    clock.advance(3);
    expect([a.link.state().kind, b.link.state().kind]).toEqual(['up', 'up']);
    const messages: PeerMessage[] = [
      {
        kind: 'beat',
        maxEpoch: 7,
        role: 'active',
        canTake: false,
        self: 'well',
        hold: { on: true, serial: 3 },
        asksForRole: true,
        turnOkAgoMs: 1_200.5,
        wantsTurn: false,
      },
      { kind: 'released', record: { epoch: 7, holder: 'none', ctr: 12, addr: '' } },
      { kind: 'extend', id: 1, epoch: 7 },
      { kind: 'extended', id: 1, epoch: 7 },
      { kind: 'ask-epoch', id: 2 },
      { kind: 'tell-epoch', id: 2, maxEpoch: 7 },
      { kind: 'preempt' },
    ];
    for (const message of messages) a.link.send(message);
    clock.advance(1);
    expect(b.heard).toEqual(messages);
    expect(b.link.state().lastHeardMs).toBe(clock.bootMs());
  });

  it.each(['a', 'b'] as const)('finds a restarted %s again within one round trip', (restarted) => {
    const { clock, start } = world();
    const before = { a: start('a'), b: start('b') };
    clock.advance(3);
    before[restarted].link.close();
    clock.advance(10);
    const reborn = start(restarted);
    clock.advance(3); // its greeting, the answer, and the proof that the answer was heard
    const other = before[restarted === 'a' ? 'b' : 'a'];
    reborn.link.send(asked(1));
    other.link.send(asked(2));
    clock.advance(1);
    expect(other.heard).toEqual([asked(1)]);
    expect(reborn.heard).toEqual([asked(2)]);
  });

  it('is down after silence and up again after it, without a new connection', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    network.fate(() => []);
    clock.advance(2_500);
    expect(a.link.state().kind).toBe('down');
    expect(a.link.detail()).toContain('not heard');
    network.fate(() => [1]);
    clock.advance(253);
    expect([a.link.state().kind, b.link.state().kind]).toEqual(['up', 'up']);
  });

  it('adds no traffic of its own while the peer is heard', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    const before = network.sent.length;
    for (let beat = 0; beat < 20; beat += 1) {
      a.link.send(asked(beat));
      b.link.send(asked(beat));
      clock.advance(500);
    }
    expect(network.sent).toHaveLength(before + 40);
  });

  it('does not hear the same datagram twice, nor an older one after a newer one', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    network.fate(() => []);
    for (const id of [1, 2, 3]) a.link.send(asked(id));
    const [first, second, third] = network.sent.slice(-3).map(({ datagram }) => datagram);
    for (const datagram of [first!, first!, third!, second!, third!]) network.inject('b', datagram);
    expect(b.heard).toEqual([asked(1), asked(3)]);
    expect(b.link.state().dropped.replayed).toBe(3);
  });

  it('hears nothing of an earlier life of the peer, whatever is replayed and when', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    a.link.send(asked(1));
    b.link.send(asked(100));
    clock.advance(1);
    const recorded = [...network.sent];
    a.link.close();
    const reborn = start('a');
    clock.advance(3);
    for (const { from, datagram } of recorded) network.inject(from === 'a' ? 'b' : 'a', datagram);
    clock.advance(10);
    expect(b.heard).toEqual([asked(1)]);
    expect(reborn.heard).toEqual([]);
    // And the living still hear each other.
    reborn.link.send(asked(2));
    clock.advance(1);
    expect(b.heard).toEqual([asked(1), asked(2)]);
  });

  it('does not hear, nor answer, who does not know the secret', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const stranger = start('b', 'another secret');
    clock.advance(1_000);
    stranger.link.send(asked(1));
    clock.advance(1);
    expect(a.heard).toEqual([]);
    expect(a.link.state()).toMatchObject({ kind: 'down', lastHeardMs: null });
    expect(a.link.state().dropped.forged).toBeGreaterThan(0);
    expect(a.link.detail()).toContain('another secret');
    const greetings = network.sent.filter(({ from }) => from === 'a');
    expect(new Set(greetings.map(({ datagram }) => datagram.length))).toEqual(new Set([74]));
  });

  it.each([
    ['from another pair with the same secret', 'work'],
    ['sent back to where it came from', null],
  ])('does not take what was %s', (_words, pairId) => {
    const { clock, network, start } = world();
    const a = start('a');
    if (pairId !== null) start('b', 'a secret', pairId);
    network.fate((from, datagram) => {
      if (pairId === null) network.inject(from, datagram);
      return [1];
    });
    clock.advance(1_000);
    expect(a.link.state()).toMatchObject({ kind: 'down' });
    expect(a.link.state().dropped.forged).toBeGreaterThan(0);
  });

  it('drops what was changed on the way, one byte of it anywhere', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    network.fate(() => []);
    a.link.send(asked(1));
    const genuine = network.sent.at(-1)!.datagram;
    for (const [index, byte] of genuine.entries()) {
      const changed = Uint8Array.from(genuine);
      changed[index] = byte ^ 1;
      network.inject('b', changed);
    }
    expect(b.heard).toEqual([]);
    network.inject('b', genuine);
    expect(b.heard).toEqual([asked(1)]);
  });

  it('drops what is no packet of this version, and never sends more than fits into one', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    const sentBefore = network.sent.length;
    a.link.send({
      kind: 'released',
      record: { epoch: 1, holder: 'none', ctr: 1, addr: 'x'.repeat(2_000) },
    });
    expect(network.sent).toHaveLength(sentBefore);
    const junk = [
      new Uint8Array(0),
      new Uint8Array(73),
      new Uint8Array(maxDatagramBytes + 1),
      Uint8Array.of(2, ...new Uint8Array(80)),
    ];
    for (const datagram of junk) network.inject('b', datagram);
    expect(b.link.state().dropped.malformed).toBe(junk.length);
  });

  it('does not answer replayed greetings as fast as they come', () => {
    const { clock, network, start } = world();
    start('a');
    start('b');
    const greeting = network.sent[0]!.datagram;
    clock.advance(3);
    const before = network.sent.length;
    for (let round = 0; round < 1_000; round += 1) network.inject('b', greeting);
    expect(network.sent.length - before).toBeLessThanOrEqual(10);
  });

  it('says nothing after it was closed', () => {
    const { clock, network, start } = world();
    const a = start('a');
    const b = start('b');
    clock.advance(3);
    b.link.close();
    const before = network.sent.length;
    b.link.send(asked(1));
    a.link.send(asked(2));
    clock.advance(5_000);
    expect(network.sent.slice(before).every(({ from }) => from === 'a')).toBe(true);
    expect(b.heard).toEqual([]);
  });
});
