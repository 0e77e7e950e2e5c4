import type { ManualClock } from '../../../base/testing/manual-clock.ts';
import type { OpenDatagrams } from '../model.ts';

/** What happens to one datagram: how often it arrives, and after how long each time. */
export type Fate = readonly number[];

export interface FakeNetwork {
  /** The socket of one side. Opening it again takes it over, as a restarted process does. */
  socket(side: 'a' | 'b'): OpenDatagrams;
  /** Decides about every datagram that is sent from now on; at first all arrive after 1 ms. */
  fate(decide: (from: 'a' | 'b', datagram: Uint8Array) => Fate): void;
  /** Puts a datagram into the network, as anybody could. */
  inject(to: 'a' | 'b', datagram: Uint8Array): void;
  readonly sent: readonly { readonly from: 'a' | 'b'; readonly datagram: Uint8Array }[];
}

/** A network between two sockets, in simulated time. */
export function fakeNetwork(clock: ManualClock): FakeNetwork {
  const sent: { from: 'a' | 'b'; datagram: Uint8Array }[] = [];
  const receivers = new Map<'a' | 'b', (datagram: Uint8Array) => void>();
  let decide: (from: 'a' | 'b', datagram: Uint8Array) => Fate = () => [1];
  return {
    sent,
    fate: (next) => {
      decide = next;
    },
    inject: (to, datagram) => receivers.get(to)?.(datagram),
    socket: (side) => (onDatagram) => {
      receivers.set(side, onDatagram);
      return {
        send: (datagram) => {
          const copy = Uint8Array.from(datagram);
          sent.push({ from: side, datagram: copy });
          const to = side === 'a' ? 'b' : 'a';
          for (const afterMs of decide(side, copy))
            clock.after(afterMs, () => receivers.get(to)?.(copy));
        },
        problem: () => '',
        close: () => {
          if (receivers.get(side) === onDatagram) receivers.delete(side);
        },
      };
    },
  };
}
