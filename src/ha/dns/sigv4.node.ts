import { createHash, createHmac } from 'node:crypto';

import type { SignRequest } from './route53.ts';

/**
 * Signs a request the way AWS wants it (Signature Version 4): no key leaves this machine, only proof of having it.
 * `sigv4.node.test.ts` holds it to AWS's published test vectors.
 */
export const signSigV4: SignRequest = (request, keys, scope) => {
  const url = new URL(request.url);
  const stamp = new Date(scope.wallMs).toISOString().replace(/[:-]|\.\d{3}/gu, '');
  const credentialScope = `${stamp.slice(0, 8)}/${scope.region}/${scope.service}/aws4_request`;
  const headers: Record<string, string> = {
    ...lowerCased(request.headers),
    host: url.host,
    'x-amz-date': stamp,
  };
  const names = Object.keys(headers).sort();
  const signedHeaders = names.join(';');
  const canonical = [
    request.method,
    url.pathname,
    canonicalQuery(url.searchParams),
    ...names.map((name) => `${name}:${(headers[name] ?? '').trim().replace(/\s+/gu, ' ')}`),
    '',
    signedHeaders,
    sha256(request.body ?? ''),
  ].join('\n');
  const toSign = ['AWS4-HMAC-SHA256', stamp, credentialScope, sha256(canonical)].join('\n');
  const key = credentialScope
    .split('/')
    .reduce<string | Buffer>((previous, part) => hmac(previous, part), `AWS4${keys.secret}`);
  const { host: _host, ...sent } = headers; // fetch writes `host` itself
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 Credential=${keys.accessKeyId}/${credentialScope}, SignedHeaders=${signedHeaders}, Signature=${hmac(key, toSign).toString('hex')}`,
  };
};

function canonicalQuery(params: URLSearchParams): string {
  return [...params]
    .map(([name, value]) => [encode(name), encode(value)] as const)
    .sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&');
}

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** RFC 3986, which leaves fewer characters alone than `encodeURIComponent`. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
