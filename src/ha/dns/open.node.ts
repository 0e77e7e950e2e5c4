import { readFileSync } from 'node:fs';

import { fail, ok } from '../../base/index.ts';
import type { Clock, Random, Result } from '../../base/index.ts';
import type { DnsView } from '../../shared/index.ts';
import { tsigKey } from '../register/hmac.node.ts';
import { askTcp, openUdp } from '../register/wire.node.ts';
import { cloudflareProvider } from './cloudflare.ts';
import { dnsmasqProvider } from './dnsmasq.node.ts';
import { createDnsFollower } from './follower.ts';
import type { DnsFollower } from './follower.ts';
import { fetchHttp } from './http.node.ts';
import type { DnsProvider, DnsTarget, ReadSecret, Resolver } from './model.ts';
import { canonicalAddress, checkedName } from './names.ts';
import { piholeProvider } from './pihole.ts';
import { rfc2136Problem } from '../register/rfc2136-register.ts';
import { rfc2136Provider } from './rfc2136.ts';
import { createResolver, firstNameserver, parseEndpoint } from './resolver.ts';
import { route53Provider } from './route53.ts';
import { signSigV4 } from './sigv4.node.ts';
import { ttlAdvice, ttlProblem } from './ttl-advice.ts';

interface DnsPorts {
  /** The app password, API token or secret access key of this target. */
  readonly secret: ReadSecret;
  readonly clock: Clock;
  readonly random: Random;
}

export interface OpenDns {
  readonly provider: DnsProvider;
  readonly resolver: Resolver;
}

/** For one whole request; the follower's pause before it looks again is longer. */
const requestMs = 10_000;
const maxAnswerBytes = 8 * 1024 * 1024;
const questionMs = 1_000;
/** BIND syncs its journal before it answers: half a second is seen on a busy machine. */
const updateMs = 3_000;

/** Opens what a `dns` entry of the configuration names; the error is what to correct. Nothing is sent yet. */
export function openDns(target: DnsTarget, ports: DnsPorts): Result<OpenDns, string> {
  const name = checkedName(target.name);
  if (!name.ok) return name;
  const endpoint =
    target.resolver === undefined ? systemNameserver() : parseEndpoint(target.resolver);
  if (!endpoint.ok) return endpoint;
  const resolver = createResolver(endpoint.value, questionMs, { ...ports, openDatagrams: openUdp });
  const provider = providerOf(target, name.value, resolver, ports);
  return provider.ok ? ok({ provider: provider.value, resolver }) : provider;
}

/** Opens a target and follows the role with it. */
export function openDnsFollower(
  target: DnsTarget,
  ports: DnsPorts,
  onView: (view: DnsView) => void,
): Result<DnsFollower, string> {
  const opened = openDns(target, ports);
  if (!opened.ok) return opened;
  const { clock, random } = ports;
  return ok(createDnsFollower({ ...opened.value, clock, random, onView }));
}

function providerOf(
  target: DnsTarget,
  name: string,
  resolver: Resolver,
  ports: DnsPorts,
): Result<DnsProvider, string> {
  const { clock, random, secret } = ports;
  const http = fetchHttp({ timeoutMs: requestMs, maxBytes: maxAnswerBytes });
  switch (target.kind) {
    case 'dnsmasq': {
      const { hostsDir, pidFile } = target;
      return ok(dnsmasqProvider({ name, hostsDir, pidFile, resolver, clock, random }));
    }
    case 'pihole': {
      const url = webAddress(target.url);
      return url.ok
        ? ok(piholeProvider({ name, url: url.value, password: secret, http, clock }))
        : url;
    }
    case 'rfc2136': {
      const { server, port, zone, keyName, algorithm } = target;
      const problem = rfc2136Problem({ zone, name, key: { name: keyName } });
      if (problem !== null) return fail(problem);
      if (canonicalAddress(server) === null)
        return fail(
          `“${server.slice(0, 80)}” is not an IP address; give the one of the zone's primary server`,
        );
      const ttlSeconds = target.ttlSeconds ?? ttlAdvice('rfc2136').ttlSeconds ?? 1;
      const to = { host: server, port: port ?? 53 };
      const key = { name: keyName, algorithm, secret };
      return ok(
        rfc2136Provider(
          { name, zone, to, ttlSeconds, key, timeoutMs: updateMs },
          { clock, random, openDatagrams: openUdp, askStream: askTcp, makeKey: tsigKey },
        ),
      );
    }
    case 'cloudflare':
    case 'route53': {
      const ttlSeconds = target.ttlSeconds ?? ttlAdvice(target.kind).ttlSeconds ?? 60;
      const problem = ttlProblem(target.kind, ttlSeconds);
      if (problem !== null) return fail(problem);
      const common = { name, zoneId: target.zoneId, ttlSeconds, http, clock };
      if (target.kind === 'cloudflare') return ok(cloudflareProvider({ ...common, token: secret }));
      const { accessKeyId } = target;
      return ok(route53Provider({ ...common, accessKeyId, secret, sign: signSigV4 }));
    }
  }
}

function webAddress(text: string): Result<string, string> {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === '';
  return isPlain
    ? ok(`${url.origin}${url.pathname.replace(/\/(?:admin\/?)?$/u, '')}`)
    : fail(
        `“${text.slice(0, 80)}” is not Pi-hole's address; give http://pi.hole or https://10.0.0.53`,
      );
}

function systemNameserver(): ReturnType<typeof firstNameserver> {
  try {
    return firstNameserver(readFileSync('/etc/resolv.conf', 'utf8'));
  } catch {
    return firstNameserver(''); // a system without that file
  }
}
