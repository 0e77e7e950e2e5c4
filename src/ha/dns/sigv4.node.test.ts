import { describe, expect, it } from 'vitest';

import { signSigV4 } from './sigv4.node.ts';

/** The keys, the time and the scope of the `aws-sig-v4-test-suite` that AWS publishes. */
const keys = { accessKeyId: 'AKIDEXAMPLE', secret: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY' };
const scope = { region: 'us-east-1', service: 'service', wallMs: Date.UTC(2015, 7, 30, 12, 36) };
const url = 'https://example.amazonaws.com/';

describe('a SigV4 signature', () => {
  it.each([
    [
      'get-vanilla',
      { method: 'GET', url, headers: {} },
      'host;x-amz-date',
      '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31',
    ],
    [
      'post-vanilla',
      { method: 'POST', url, headers: {} },
      'host;x-amz-date',
      '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b',
    ],
    [
      'get-vanilla-query-order-key-case',
      { method: 'GET', url: `${url}?Param2=value2&Param1=value1`, headers: {} },
      'host;x-amz-date',
      'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
    ],
    [
      'post-x-www-form-urlencoded',
      {
        method: 'POST',
        url,
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'Param1=value1',
      },
      'content-type;host;x-amz-date',
      'ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a',
    ],
  ] as const)('is what AWS publishes for %s', (_name, request, signedHeaders, signature) => {
    const headers = signSigV4(request, keys, scope);
    expect(headers['x-amz-date']).toBe('20150830T123600Z');
    expect(headers['authorization']).toBe(
      `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=${signedHeaders}, Signature=${signature}`,
    );
  });

  it('changes with the body, the path, the query and the time, and never holds the secret', () => {
    const base = { method: 'POST', url: `${url}a?b=c`, headers: {}, body: '<x/>' };
    const signed = [
      signSigV4(base, keys, scope),
      signSigV4({ ...base, body: '<y/>' }, keys, scope),
      signSigV4({ ...base, url: `${url}z?b=c` }, keys, scope),
      signSigV4({ ...base, url: `${url}a?b=d` }, keys, scope),
      signSigV4(base, keys, { ...scope, wallMs: scope.wallMs + 1000 }),
    ].map((headers) => headers['authorization']);
    expect(new Set(signed).size).toBe(signed.length);
    expect(signed.join()).not.toContain(keys.secret);
  });
});
