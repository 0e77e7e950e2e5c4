import { describe, expect, it } from 'vitest';

import { parseGuardianConfig } from './config.ts';
import type { GuardianConfigInput } from './config.ts';
import type { GuardianConfig } from './model.ts';
import { farPair, homePair } from './testing/pair-config.ts';

type PairInput = GuardianConfigInput['pairs'][number];

const valid = {
  version: 1,
  stateDir: '/var/lib/guardian',
  socket: '/run/guardian.sock',
  pairs: [homePair()],
};

function parsed(change: object): GuardianConfig {
  const result = parseGuardianConfig(JSON.stringify({ ...valid, ...change }));
  if (!result.ok) throw new Error(result.error);
  return result.value;
}

function errorOf(change: object): string {
  const result = parseGuardianConfig(JSON.stringify({ ...valid, ...change }));
  return result.ok ? 'accepted' : result.error;
}

/** What is wrong with one pair. */
function pairError(pair: object): string {
  return errorOf({ pairs: [pair] });
}

const dnsmasq = {
  kind: 'dnsmasq',
  name: 'gateway.home.lan',
  hostsDir: '/etc/dnsmasq.hosts',
} as const;
const key = { name: 'guardian.home.lan', secret: { env: 'TSIG' } } as const;
const rfc2136 = {
  kind: 'rfc2136',
  server: '10.0.0.53',
  zone: 'home.lan',
  name: 'gw.home.lan',
  key,
} as const;

describe('the configuration', () => {
  it('of one host needs two gateways, and has the rest by itself', () => {
    const { check: _check, ...pair } = homePair();
    const config = parsed({ pairs: [pair] });
    expect(config.metrics).toBeNull();
    expect(config.pairs[0]).toMatchObject({
      domain: 'personal',
      local: 'both',
      profile: 'default',
      register: { kind: 'lock' },
      dns: [],
      peer: null,
      preempt: null,
      workspace: { kind: 'sync' },
      lease: { leaseMs: 2_000, renewEveryMs: 500, marginMs: 100, rateError: 0.01 },
      check: {
        everyMs: 500,
        confirmEveryMs: 100,
        timeoutMs: 1_500,
        turnEveryMs: 60_000,
        misses: 3,
      },
    });
  });

  it.each([
    ['fast', { leaseMs: 1_000, renewEveryMs: 250, marginMs: 60 }, { everyMs: 100, timeoutMs: 120 }],
    ['default', { leaseMs: 2_000, renewEveryMs: 500, marginMs: 100 }, { everyMs: 500 }],
    ['safe', { leaseMs: 5_000, renewEveryMs: 1_250, marginMs: 200 }, { everyMs: 1_000 }],
  ] as const)('takes lease and checks from its profile “%s”', (profile, lease, check) => {
    expect(parsed({ pairs: [{ ...homePair(), profile }] }).pairs[0]).toMatchObject({
      lease,
      check,
    });
  });

  it('lets a person change single values of a profile', () => {
    const [pair] = parsed({
      pairs: [{ ...homePair({ everyMs: 300 }), profile: 'safe', lease: { marginMs: 250 } }],
    }).pairs;
    expect(pair).toMatchObject({
      lease: { leaseMs: 5_000, renewEveryMs: 1_250, marginMs: 250 },
      check: { everyMs: 300, timeoutMs: 3_000 },
    });
  });

  it('of two hosts is accepted from both sides, with a register, a link and DNS', () => {
    for (const local of ['primary', 'standby'] as const) {
      const pair = farPair(local, {
        dns: [dnsmasq],
        preempt: { preferred: 'primary' },
      });
      expect(parsed({ pairs: [pair] }).pairs[0]).toMatchObject({
        local,
        preempt: { preferred: 'primary', delayMs: 60_000 },
      });
    }
  });

  it('fills in what a DNS register leaves out', () => {
    const [pair] = parsed({ pairs: [farPair('primary', { register: rfc2136 })] }).pairs;
    expect(pair?.register).toMatchObject({
      port: 53,
      ttlSeconds: 0,
      key: { algorithm: 'hmac-sha256' },
    });
  });

  it.each([
    [{ kind: 'shared-folder' }, { kind: 'shared-folder' }],
    [{ kind: 'git' }, { kind: 'git', remote: 'origin' }],
    [{ kind: 'none' }, { kind: 'none' }],
  ])('takes %j as the way to keep workspaces in step', (workspace, read) => {
    expect(parsed({ pairs: [{ ...homePair(), workspace }] }).pairs[0]?.workspace).toEqual(read);
  });

  it('accepts every kind of DNS', () => {
    const dns: PairInput['dns'] = [
      { ...dnsmasq, resolver: '192.168.1.2:53' },
      { kind: 'pihole', name: 'gw.home.lan', url: 'http://pi.hole', password: { env: 'PIHOLE' } },
      { kind: 'cloudflare', name: 'gw.example.org', zoneId: 'a'.repeat(32), token: { app: true } },
      {
        kind: 'route53',
        name: 'gw.example.org',
        zoneId: 'Z0ABC',
        accessKeyId: 'AKIA',
        secret: { file: '/run/secrets/aws' },
      },
      rfc2136,
    ];
    expect(parsed({ pairs: [farPair('primary', { dns })] }).pairs[0]?.dns).toHaveLength(5);
  });
});

describe('the configuration as a whole', () => {
  it.each([
    ['a text that is not JSON', null, 'it is not JSON'],
    ['no pairs', { pairs: [] }, 'pairs: name at least one pair'],
    ['another version', { version: 2 }, 'version: this version of the guardian reads version 1'],
    ['an unknown key', { colour: 'red' }, '(the whole file): remove what is not known: colour'],
    [
      'figures for everybody on the network',
      { metrics: { host: '0.0.0.0', port: 9_090 } },
      'metrics.host: figures are served on this machine only',
    ],
    [
      'a gateway in two pairs',
      { pairs: [homePair(), { ...homePair(), id: 'second' }] },
      'pairs: a gateway may be in one pair only',
    ],
    [
      'two pairs of one id',
      { pairs: [homePair(), homePair()] },
      'pairs: each pair needs an id of its own',
    ],
  ])('refuses %s and says where', (_words, change, expected) => {
    const error =
      change === null ? (parseGuardianConfig('{') as { error: string }).error : errorOf(change);
    expect(error).toContain(expected);
  });
});

describe('the configuration of a member', () => {
  const withPrimary = (primary: object): object => ({
    ...homePair(),
    primary: { id: 'a', name: 'A', url: 'ws://127.0.0.1:1', ...primary },
  });

  it.each([
    ['an id that is a path', { id: '../x' }, 'pairs[0].primary.id: use 1 to 64'],
    ['an id that registers use', { id: 'none' }, 'mean something to registers'],
    ['a remote address', { url: 'wss://example.org:8443' }, 'use ws://127.0.0.1:PORT'],
    ['an address that is none', { url: 'gateway' }, 'pairs[0].primary.url: use ws://HOST:PORT'],
    ['a token in the address', { url: 'ws://127.0.0.1:1/?token=x' }, 'pairs[0].primary.url'],
    ['a token in the file', { token: 'x' }, 'pairs[0].primary.token: use {"env": "NAME"}'],
    ['a name that nobody sees', { name: '  ' }, 'pairs[0].primary.name: give it a name'],
  ])('refuses %s and says where', (_words, primary, expected) => {
    expect(pairError(withPrimary(primary))).toContain(expected);
  });

  it('refuses one gateway twice, by its id and by its address', () => {
    const { primary } = homePair();
    const error = pairError({ ...homePair(), standby: primary });
    expect(error).toContain('pairs[0].standby.id: primary and standby must be two gateways');
    expect(error).toContain(
      'pairs[0].standby.url: primary and standby must have different addresses',
    );
  });
});

describe('the configuration of a pair', () => {
  const near = homePair();
  const far = farPair('primary');
  const { addr: _addr, ...unreachable } = far.primary;

  it.each([
    ['an id that is a path', { ...near, id: '../x' }, 'pairs[0].id: use 1 to 64'],
    ['a wrong number', homePair({ misses: 0 }), 'pairs[0].check.misses: give at least 1'],
    ['a part of a millisecond', homePair({ everyMs: 99.5 }), 'pairs[0].check.everyMs: give whole'],
    [
      'an unknown check',
      { ...near, check: { often: true } },
      'pairs[0].check: remove what is not known: often',
    ],
    ['an unknown profile', { ...near, profile: 'reckless' }, 'pairs[0].profile'],
    [
      'a lease that three renewals do not fit into',
      { ...near, lease: { renewEveryMs: 700 } },
      'pairs[0].lease.renewEveryMs: three renewals must fit into a lease',
    ],
    ['a clock that is never wrong', { ...near, lease: { rateError: 0 } }, 'clocks are never exact'],
    [
      'a network register on one host',
      { ...near, register: rfc2136 },
      'pairs[0].register: two gateways on this machine',
    ],
    [
      'a lock on two hosts',
      { ...far, register: { kind: 'lock' } },
      'pairs[0].register: two machines need',
    ],
    ['two hosts that do not speak', { ...far, peer: null }, 'pairs[0].peer: name where'],
    ['a link to itself', { ...near, peer: far.peer }, 'pairs[0].peer: leave it out'],
    ['DNS with nothing to move', { ...near, dns: [dnsmasq] }, 'pairs[0].dns: leave it out'],
    [
      'a member that no other machine reaches',
      { ...far, primary: unreachable },
      'pairs[0].primary.addr: name the address',
    ],
    [
      'a member of this host at another one',
      { ...far, primary: { ...far.primary, url: 'ws://10.0.0.1:21000' } },
      'pairs[0].primary.url: this gateway is guarded from this machine',
    ],
    [
      'a secret in the file',
      { ...far, peer: { ...far.peer, secret: 'abc' } },
      'pairs[0].peer.secret: use {"env": "NAME"}',
    ],
    [
      'a TTL that Cloudflare refuses',
      {
        ...far,
        dns: [
          {
            kind: 'cloudflare',
            name: 'a.b',
            zoneId: 'a'.repeat(32),
            token: { env: 'X' },
            ttlSeconds: 30,
          },
        ],
      },
      'pairs[0].dns[0].ttlSeconds: give at least 60 s',
    ],
    [
      'a name that DNS does not know',
      { ...far, dns: [{ ...dnsmasq, name: 'Gate_way' }] },
      'pairs[0].dns[0].name: give a host name',
    ],
    [
      'nine providers',
      { ...far, dns: Array.from({ length: 9 }, () => dnsmasq) },
      'pairs[0].dns: name at most 8',
    ],
    [
      'haste in moving back',
      { ...far, preempt: { preferred: 'primary', delayMs: 10 } },
      'pairs[0].preempt.delayMs: give at least 1000 ms',
    ],
    [
      'a remote that git would take for an option',
      { ...far, workspace: { kind: 'git', remote: '--upload-pack=x' } },
      'pairs[0].workspace.remote: give the name of a remote of the repository, such as origin',
    ],
  ])('refuses %s and says where', (_words, pair, expected) => {
    expect(pairError(pair)).toContain(expected);
  });
});
