import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemClock } from '../../base/index.node.ts';
import { selfSigned } from '../testing/self-signed.ts';
import { openRemoteProbe } from './probe.node.ts';
import { checkReady } from './ready.node.ts';

const clock = systemClock();

type Answers = Readonly<Record<string, readonly [status: number, body: object]>>;

/** A gateway that is only its probes. */
async function gateway(answers: Answers): Promise<string> {
  const server = createServer((request, response) => {
    const [status, body] = answers[request.url ?? ''] ?? [404, {}];
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `ws://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function check(url: string, timeoutMs = 5_000): ReturnType<typeof checkReady> {
  return checkReady({ id: 'a', name: 'A', url }, timeoutMs, clock);
}

describe('whether a gateway is ready', () => {
  it('tells its event-loop figures when it is', async () => {
    const url = await gateway({ '/readyz': [200, { eventLoop: { delayP99Ms: 12.4 } }] });
    expect(await check(url)).toMatchObject({
      kind: 'ok',
      detail: 'ready, event loop 12 ms late at p99',
    });
  });

  it('does not take a broken channel for a broken gateway', async () => {
    const url = await gateway({
      '/readyz': [503, { failing: ['telegram:main'] }],
      '/startupz': [200, { status: 'started' }],
    });
    expect(await check(url)).toMatchObject({
      kind: 'ok',
      detail: 'started, not ready: telegram:main',
    });
  });

  it.each([
    ['starting', { '/readyz': [503, {}], '/startupz': [503, { status: 'starting' }] }, 'starting'],
    ['draining', { '/readyz': [503, {}], '/startupz': [503, { status: 'draining' }] }, 'draining'],
    [
      'without its agents',
      {
        '/readyz': [503, { failing: ['agent-database:main'] }],
        '/startupz': [200, { status: 'started' }],
      },
      'agent-database:main',
    ],
    ['something else', { '/readyz': [418, {}] }, 'HTTP 418'],
  ] as const)('is a miss while it is %s', async (_words, answers, detail) => {
    expect(await check(await gateway(answers as Answers))).toMatchObject({
      kind: 'miss',
      failedAt: 'ready',
      detail: expect.stringContaining(detail) as string,
    });
  });

  it('is certainly not, with nobody behind its address', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await check(`ws://127.0.0.1:${port}`)).toEqual({
      kind: 'miss',
      failedAt: 'tcp',
      detail: 'nothing listens at its address',
      gone: true,
    });
  });

  it('is a miss when it takes the connection and says nothing', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await check(`ws://127.0.0.1:${port}`, 300)).toMatchObject({
      kind: 'miss',
      failedAt: 'ready',
    });
  });
});

describe('a gateway of another machine', () => {
  it('is looked at as far as anybody may look', async () => {
    const url = await gateway({ '/readyz': [200, {}] });
    const probe = openRemoteProbe({ id: 'home-b', name: 'Home B', url }, clock);
    expect(await probe.check('fast', 5_000)).toMatchObject({
      kind: 'ok',
      passed: [{ depth: 'tcp' }, { depth: 'ready' }],
    });
    expect(await probe.check('turn', 5_000)).toMatchObject({ kind: 'blind' });
  });
});

describe('a gateway with a certificate of its own', () => {
  const fingerprint = new X509Certificate(selfSigned.cert).fingerprint256;

  async function tlsGateway(): Promise<string> {
    const server = createTlsServer(selfSigned, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return `wss://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  const checkPinned = async (
    tls: Parameters<typeof checkReady>[0]['tls'],
  ): Promise<Awaited<ReturnType<typeof checkReady>>> =>
    checkReady({ id: 'a', name: 'A', url: await tlsGateway(), tls }, 5_000, clock);

  it('is believed by its fingerprint, however that is written', async () => {
    for (const pin of [fingerprint, fingerprint.replaceAll(':', '').toLowerCase()])
      expect(await checkPinned({ fingerprint: pin })).toMatchObject({ kind: 'ok' });
  });

  it('is believed by the file that it made', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'switchyard-ready-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const certificate = join(folder, 'cert.pem');
    expect(await checkPinned({ certificate })).toMatchObject({
      kind: 'miss',
      detail: 'it has no certificate yet',
    });
    writeFileSync(certificate, selfSigned.cert);
    expect(await checkPinned({ certificate })).toMatchObject({ kind: 'ok' });
  });

  it('is not believed with another one, nor without any', async () => {
    expect(await checkPinned({ fingerprint: '00'.repeat(32) })).toMatchObject({
      kind: 'miss',
      detail: 'it shows another certificate than the one that is known',
    });
    expect(await checkPinned(undefined)).toMatchObject({ kind: 'miss' });
  });
});
