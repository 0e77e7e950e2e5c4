/** Which TTL is right where, and why: the words that the set-up shows. */
import type { DnsKind } from './model.ts';

export interface TtlAdvice {
  /** What to write; null: the server has a setting of its own, named in `why`. */
  readonly ttlSeconds: number | null;
  /** How long a well-behaved client may still go to the old gateway after the record changed. */
  readonly staleSeconds: number;
  readonly why: string;
}

const chromium =
  'Browsers and Electron programs keep an answer for at least 60 s whatever the TTL; Switchyard itself does not wait for DNS.';

/** The advice for a provider. */
export function ttlAdvice(kind: DnsKind): TtlAdvice {
  switch (kind) {
    case 'dnsmasq':
      return {
        ttlSeconds: null,
        staleSeconds: 0,
        why: `dnsmasq gives records from its hosts folder with TTL 0, so clients ask every time, which costs nothing at home. Leave local-ttl unset, or keep it below 5 s. ${chromium}`,
      };
    case 'pihole':
      return {
        ttlSeconds: null,
        staleSeconds: 2,
        why: `Pi-hole decides the TTL of local records itself (a few seconds at most; the check shows it). Use it as the clients' own resolver: forwarded through another one, its cache optimiser may give an answer that is an hour old. ${chromium}`,
      };
    case 'rfc2136':
      return {
        ttlSeconds: 1,
        staleSeconds: 1,
        why: `1 s: BIND changes the record within milliseconds, so what counts is what resolvers between it and the clients keep; 0 makes some of them fail. Set the zone's SOA minimum to 1 to 5 s too: it says how long "no such name" is remembered. ${chromium}`,
      };
    case 'cloudflare':
      return {
        ttlSeconds: 60,
        staleSeconds: 60,
        why: `60 s is the lowest that Cloudflare takes (30 s on Enterprise only); automatic means 300 s. Resolvers may send clients to the old gateway for a minute after a takeover. ${chromium}`,
      };
    case 'route53':
      return {
        ttlSeconds: 60,
        staleSeconds: 120,
        why: `60 s: Amazon's servers themselves take up to 60 s to agree on a change, so a lower TTL costs queries and gains little. A client may go to the old gateway for two minutes in all. ${chromium}`,
      };
  }
}

/** Whether a chosen TTL can be used with a provider; the error is what to correct. */
export function ttlProblem(kind: DnsKind, ttlSeconds: number): string | null {
  if (!Number.isInteger(ttlSeconds) || ttlSeconds < 0 || ttlSeconds > 86_400)
    return 'give whole seconds from 0 to 86400';
  switch (kind) {
    case 'cloudflare':
      return ttlSeconds === 1 || ttlSeconds >= 60
        ? null
        : 'Cloudflare takes 60 to 86400 s, or 1 for automatic (300 s)';
    case 'dnsmasq':
    case 'pihole':
      return 'this server decides the TTL itself; leave it out';
    case 'rfc2136':
    case 'route53':
      return null;
  }
}
