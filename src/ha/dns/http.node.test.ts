import { once } from 'node:events';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';

import { fetchHttp } from './http.node.ts';
import type { HttpRequest } from './http.ts';

const secret = 'app-password-1234';

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

function request(url: string, more: Partial<HttpRequest> = {}): HttpRequest {
  return { method: 'POST', url, headers: { 'x-ftl-sid': secret }, body: secret, ...more };
}

const http = fetchHttp({ timeoutMs: 400, maxBytes: 1_000 });

describe('HTTP over fetch', () => {
  it('gives status, headers and the whole text', async () => {
    const url = await serve((asked, response) => {
      response.writeHead(429, { 'retry-after': '7' }).end(`${String(asked.method)} ü`);
    });
    const answer = await http(request(url));
    expect(answer).toMatchObject({ ok: true, value: { status: 429, text: 'POST ü' } });
    expect(answer.ok && answer.value.header('Retry-After')).toBe('7');
  });

  it('follows no redirect: the credential stays where it was meant for', async () => {
    let elsewhere = 0;
    const target = await serve((_, response) => {
      elsewhere += 1;
      response.end();
    });
    const url = await serve((_, response) => {
      response.writeHead(307, { location: target }).end();
    });
    expect(await http(request(url))).toMatchObject({ ok: true, value: { status: 307 } });
    expect(elsewhere).toBe(0);
  });

  it.each([
    ['an answer that never comes', () => undefined, 'did not answer within'],
    [
      'an answer that stops half way',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
      },
      'did not answer within',
    ],
    [
      'a connection that breaks half way',
      (_, response) => {
        response.writeHead(200, { 'content-length': '100' }).write('half');
        setImmediate(() => response.destroy());
      },
      'broke the connection',
    ],
    ['a broken connection', (asked) => asked.socket.destroy(), 'broke the connection'],
    ['an endless answer', (_, response) => response.end('x'.repeat(2_000)), 'more than 1000 bytes'],
  ] as readonly [string, RequestListener, string][])(
    'says %s in words, without a secret',
    async (_name, listener, words) => {
      const answer = await http(request(await serve(listener)));
      expect(answer).toMatchObject({ ok: false, error: expect.stringContaining(words) });
      expect(JSON.stringify(answer)).not.toContain(secret);
    },
  );

  it('says that nothing listens, and that a request was cut off', async () => {
    expect(await http(request('http://127.0.0.1:1/'))).toMatchObject({
      ok: false,
      error: expect.stringMatching(/cannot be reached/u),
    });
    const cut = new AbortController();
    const url = await serve(() => {
      cut.abort();
    });
    expect(await http(request(url, { signal: cut.signal }))).toMatchObject({
      ok: false,
      error: expect.stringContaining('cut off'),
    });
  });
});
