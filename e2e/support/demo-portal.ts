import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A thin portal: hands one gateway to whoever has the code. */
export interface DemoPortal {
  readonly url: string;
  readonly code: string;
  stop(): Promise<void>;
}

/** Starts it on loopback with a fresh code. */
export async function startDemoPortal(gateway: {
  readonly url: string;
  readonly name: string;
  readonly token: string;
}): Promise<DemoPortal> {
  const code = randomBytes(16).toString('hex');
  const expected = Buffer.from(`Bearer ${code}`);
  const server = createServer((request, response) => {
    const given = Buffer.from(request.headers.authorization ?? '');
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      response.writeHead(401).end();
    } else if (request.url === '/v1/gateway') {
      response
        .writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' })
        .end(JSON.stringify({ gateway }));
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    code,
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
