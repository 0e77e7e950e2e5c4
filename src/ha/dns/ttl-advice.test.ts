import { describe, expect, it } from 'vitest';

import { ttlAdvice, ttlProblem } from './ttl-advice.ts';

const kinds = ['dnsmasq', 'pihole', 'rfc2136', 'cloudflare', 'route53'] as const;

describe('the advice on TTL', () => {
  it.each(kinds)('for %s can be followed and says what browsers do', (kind) => {
    const { ttlSeconds, why } = ttlAdvice(kind);
    if (ttlSeconds !== null) expect(ttlProblem(kind, ttlSeconds)).toBeNull();
    expect(why).toContain('60 s whatever the TTL');
  });

  it.each([
    ['cloudflare', 30, false],
    ['cloudflare', 1, true],
    ['cloudflare', 60, true],
    ['cloudflare', 86_401, false],
    ['route53', 0, true],
    ['route53', 1.5, false],
    ['rfc2136', -1, false],
    ['pihole', 60, false],
  ] as const)('%s takes %d s: %s', (kind, ttlSeconds, isTaken) => {
    expect(ttlProblem(kind, ttlSeconds) === null).toBe(isTaken);
  });
});
