/**
 * A link to the guardian of the other host, over datagrams.
 *
 * Datagrams and not a stream: what guardians tell each other is only worth something now. A stream would hold a new beat
 * back until a lost old one was sent again, would have to find out by itself that the other side is gone, and would have
 * to connect again after every partition. The election allows for loss; forgery, repetition and delay are kept out here.
 *
 * Invariants
 * 1. A listener hears only what `session.ts` let through, and nothing after `close`.
 * 2. While nothing is heard, the peer is greeted; while it is heard, the link adds no traffic of its own.
 */
import { createEmitter } from '../../base/index.ts';
import type { Clock, Random } from '../../base/index.ts';
import type { PeerMessage } from '../election/model.ts';
import { peerDrops } from './model.ts';
import type { OpenDatagrams, PeerDrop, PeerLink, PeerSeals } from './model.ts';
import { createPeerSession } from './session.ts';

export interface PeerLinkOptions {
  readonly openDatagrams: OpenDatagrams;
  readonly seals: PeerSeals;
  readonly clock: Clock;
  readonly random: Random;
  /** How long nothing may be heard before the peer is greeted again; well above the pause between two beats. */
  readonly quietMs?: number;
  /** How long nothing may be heard before the link counts as down. */
  readonly downAfterMs?: number;
}

/** How often a peer that is not heard is greeted. */
const greetEveryMs = 250;

/** Opens a link and keeps it up until `close`. */
export function openPeerLink(options: PeerLinkOptions): PeerLink {
  const { clock, quietMs = 1_000, downAfterMs = 2_000 } = options;
  const session = createPeerSession(options.seals, options.random);
  const emitter = createEmitter<PeerMessage>();
  const dropped = Object.fromEntries(peerDrops.map((why) => [why, 0])) as Record<PeerDrop, number>;
  let lastHeardMs: number | null = null;
  let closed = false;
  let cancelGreeting = (): void => undefined;

  const datagrams = options.openDatagrams((datagram) => {
    if (closed) return;
    const heard = session.receive(datagram, clock.bootMs());
    if (heard.dropped !== null) dropped[heard.dropped] += 1;
    if (heard.inSession) lastHeardMs = clock.bootMs();
    if (heard.reply !== null) datagrams.send(heard.reply);
    if (heard.message !== null) emitter.emit(heard.message);
  });

  const isQuietFor = (ms: number): boolean =>
    lastHeardMs === null || clock.bootMs() - lastHeardMs >= ms;

  const greetWhileQuiet = (): void => {
    const hello = isQuietFor(quietMs) ? session.hello() : null;
    if (hello !== null) datagrams.send(hello);
    cancelGreeting = clock.after(greetEveryMs, greetWhileQuiet);
  };
  greetWhileQuiet();

  return {
    send: (message) => {
      const datagram = closed ? null : session.send(message);
      if (datagram !== null) datagrams.send(datagram);
    },
    onMessage: (listener) => emitter.on(listener),
    state: () => ({
      kind: isQuietFor(downAfterMs) ? 'down' : 'up',
      lastHeardMs,
      dropped: { ...dropped },
    }),
    detail: () => {
      if (datagrams.problem() !== '') return datagrams.problem();
      if (!isQuietFor(downAfterMs)) return '';
      return lastHeardMs === null && dropped.forged > 0
        ? 'what comes from the other guardian has another secret; give both the same'
        : 'the other guardian is not heard';
    },
    close: () => {
      closed = true;
      cancelGreeting();
      datagrams.close();
    },
  };
}
