import { createServer } from 'node:net';

/** OpenClaw uses ports above its own as well: two gateways on one host have to be this far apart. */
export const gatewayPortDistance = 120;

/** Finds `count` loopback ports for gateways, `gatewayPortDistance` apart, below the range that systems hand out by themselves. */
export async function freeGatewayPorts(count: number): Promise<readonly number[]> {
  for (;;) {
    const first = 20_000 + Math.floor(Math.random() * 80) * gatewayPortDistance;
    const ports = Array.from({ length: count }, (_, index) => first + index * gatewayPortDistance);
    if ((await Promise.all(ports.map(isFree))).every(Boolean)) return ports;
  }
}

/** Whether nothing listens on a loopback port now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => {
      resolve(false);
    });
    server.listen(port, '127.0.0.1', () => {
      server.close(() => {
        resolve(true);
      });
    });
  });
}
