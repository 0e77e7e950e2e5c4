import type { PortalFetch } from './ports.ts';

const timeoutMs = 10_000;
const limitBytes = 65_536;

/** The port on Node's own `fetch`. */
export const nodePortalFetch: PortalFetch = async (url, code) => {
  const response = await fetch(url, {
    headers: { authorization: `Bearer ${code}`, accept: 'application/json' },
    redirect: 'manual', // a redirect is an answer like any other, and not one that can be used
    signal: AbortSignal.timeout(timeoutMs),
  });
  return { status: response.status, text: await readLimited(response) };
};

async function readLimited(response: Response): Promise<string> {
  if (response.body === null) return '';
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of response.body) {
    size += part.byteLength;
    if (size > limitBytes) throw new Error('the answer is too long');
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}
