import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { afterEach, expect, test } from 'vitest';

import { enrol } from './portal-client.ts';
import { nodePortalFetch } from './portal-fetch.node.ts';

const code = 'the-code-of-the-person';
const gateway = { url: 'wss://acme.example/gateway', name: 'Acme', token: 'token-of-the-gateway' };
let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server === undefined ? resolve(null) : server.close(resolve)));
  server = undefined;
});

async function portal(listener: RequestListener): Promise<string> {
  server = createServer(listener);
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a good answer, asked for with the code in the header only', async () => {
  let seen: { url: string | undefined; authorization: string | undefined } | undefined;
  const address = await portal((request, response) => {
    seen = { url: request.url, authorization: request.headers.authorization };
    response.end(JSON.stringify({ gateway, more: 'is ignored' }));
  });
  expect(await enrol({ portal: `${address}/`, code, fetch: nodePortalFetch })).toEqual({
    ok: true,
    value: gateway,
  });
  expect(seen).toEqual({ url: '/v1/gateway', authorization: `Bearer ${code}` });
});

test.each<[string, RequestListener, string, string]>([
  ['refused', (_request, response) => response.writeHead(401).end(), 'refused', 'code'],
  ['in trouble', (_request, response) => response.writeHead(503).end(), 'unreachable', 'HTTP 503'],
  ['not a portal', (_request, response) => response.end('<html>'), 'bad-answer', 'not JSON'],
  [
    'wrong shape',
    (_request, response) => response.end(JSON.stringify({ gateway: { ...gateway, token: 1 } })),
    'bad-answer',
    'gateway.token',
  ],
  [
    'an address that would leak the token',
    (_request, response) =>
      response.end(JSON.stringify({ gateway: { ...gateway, url: 'ws://acme.example' } })),
    'bad-answer',
    'unencrypted',
  ],
  ['too long', (_request, response) => response.end('x'.repeat(70_000)), 'unreachable', 'too long'],
  ['cut off', (request) => request.socket.destroy(), 'unreachable', 'http://127.0.0.1'],
])('a portal that is %s', async (_name, listener, kind, detail) => {
  const result = await enrol({ portal: await portal(listener), code, fetch: nodePortalFetch });
  expect(result).toMatchObject({
    ok: false,
    error: { kind, detail: expect.stringContaining(detail) as string },
  });
  expect(JSON.stringify(result)).not.toContain(code);
});

test('a redirect is not followed', async () => {
  let requests = 0;
  const address = await portal((_request, response) => {
    requests += 1;
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  expect(await enrol({ portal: address, code, fetch: nodePortalFetch })).toMatchObject({
    ok: false,
    error: { kind: 'bad-answer' },
  });
  expect(requests).toBe(1);
});

test.each([
  'http://portal.example',
  'ftp://portal.example',
  'https://user:pass@portal.example',
  'https://portal.example/?code=1',
  'portal',
])('the address %s is not asked', async (address) => {
  const fetch = () => Promise.reject(new Error('must not be called'));
  expect(await enrol({ portal: address, code, fetch })).toMatchObject({
    ok: false,
    error: { kind: 'bad-url' },
  });
});
