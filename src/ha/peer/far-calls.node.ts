/**
 * Calls of our plugin in a gateway on another computer, through the guardian beside it: TLS with the pair's secret as its key
 * on both sides (RFC 5489, ECDHE: what was recorded cannot be read later by whoever gets the secret), lines of JSON in it.
 *
 * Invariants
 * 1. Nobody without the secret gets past the handshake; no certificate and no name is trusted.
 * 2. Every question is answered once or fails: with the connection, or at its time limit.
 * 3. Only the methods that the guardian gives out can be called, and each parses what it gets before anything is done.
 */
import { createHmac } from 'node:crypto';
import { connect, createServer } from 'node:tls';
import type { Server, TLSSocket } from 'node:tls';

import { errorText } from '../../base/index.ts';
import type { Clock } from '../../base/index.ts';
import type { MethodAnswer } from '../fence/methods.ts';
import { PluginRefusal } from '../fence/plugin-link.node.ts';
import type { PluginConnection } from '../fence/plugin-link.node.ts';
import { createLineReader } from '../lines.ts';
import type { HostPort } from '../model.ts';
import { tlsPsk } from './tls-psk.ts';

/** Answers one call of the other guardian; null: this method is not given out. */
export type AnswerFarCall = (method: string, params: unknown) => Promise<MethodAnswer> | null;

export interface FarOptions {
  readonly pairId: string;
  /** The pair's secret; null while it is not there. */
  readonly secret: () => Promise<string | null>;
  readonly clock: Clock;
}

const identity = 'switchyard-mirror';
const retryMs = 1_000;
/** One peer needs one connection; a few more are those that it has lost without knowing. */
const mostConnections = 8;
/** For TCP and the handshake together: a peer that swallows packets, or is frozen, must not be waited for. */
const dialLimitMs = 5_000;
/** The largest row that OpenClaw gives, as base64 within JSON. */
const longestLine = 96 * 1024 * 1024;

function keyOf(secret: string, pairId: string): Buffer {
  return createHmac('sha256', secret).update(`switchyard mirror 1\0${pairId}`).digest();
}

/** Lets the guardian of the other computer call; it is tried again while the address or the secret is not there. */
export function serveFarCalls(
  listen: HostPort,
  answer: AnswerFarCall,
  options: FarOptions,
): { close(): void } {
  const { clock } = options;
  let server: Server | null = null;
  let closed = false;
  let cancelRetry = (): void => undefined;
  const sockets = new Set<TLSSocket>();
  const again = (): void => {
    server?.close(); // an error need not have closed it, and its port is wanted again
    server = null;
    if (!closed) cancelRetry = clock.after(retryMs, () => void open());
  };
  const open = async (): Promise<void> => {
    const secret = await options.secret();
    if (closed) return;
    if (secret === null) {
      again();
      return;
    }
    const key = keyOf(secret, options.pairId);
    server = createServer({
      ...tlsPsk,
      handshakeTimeout: dialLimitMs,
      pskCallback: (_socket, name) => (name === identity ? key : null),
    });
    server.maxConnections = mostConnections;
    server.on('secureConnection', (socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
      socket.on('error', () => socket.destroy());
      readLines(socket, (line) => void reply(socket, line, answer));
    });
    server.on('tlsClientError', () => undefined); // whoever it was has no secret
    server.on('error', again);
    server.listen(listen.port, listen.host);
  };
  void open();
  return {
    close: () => {
      closed = true;
      cancelRetry();
      server?.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

async function reply(socket: TLSSocket, line: string, answer: AnswerFarCall): Promise<void> {
  const { id, method, params } = parseObject(line) ?? {};
  if (typeof id !== 'number' || typeof method !== 'string') {
    socket.destroy(); // whoever says such things is no guardian of ours
    return;
  }
  const given = await (answer(method, params) ?? unknownMethod(method));
  if (!socket.destroyed) socket.write(`${JSON.stringify({ id, ...given })}\n`);
}

/** A guardian of a later version may ask for more than this one gives. */
function unknownMethod(method: string): MethodAnswer {
  const message = `the guardian there does not know ${method}`;
  return { ok: false, code: 'INVALID_REQUEST', message };
}

/** Dials the other guardian when asked and keeps the connection. */
export function dialFarCalls(
  address: HostPort,
  options: FarOptions,
): PluginConnection & { close(): void } {
  const { clock } = options;
  const waiting = new Map<
    number,
    { resolve(value: unknown): void; reject(error: Error): void; cancel(): void }
  >();
  let socket: Promise<TLSSocket> | null = null;
  let present: TLSSocket | null = null;
  let opening: TLSSocket | null = null;
  let generation = 0;
  let nextId = 1;

  const dropped = (words: string): void => {
    socket = null;
    present = null;
    for (const [id, question] of waiting) {
      waiting.delete(id);
      question.cancel();
      question.reject(new Error(words));
    }
  };
  const heard = (line: string): void => {
    const answer = parseObject(line);
    const question = waiting.get(Number(answer?.['id']));
    if (answer === null || question === undefined) return;
    waiting.delete(Number(answer['id']));
    question.cancel();
    if (answer['ok'] === true) question.resolve(answer['payload']);
    else question.reject(new PluginRefusal(String(answer['message'])));
  };
  const dial = async (): Promise<TLSSocket> => {
    const secret = await options.secret();
    if (secret === null) throw new Error('the secret of the pair is not there yet');
    const psk = keyOf(secret, options.pairId);
    return new Promise((resolve, reject) => {
      const opened = connect({
        ...tlsPsk,
        host: address.host,
        port: address.port,
        pskCallback: () => ({ psk, identity }),
        checkServerIdentity: () => undefined, // it proved that it has the key
      });
      opening = opened;
      const cancel = clock.after(dialLimitMs, () =>
        opened.destroy(new Error('the other guardian does not answer')),
      );
      opened.once('secureConnect', () => {
        cancel();
        generation += 1;
        present = opened;
        resolve(opened);
      });
      opened.on('error', (error: Error) => reject(error));
      opened.on('close', () => {
        cancel();
        reject(new Error('the other guardian hung up'));
        if (present === opened) dropped('the other guardian hung up');
        else if (present === null) socket = null;
      });
      readLines(opened, heard);
    });
  };

  return {
    generation: () => generation,
    request: async (method, params, timeoutMs) => {
      const id = nextId;
      nextId += 1;
      const answer = new Promise<unknown>((resolve, reject) => {
        const cancel = clock.after(timeoutMs, () => {
          waiting.delete(id);
          reject(new Error('the other guardian did not answer in time'));
          present?.destroy(); // whatever became of it, the next question dials anew
        });
        waiting.set(id, { resolve, reject, cancel });
      });
      answer.catch(() => undefined); // it may fail while the connection is still being made
      socket ??= dial();
      try {
        const line = `${JSON.stringify({ id, method, params })}\n`;
        (await socket).write(line);
      } catch (error) {
        socket = null;
        const question = waiting.get(id);
        waiting.delete(id);
        question?.cancel();
        question?.reject(new Error(errorText(error)));
      }
      return answer;
    },
    close: () => {
      const open = present ?? opening;
      dropped('closed');
      open?.destroy();
    },
  };
}

function readLines(socket: TLSSocket, onLine: (line: string) => void): void {
  const reader = createLineReader(longestLine);
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    const lines = reader.push(text);
    if (lines === null) socket.destroy();
    else for (const line of lines) onLine(line);
  });
}

function parseObject(line: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null
      ? (value as Readonly<Record<string, unknown>>)
      : null;
  } catch {
    return null;
  }
}
