/** The link between two guardians in a simulation: in order, never twice, never from an earlier session; it may lose. */
import type { PeerMessage } from '../election/model.ts';
import type { PeerPort } from '../ports.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface SimulatedLink {
  /** Which way it works: from the first host, from the second. */
  readonly works: [boolean, boolean];
  delayMs: number;
  /** 0..1 of the messages get lost, chosen by `random`. */
  loss: number;
  /** A new session of one side: what is on its way is not heard any more. */
  restart(side: 0 | 1): void;
  open(side: 0 | 1, deliver: (run: () => void) => void): PeerPort;
}

/** `random`: 0..1, reproducible. */
export function simulatedLink(time: VirtualTime, random: () => number): SimulatedLink {
  const listeners: [Set<(message: PeerMessage) => void>, Set<(message: PeerMessage) => void>] = [
    new Set(),
    new Set(),
  ];
  let session = 0;
  const lastDueMs: [number, number] = [0, 0];
  const deliverTo: [(run: () => void) => void, (run: () => void) => void] = [
    () => undefined,
    () => undefined,
  ];
  const link: SimulatedLink = {
    works: [true, true],
    delayMs: 1,
    loss: 0,
    restart: (side) => {
      session += 1;
      listeners[side].clear();
    },
    open: (side, deliver) => {
      const other = side === 0 ? 1 : 0;
      deliverTo[side] = deliver;
      return {
        send: (message) => {
          const inSession = session;
          const isLost = !link.works[side] || random() < link.loss;
          if (isLost) return;
          const dueMs = time.nowMs() + link.delayMs * (0.5 + random());
          lastDueMs[side] = Math.max(lastDueMs[side], dueMs);
          time.after(lastDueMs[side] - time.nowMs(), () => {
            if (!link.works[side]) return;
            deliverTo[other](() => {
              if (session !== inSession) return;
              for (const listener of listeners[other]) listener(message);
            });
          });
        },
        onMessage: (listener) => {
          listeners[side].add(listener);
          return () => {
            listeners[side].delete(listener);
          };
        },
        detail: () => (link.works[0] && link.works[1] ? '' : 'no answer from the other guardian'),
      };
    },
  };
  return link;
}

/** Reproducible numbers from 0 to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
