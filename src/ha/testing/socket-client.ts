import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { createLineReader } from '../lines.ts';
import { encodeMessage, maxLineLength, parseServerMessage } from '../guardian/protocol.ts';
import type { ClientMessage, ServerMessage } from '../guardian/protocol.ts';

export interface SocketClient {
  say(message: ClientMessage): void;
  sayRaw(text: string): void;
  /** The first message, of those that came and will come, that fits. */
  next<T extends ServerMessage['type']>(
    type: T,
    fits?: (message: Extract<ServerMessage, { type: T }>) => boolean,
  ): Promise<Extract<ServerMessage, { type: T }>>;
  readonly received: readonly ServerMessage[];
  readonly closed: Promise<void>;
  close(): void;
}

/** Talks to a guardian as an app does. */
export async function openSocketClient(path: string): Promise<SocketClient> {
  const socket = await new Promise<Socket>((resolve, reject) => {
    const opened = connect(path, () => resolve(opened));
    opened.once('error', reject);
  });
  const received: ServerMessage[] = [];
  const waiting = new Set<() => void>();
  const reader = createLineReader(maxLineLength);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.setEncoding('utf8');
  socket.on('error', () => undefined);
  socket.on('data', (text: string) => {
    for (const line of reader.push(text) ?? []) {
      const message = parseServerMessage(line);
      if (!message.ok) throw new Error(message.error);
      received.push(message.value);
    }
    for (const wake of waiting) wake();
  });
  return {
    received,
    closed,
    say: (message) => socket.write(encodeMessage(message)),
    sayRaw: (text) => socket.write(text),
    close: () => socket.destroy(),
    next: (type, fits = () => true) =>
      new Promise((resolve) => {
        type Wanted = Extract<ServerMessage, { type: typeof type }>;
        const look = (): void => {
          const found = received.find(
            (message): message is Wanted => message.type === type && fits(message as Wanted),
          );
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      }),
  };
}
