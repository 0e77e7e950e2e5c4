import { createServer } from 'node:http';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import type { HostPort, StartFailure } from '../model.ts';

/**
 * Serves figures at `/metrics` on this machine. They hold no secret; still a web page that a browser of this machine shows
 * must not read them, so only requests that name this machine are answered (a foreign name can be made to resolve to us).
 */
export async function serveMetrics(
  { host, port }: HostPort,
  text: () => string,
): Promise<Result<{ readonly port: number; close(): Promise<void> }, StartFailure>> {
  const server = createServer((request, response) => {
    const named = (request.headers.host ?? '').replace(/:\d+$/u, '');
    if (!['127.0.0.1', 'localhost', '[::1]'].includes(named)) {
      response.writeHead(421).end();
    } else if (request.method !== 'GET' || request.url !== '/metrics') {
      response.writeHead(404).end();
    } else {
      response.writeHead(200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' });
      response.end(text());
    }
  });
  const listening = await new Promise<Result<number, string>>((resolve) => {
    server.once('error', (error) => resolve(fail(error.message)));
    server.listen({ host, port, exclusive: true }, () => {
      const address = server.address();
      resolve(ok(typeof address === 'object' && address !== null ? address.port : port));
    });
  });
  if (!listening.ok)
    return fail({
      code: 'cannot-create',
      words: `figures cannot be served on ${host}:${port} (${listening.error})`,
    });
  return ok({
    port: listening.value,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
