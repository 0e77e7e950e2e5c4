import { request } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';

import { serveMetrics } from './metrics-server.node.ts';

async function serve(): Promise<number> {
  const served = await serveMetrics({ host: '127.0.0.1', port: 0 }, () => 'figures 1\n');
  if (!served.ok) throw new Error(served.error.words);
  onTestFinished(() => served.value.close());
  return served.value.port;
}

function get(
  port: number,
  path: string,
  host?: string,
  method = 'GET',
): Promise<{ readonly status: number; readonly text: string }> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host };
    const asked = request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (part) => (text += String(part)));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

describe('figures over HTTP', () => {
  it('are there at /metrics, for reading only', async () => {
    const port = await serve();
    expect(await get(port, '/metrics')).toEqual({ status: 200, text: 'figures 1\n' });
    expect((await get(port, '/')).status).toBe(404);
    expect((await get(port, '/metrics', undefined, 'POST')).status).toBe(404);
  });

  it('are not for a page whose name was made to resolve to this machine', async () => {
    const port = await serve();
    expect(await get(port, '/metrics', 'evil.example')).toEqual({ status: 421, text: '' });
    expect((await get(port, '/metrics', `localhost:${port}`)).status).toBe(200);
  });

  it('say so when the port is taken', async () => {
    const port = await serve();
    expect(await serveMetrics({ host: '127.0.0.1', port }, () => '')).toEqual({
      ok: false,
      error: {
        code: 'cannot-create',
        words: expect.stringContaining(`127.0.0.1:${port}`) as string,
      },
    });
  });
});
