/**
 * Datagrams over UDP.
 *
 * Invariants
 * 1. It never fails: an address that is not there yet (a network that comes up late) is tried again until `close`.
 * 2. Datagrams only go to the configured peer, whoever they are an answer to: nobody can be flooded by way of us.
 */
import { createSocket } from 'node:dgram';
import type { Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

import type { Clock } from '../../base/index.ts';
import type { OpenDatagrams } from './model.ts';

const rebindMs = 1_000;

export interface UdpEndpoint {
  /** An address, not a name: a name would need the very resolver that may be down. */
  readonly host: string;
  readonly port: number;
}

/** Opens a socket on `listen` that talks to `connect`. */
export function udpDatagrams(
  listen: UdpEndpoint,
  connect: UdpEndpoint,
  clock: Clock,
): OpenDatagrams {
  return (onDatagram) => {
    let socket: Socket | null = null;
    let problem = '';
    let closed = false;
    let cancelRebind = (): void => undefined;

    const bind = (): void => {
      const opened = createSocket({ type: isIPv6(listen.host) ? 'udp6' : 'udp4' });
      opened.on('message', (datagram) => onDatagram(datagram));
      opened.on('listening', () => (problem = ''));
      opened.on('error', (error) => {
        problem = `${listen.host}:${listen.port} cannot be used (${error.message}); it is tried again`;
        if (socket !== opened) return;
        socket = null;
        opened.close();
        if (!closed) cancelRebind = clock.after(rebindMs, bind);
      });
      opened.bind({ address: listen.host, port: listen.port, exclusive: true });
      socket = opened; // what is sent before it is bound waits for that
    };
    bind();

    return {
      send: (datagram) => {
        socket?.send(datagram, connect.port, connect.host, (error) => {
          problem = error === null ? '' : `nothing reaches ${connect.host} (${error.message})`;
        });
      },
      problem: () => problem,
      close: () => {
        closed = true;
        cancelRebind();
        socket?.close();
        socket = null;
      },
    };
  };
}
