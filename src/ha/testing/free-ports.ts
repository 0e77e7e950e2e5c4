import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

/** A TCP port of this host that nobody has now. */
export async function freeTcpPort(host = '127.0.0.1'): Promise<number> {
  const server = createServer();
  server.listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** A UDP port of this host that nobody has now. */
export async function freeUdpPort(host = '127.0.0.1'): Promise<number> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, host);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  await once(socket, 'close');
  return port;
}

/** OpenClaw uses ports above its own as well: two gateways on one host have to be this far apart. */
const gatewayPortDistance = 120;

/** A loopback port for a gateway, below the range that systems hand out by themselves. It stays this process's until it ends. */
export async function freeGatewayPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 80) * gatewayPortDistance;
    if (await claim(port)) return port;
  }
}

/** Finds `count` ports like that of `freeGatewayPort`. */
export async function freeGatewayPorts(count: number): Promise<readonly number[]> {
  const ports: number[] = [];
  while (ports.length < count) ports.push(await freeGatewayPort());
  return ports;
}

/** Whether nothing listens on a loopback port now. */
export async function isFree(port: number): Promise<boolean> {
  const server = await listenOn(port);
  if (server === null) return false;
  server.close();
  await once(server, 'close');
  return true;
}

/**
 * Tests run in several processes, and a gateway listens seconds after its port was chosen. The last port before
 * the next gateway's is listened on as the sign that this one is taken.
 */
async function claim(port: number): Promise<boolean> {
  const sign = await listenOn(port + gatewayPortDistance - 1);
  if (sign === null) return false;
  sign.unref();
  if (await isFree(port)) return true;
  sign.close();
  return false;
}

function listenOn(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(null);
    });
    server.listen(port, '127.0.0.1', () => {
      resolve(server);
    });
  });
}
