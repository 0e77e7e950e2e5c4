import type { DatagramChannel, Endpoint, OpenDatagrams } from '../exchange.ts';

/** What becomes of a packet. `flip`: one bit of its last byte arrives changed. */
export type Fate = 'pass' | 'drop' | 'twice' | 'flip';

export interface FaultyDatagrams {
  readonly open: OpenDatagrams;
  /** Every packet that was to be sent, dropped ones included. */
  readonly requests: readonly Uint8Array[];
  readonly replies: readonly Uint8Array[];
  /** Decides by the packet's number in its direction, counted from 0 since this was last set. */
  onRequest(fate: (count: number) => Fate): void;
  onReply(fate: (count: number) => Fate): void;
  /** Puts this packet in the place of the next reply. */
  replaceNextReply(bytes: Uint8Array): void;
}

/** Wraps a network with one whose faults a test decides. */
export function faultyDatagrams(inner: OpenDatagrams): FaultyDatagrams {
  const requests: Uint8Array[] = [];
  const replies: Uint8Array[] = [];
  let requestFate = (): Fate => 'pass';
  let replyFate = (): Fate => 'pass';
  let replacement: Uint8Array | null = null;
  const counted = (fate: (count: number) => Fate): (() => Fate) => {
    let count = -1;
    return () => fate((count += 1));
  };
  return {
    requests,
    replies,
    onRequest: (fate) => (requestFate = counted(fate)),
    onReply: (fate) => (replyFate = counted(fate)),
    replaceNextReply: (bytes) => (replacement = bytes),
    open: (to, listener) => {
      const channel = inner(to, {
        ...listener,
        onMessage: (bytes) => {
          const kept = bytes.slice();
          replies.push(kept);
          const given = replacement ?? kept;
          replacement = null;
          for (const each of suffer(given, replyFate())) listener.onMessage(each);
        },
      });
      return {
        ...channel,
        send: (bytes) => {
          requests.push(bytes.slice());
          for (const each of suffer(bytes, requestFate())) channel.send(each);
        },
      };
    },
  };
}

/** Sends a packet as it is and gives the first answer; null when there is none within `waitMs`. */
export function sendRaw(
  open: OpenDatagrams,
  to: Endpoint,
  bytes: Uint8Array,
  waitMs: number,
): Promise<Uint8Array | null> {
  return new Promise((resolve) => {
    const finish = (answer: Uint8Array | null): void => {
      clearTimeout(timer);
      channel.close();
      resolve(answer);
    };
    const timer = setTimeout(() => finish(null), waitMs);
    const channel: DatagramChannel = open(to, {
      onMessage: (answer) => finish(answer),
      onTrouble: () => undefined,
    });
    channel.send(bytes);
  });
}

function suffer(bytes: Uint8Array, fate: Fate): readonly Uint8Array[] {
  switch (fate) {
    case 'pass':
      return [bytes];
    case 'drop':
      return [];
    case 'twice':
      return [bytes, bytes];
    case 'flip': {
      const changed = bytes.slice();
      changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
      return [changed];
    }
  }
}
