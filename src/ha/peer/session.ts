/**
 * One guardian's half of a session with its peer. Pure but for the state it keeps: datagrams in, datagrams out.
 *
 * Both sides name themselves by a random nonce that is new for every session, and a session is the pair of the two. A side
 * believes that a nonce is its peer's only when a packet with it comes addressed to a nonce that this side made up just
 * now; so whoever is at the other end is alive now, and needs no clock to prove it.
 *
 * Invariants
 * 1. Nothing is believed, and nothing answered, before the tag is found right.
 * 2. A message is heard at most once, and after it none that its sender sent earlier: inside a session counters only rise,
 *    and the nonce of a session that ended is never accepted again.
 * 3. An answer is only given to a packet that is addressed to nobody in particular, or to a nonce that this side goes by:
 *    packets of earlier lives die in silence, and two sides never answer each other for ever.
 * 4. Where both sides are alive and say `hello` while they hear nothing, a session comes about within one round trip of
 *    the first `hello` that arrives.
 */
import type { Random } from '../../base/index.ts';
import type { PeerMessage } from '../election/model.ts';
import type { PeerDrop, PeerSeals } from './model.ts';
import { noNonce, readPacket, sameBytes, writePacket } from './packet.ts';
import { readPeerMessage, writePeerMessage } from './peer-message.ts';

/** Replayed packets must not make us answer at the rate they come. */
const answersPerWindow = 10;
const windowMs = 100;
const emptyBody = new Uint8Array(0);

export interface Heard {
  /** To be sent to the peer. */
  readonly reply: Uint8Array | null;
  readonly message: PeerMessage | null;
  /** Why the packet was not taken; null when it was, or when it was answered for what it is: a greeting. */
  readonly dropped: PeerDrop | null;
  /** The packet belongs to the session: the peer is alive. */
  readonly inSession: boolean;
}

export interface PeerSession {
  receive(datagram: Uint8Array, bootMs: number): Heard;
  /** The message as a datagram; null while there is no session, or when it is too long. */
  send(message: PeerMessage): Uint8Array | null;
  /** A greeting to whoever lives at the other end. */
  hello(): Uint8Array | null;
}

/** Makes a session that has not begun. */
export function createPeerSession(seals: PeerSeals, random: Random): PeerSession {
  let current: { readonly own: string; readonly peer: string; heardUpTo: number } | null = null;
  /** The nonce that the next session will have on this side; kept until it is used, so that many greetings end in one. */
  let pending: string | null = null;
  let counter = 0;
  let window = { sinceMs: Number.NEGATIVE_INFINITY, answers: 0 };

  const mayAnswer = (bootMs: number): boolean => {
    if (bootMs >= window.sinceMs + windowMs) window = { sinceMs: bootMs, answers: 0 };
    window.answers += 1;
    return window.answers <= answersPerWindow;
  };

  const write = (
    kind: 'hello' | 'data',
    from: string,
    to: string,
    body: Uint8Array,
  ): Uint8Array | null => {
    counter += 1; // never begun again in this life, whatever the session
    return writePacket({ kind, from, to, counter, body }, seals.ours);
  };

  const greet = (to: string): Uint8Array | null => {
    pending ??= random.id().replaceAll('-', '');
    return write('hello', pending, to, emptyBody);
  };

  const drop = (dropped: PeerDrop): Heard => ({
    reply: null,
    message: null,
    dropped,
    inSession: false,
  });

  const take = (body: Uint8Array, reply: Uint8Array | null): Heard => {
    const message = body.length === 0 ? null : readPeerMessage(body);
    const dropped = body.length > 0 && message === null ? 'not-understood' : null;
    return { reply, message, dropped, inSession: true };
  };

  return {
    receive: (datagram, bootMs) => {
      const received = readPacket(datagram);
      if (received === null) return drop('malformed');
      const { packet } = received;
      if (!sameBytes(seals.theirs(received.signed), received.tag)) return drop('forged'); // invariant 1

      if (current !== null && packet.to === current.own && packet.from === current.peer) {
        if (packet.counter <= current.heardUpTo) return drop('replayed'); // invariant 2
        current.heardUpTo = packet.counter;
        return take(packet.body, null);
      }
      if (pending !== null && packet.to === pending) {
        current = { own: pending, peer: packet.from, heardUpTo: packet.counter };
        pending = null;
        const { own, peer } = current;
        // A greeting wants to know that it was heard; what comes in a session already does.
        return take(
          packet.body,
          packet.kind === 'hello' ? write('data', own, peer, emptyBody) : null,
        );
      }
      if (packet.to !== noNonce && packet.to !== current?.own) return drop('other-session'); // invariant 3
      if (!mayAnswer(bootMs)) return drop('other-session');
      return {
        reply: greet(packet.from),
        message: null,
        dropped: packet.kind === 'hello' ? null : 'other-session',
        inSession: false,
      };
    },
    send: (message) =>
      current === null ? null : write('data', current.own, current.peer, writePeerMessage(message)),
    hello: () => greet(noNonce),
  };
}
