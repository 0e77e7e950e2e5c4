/**
 * One conversation of an app with one guardian, from connecting to parting.
 *
 * Invariants
 * 1. `onAccepted` is only called when the other side runs the wanted configuration and speaks our protocol; until then,
 *    and when it does not, nothing is sent but `hello` and `stop`.
 * 2. The promise settles when the socket is closed, by whichever side.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { assertNever } from '../../base/index.ts';
import type { Clock, Logger } from '../../base/index.ts';
import { createLineReader } from '../lines.ts';
import { encodeMessage, maxLineLength, parseServerMessage, protocolVersion } from './protocol.ts';
import type { ClientMessage, ServerMessage } from './protocol.ts';

/** How long a guardian may take to end once it was asked to. */
export const endLimitMs = 5_000;

/** How a conversation ended. `meant`: somebody asked the guardian to end. `replace`: that guardian (process `pid`, if it said so) was not the wanted one and ended. */
export type Parting =
  | { readonly kind: 'lost'; readonly reason: string; readonly meant?: boolean }
  | { readonly kind: 'replace'; readonly pid: number | null };

export interface ConversationOptions {
  readonly wantedHash: string;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly onAccepted: (hello: Extract<ServerMessage, { type: 'hello' }>) => void;
  readonly onNews: (message: Extract<ServerMessage, { type: 'status' | 'event' | 'done' }>) => void;
}

/** Connects to a guardian's socket; null where nobody listens. */
export function tryConnect(path: string): Promise<Socket | null> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const failed = (): void => resolve(null);
    socket.once('error', failed);
    socket.once('connect', () => {
      socket.off('error', failed);
      resolve(socket);
    });
  });
}

/** Says something to a guardian. */
export function say(socket: Socket, ...messages: readonly ClientMessage[]): void {
  socket.write(messages.map(encodeMessage).join(''));
}

/** Talks to the guardian behind `socket` until one of the two goes. */
export function converse(socket: Socket, options: ConversationOptions): Promise<Parting> {
  const { clock, logger } = options;
  return new Promise((resolve) => {
    let parting: Parting = { kind: 'lost', reason: 'the guardian ended' };
    let accepted = false;
    let cancelLimit = (): void => undefined;

    const replace = (pid: number | null, why: string): void => {
      logger.info('the guardian that runs is replaced', { why });
      accepted = false;
      parting = { kind: 'replace', pid };
      say(socket, { type: 'stop' });
      cancelLimit();
      cancelLimit = clock.after(endLimitMs, () => {
        const reason = `a guardian that is not ours to use does not end (${why}); end its process by hand`;
        parting = { kind: 'lost', reason };
        socket.destroy();
      });
    };

    const take = (message: ServerMessage): void => {
      switch (message.type) {
        case 'hello':
          if (message.configHash !== options.wantedHash) {
            replace(message.pid, 'it runs another configuration');
          } else if (message.protocol !== protocolVersion) {
            replace(message.pid, 'it is of another version');
          } else {
            accepted = true;
            options.onAccepted(message);
          }
          break;
        case 'status':
        case 'event':
        case 'done':
          if (accepted) options.onNews(message);
          break;
        case 'ending':
          if (parting.kind === 'lost')
            parting = { kind: 'lost', reason: 'the guardian was asked to end', meant: true };
          break;
        case 'refused':
          logger.warn('the guardian refused a message', { reason: message.reason });
          break;
        default:
          assertNever(message);
      }
    };

    followLines(socket, (line) => {
      const message = parseServerMessage(line);
      // It may be of another version: end it rather than half understand it.
      if (message.ok) take(message.value);
      else if (parting.kind === 'lost') replace(null, message.error);
    });
    socket.on('error', (error) => {
      if (parting.kind === 'lost') parting = { ...parting, reason: error.message };
    });
    socket.on('close', () => {
      cancelLimit();
      resolve(parting);
    });
    say(socket, { type: 'hello', protocol: protocolVersion });
  });
}

/** Asks the guardian behind `socket` to end; gives its process number once it let go, null if it never said one. */
export function askToEnd(socket: Socket): Promise<number | null> {
  return new Promise((resolve) => {
    let pid: number | null = null;
    followLines(socket, (line) => {
      const message = parseServerMessage(line);
      if (message.ok && message.value.type === 'hello') pid = message.value.pid;
    });
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(pid));
    say(socket, { type: 'hello', protocol: protocolVersion }, { type: 'stop' });
  });
}

/** Reads what the guardian says, line by line; one that says too much at once is let go. */
export function followLines(socket: Socket, take: (line: string) => void): void {
  const reader = createLineReader(maxLineLength);
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = reader.push(text);
    if (lines === null) socket.destroy(new Error('the guardian said too much at once'));
    else for (const line of lines) take(line);
  });
}
