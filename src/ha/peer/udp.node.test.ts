import { createSocket } from 'node:dgram';
import { expect, it, onTestFinished } from 'vitest';

import { delay, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { PeerMessage } from '../election/model.ts';
import { freeUdpPort } from '../testing/free-ports.ts';
import { openPeerLink } from './link.ts';
import type { PeerLink } from './model.ts';
import { peerSeals } from './seals.node.ts';
import { udpDatagrams } from './udp.node.ts';

const clock = systemClock();
const host = '127.0.0.1';

function open(self: string, peer: string, own: number, other: number): PeerLink {
  const link = openPeerLink({
    openDatagrams: udpDatagrams({ host, port: own }, { host, port: other }, clock),
    seals: peerSeals('a secret', { pairId: 'home', self, peer }),
    clock,
    random: systemRandom(),
  });
  onTestFinished(() => link.close());
  return link;
}

/** Says it until it is heard: a datagram may be lost. */
async function hear(from: PeerLink, to: PeerLink, message: PeerMessage): Promise<PeerMessage> {
  const heard = Promise.withResolvers<PeerMessage>();
  const off = to.onMessage((said) => heard.resolve(said));
  const stop = new AbortController();
  void heard.promise.then(() => stop.abort());
  while (!stop.signal.aborted) {
    from.send(message);
    await delay(clock, 20, stop.signal);
  }
  off();
  return heard.promise;
}

it('carries messages both ways over real sockets, and again after one side was started anew', async () => {
  const [own, other] = [await freeUdpPort(), await freeUdpPort()];
  const a = open('home-a', 'home-b', own, other);
  const b = open('home-b', 'home-a', other, own);
  expect(await hear(a, b, { kind: 'preempt' })).toEqual({ kind: 'preempt' });
  const extend: PeerMessage = { kind: 'extend', id: 1, epoch: 3 };
  expect(await hear(b, a, extend)).toEqual(extend);
  expect(a.state().kind).toBe('up');
  expect(a.detail()).toBe('');

  b.close();
  const again = open('home-b', 'home-a', other, own);
  expect(await hear(again, a, extend)).toEqual(extend);
  expect(await hear(a, again, { kind: 'preempt' })).toEqual({ kind: 'preempt' });
});

it('waits for an address that is not free yet', async () => {
  const [own, other] = [await freeUdpPort(), await freeUdpPort()];
  const squatter = createSocket('udp4');
  await new Promise<void>((resolve) => squatter.bind(own, host, resolve));
  const a = open('home-a', 'home-b', own, other);
  const b = open('home-b', 'home-a', other, own);
  while (!a.detail().includes('cannot be used')) await delay(clock, 5);
  expect(a.state()).toMatchObject({ kind: 'down' });
  expect(a.detail()).toContain(`${host}:${String(own)}`);
  await new Promise<void>((resolve) => squatter.close(resolve));
  expect(await hear(b, a, { kind: 'preempt' })).toEqual({ kind: 'preempt' });
});
