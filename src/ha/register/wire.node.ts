import { createSocket } from 'node:dgram';
import { connect, isIPv6 } from 'node:net';

import { fail, ok } from '../../base/index.ts';
import type { AskStream, Endpoint, OpenDatagrams } from './exchange.ts';

/**
 * Opens a UDP socket for one exchange: a new one each time follows a changed network, has an unguessable port, and hears
 * no answer to an earlier question. It is connected, so the kernel drops what comes from elsewhere and tells us when
 * nobody listens.
 */
export const openUdp: OpenDatagrams = (to, listener) => {
  const socket = createSocket(isIPv6(to.host) ? 'udp6' : 'udp4');
  const waiting: Uint8Array[] = [];
  let state: 'connecting' | 'open' | 'closed' = 'connecting';
  const tell = (error: Error): void => listener.onTrouble(troubleWords(error, to));
  socket.on('error', tell);
  socket.on('message', (bytes) => listener.onMessage(new Uint8Array(bytes)));
  socket.once('connect', () => {
    if (state === 'closed') return;
    state = 'open';
    for (const bytes of waiting) socket.send(bytes, noteFailure);
  });
  const noteFailure = (error: Error | null): void => {
    if (error !== null && state !== 'closed') tell(error);
  };
  socket.connect(to.port, to.host);
  return {
    send: (bytes) => {
      if (state === 'open') socket.send(bytes, noteFailure);
      else waiting.push(bytes);
    },
    close: () => {
      state = 'closed';
      socket.close();
    },
  };
};

/** Asks over TCP; one question for each connection. */
export const askTcp: AskStream = (to, bytes, timeoutMs) =>
  new Promise((resolve) => {
    const socket = connect({ host: to.host, port: to.port });
    let received = Buffer.alloc(0);
    const timer = setTimeout(() => {
      finish(fail(`${place(to)} did not answer over TCP in ${timeoutMs} ms`));
    }, timeoutMs);
    const finish = (result: Awaited<ReturnType<AskStream>>): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(result);
    };
    socket.once('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(bytes.length);
      socket.write(Buffer.concat([length, bytes]));
    });
    socket.on('data', (data) => {
      received = Buffer.concat([received, data]);
      if (received.length < 2) return;
      const end = 2 + received.readUInt16BE(0);
      if (received.length >= end) finish(ok(new Uint8Array(received.subarray(2, end))));
    });
    socket.once('error', (error) => finish(fail(troubleWords(error, to))));
    socket.once('close', () => finish(fail(`${place(to)} closed the TCP connection unanswered`)));
  });

function troubleWords(error: Error, to: Endpoint): string {
  const code = 'code' in error ? error.code : undefined;
  switch (code) {
    case 'ECONNREFUSED':
      return `nothing listens at ${place(to)}; is the server running?`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `there is no way to ${place(to)} in the network`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name ${to.host} is not known; use its IP address`;
    default:
      return `${place(to)}: ${error.message}`;
  }
}

function place(to: Endpoint): string {
  return `${to.host} port ${to.port}`;
}
