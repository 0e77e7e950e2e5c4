/** Stands before the echo model: passes everything on, or refuses with words of the test's choice, as a provider would. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ModelFront {
  readonly url: string;
  /** What the next requests are refused with; null: they are passed on. */
  refuseWith(words: string | null): void;
  stop(): Promise<void>;
}

/** Starts it on the loopback. */
export async function startModelFront(target: string): Promise<ModelFront> {
  let words: string | null = null;
  const server = createServer((request, response) => {
    void (async () => {
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      if (words !== null) {
        response.writeHead(400, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ error: { message: words, type: 'invalid_request_error' } }));
        return;
      }
      const answer = await fetch(`${target}${request.url ?? ''}`, {
        method: request.method ?? 'GET',
        ...(parts.length === 0 ? {} : { body: Buffer.concat(parts) }),
      });
      response.writeHead(answer.status, {
        'content-type': answer.headers.get('content-type') ?? 'application/json',
      });
      for await (const part of answer.body ?? []) response.write(part);
      response.end();
    })().catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    refuseWith: (next) => {
      words = next;
    },
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
