/**
 * The way in where there can be no socket: HTTP on the loopback, on a port of the system's choice.
 *
 * Invariants
 * 1. Everything that a web page can send is turned away before its body is read: it names another host, it has an origin
 *    or what a browser adds, or it is no POST of JSON. No answer has a CORS header, and no other method has an effect.
 * 2. What a web page sends does not count as a wrong token, so no page can lock the door.
 * 3. At most `mostConnections` at once, `longestRequest` bytes each, all of it within `deadlineMs`.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import { errorText, fail, ok, type Result } from '../../base/index.ts';
import { longestRequest } from './protocol.ts';
import type { RefusalReason } from './refusals.ts';
import { mostConnections, type OpenWay, type WayOptions } from './way.ts';

/** Where requests go, and where we are asked for our proof. */
export const doorPath = '/door';
export const proofPath = '/proof';

/** Listens on 127.0.0.1 alone; the failure says why it cannot. */
export async function openHttpWay(
  options: WayOptions,
): Promise<Result<OpenWay & { readonly port: number }, string>> {
  const { refusals, deadlineMs } = options;
  const server = createServer(
    {
      headersTimeout: deadlineMs,
      requestTimeout: deadlineMs,
      connectionsCheckingInterval: Math.min(500, deadlineMs),
      keepAlive: false,
      maxHeaderSize: 8 * 1024,
    },
    (request, response) => {
      const { port } = server.address() as AddressInfo;
      void attend(request, response, `127.0.0.1:${port}`, options);
    },
  );
  server.maxConnections = mostConnections;
  server.on('drop', () => refusals.add('http', 'connections'));
  server.on('connect', (_request, socket) => {
    refusals.add('http', 'request');
    socket.destroy();
  });
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') refusals.add('http', 'deadline');
    else if (error.code !== 'ECONNRESET') refusals.add('http', 'request');
    socket.destroy();
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
  } catch (error) {
    return fail(`the loopback cannot be listened on (${errorText(error)})`);
  }
  return ok({
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}

async function attend(
  request: IncomingMessage,
  response: ServerResponse,
  host: string,
  { answer, prove, refusals }: WayOptions,
): Promise<void> {
  response.setHeader('connection', 'close');
  response.setHeader('cache-control', 'no-store');
  const refused = refusalOf(request, host);
  if (refused !== null) {
    refusals.add('http', refused.why);
    response.writeHead(refused.status).end();
    return;
  }
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const body = await bodyOf(request);
  if (body === null) return; // the connection is gone
  if (request.url === proofPath) {
    const proof = prove(body);
    if (proof === null) refusals.add('http', 'request');
    response.writeHead(proof === null ? 400 : 200).end(proof);
    return;
  }
  const token = /^Bearer ([\w-]{1,100})$/u.exec(request.headers.authorization ?? '')?.[1] ?? '';
  const given = JSON.stringify(await answer('http', token, body, gone.signal));
  response
    .writeHead(200, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(given),
    })
    .end(given);
}

function refusalOf(
  { method, url, headers, rawHeaders }: IncomingMessage,
  host: string,
): { readonly status: number; readonly why: RefusalReason } | null {
  const names = rawHeaders.filter((_text, index) => index % 2 === 0);
  const count = (wanted: string): number =>
    names.filter((name) => name.toLowerCase() === wanted).length;
  if (headers.host !== host || count('host') !== 1) return { status: 403, why: 'host' };
  const isFromBrowser = names.some((name) =>
    /^(?:origin|referer|cookie|sec-.*|access-control-.*|upgrade)$/iu.test(name),
  );
  if (isFromBrowser) return { status: 403, why: 'origin' };
  const length = Number(headers['content-length'] ?? 'none');
  if (method !== 'POST') return { status: 405, why: 'request' };
  if (url !== doorPath && url !== proofPath) return { status: 404, why: 'request' };
  if (headers['content-type'] !== 'application/json') return { status: 415, why: 'request' };
  if (!Number.isSafeInteger(length)) return { status: 411, why: 'request' };
  if (length > longestRequest) return { status: 413, why: 'request' };
  return null;
}

/** The whole body; null when it broke off. Its length was looked at before, and Node reads no more than was said. */
async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const parts: Buffer[] = [];
  try {
    for await (const part of request) parts.push(part as Buffer);
  } catch {
    return null;
  }
  return Buffer.concat(parts).toString('utf8');
}
