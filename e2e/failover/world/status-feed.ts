/** A client of a guardian's control socket: what the guardian says of its pair, and orders to it. */
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { createLineReader } from '../../../src/ha/lines.ts';
import {
  encodeMessage,
  maxLineLength,
  parseServerMessage,
  protocolVersion,
  type ClientMessage,
} from '../../../src/ha/guardian/protocol.ts';
import type { FailoverEvent, PairCommandName, PairView } from '../../../src/shared/index.ts';

export interface StatusFeed {
  /** The newest that was heard; null before the first. */
  view(): PairView | null;
  /** The guardian's process that was last heard; null before the first. */
  pid(): number | null;
  /** Every event that was heard while attached. */
  readonly events: readonly FailoverEvent[];
  /** Resolves with the first view, present or future, that fits. */
  until(fits: (view: PairView) => boolean): Promise<PairView>;
  /** Gives an order; resolves with the guardian's answer. */
  order(pairId: string, command: PairCommandName): Promise<{ ok: boolean; words: string }>;
  close(): void;
}

/** Attaches to the guardian at `path`, and again whenever it is lost, until closed. */
export function attach(path: string): StatusFeed {
  let view: PairView | null = null;
  let socket: Socket | null = null;
  const ending = new AbortController();
  let orders = 0;
  let pid: number | null = null;
  const events: FailoverEvent[] = [];
  const watchers = new Set<(view: PairView) => void>();
  const answers = new Map<string, (answer: { ok: boolean; words: string }) => void>();

  const talk = (): Promise<void> =>
    new Promise((resolve) => {
      const reader = createLineReader(maxLineLength);
      const fresh = connect(path, () => {
        socket = fresh;
        say({ type: 'hello', protocol: protocolVersion });
      });
      fresh.setEncoding('utf8');
      fresh.on('data', (text: string) => {
        for (const line of reader.push(text) ?? []) take(line);
      });
      fresh.on('error', () => undefined);
      fresh.on('close', () => {
        socket = null;
        resolve();
      });
    });

  const take = (line: string): void => {
    const message = parseServerMessage(line);
    if (!message.ok) throw new Error(message.error);
    if (message.value.type === 'hello') pid = message.value.pid;
    if (message.value.type === 'event') events.push(message.value.event);
    if (message.value.type === 'done') {
      answers.get(message.value.id)?.(message.value);
      answers.delete(message.value.id);
    }
    if (message.value.type !== 'status') return;
    const [first] = message.value.pairs;
    if (first === undefined) return;
    view = first;
    for (const look of [...watchers]) look(first);
  };

  const say = (message: ClientMessage): void => {
    socket?.write(encodeMessage(message));
  };

  const keepTalking = async (): Promise<void> => {
    for (;;) {
      await talk();
      if (ending.signal.aborted) return;
      await sleep(25);
    }
  };
  void keepTalking();

  return {
    view: () => view,
    pid: () => pid,
    events,
    until: (fits) =>
      new Promise((resolve) => {
        if (view !== null && fits(view)) {
          resolve(view);
          return;
        }
        const look = (next: PairView): void => {
          if (!fits(next)) return;
          watchers.delete(look);
          resolve(next);
        };
        watchers.add(look);
      }),
    order: (pairId, command) =>
      new Promise((resolve) => {
        const id = `order-${(orders += 1)}`;
        answers.set(id, resolve);
        say({ type: 'command', id, pairId, command });
      }),
    close: () => {
      ending.abort();
      socket?.destroy();
    },
  };
}
