import { describe, expect, it } from 'vitest';

import type { TwoComputers } from './model.ts';
import { parseSettings, problemText } from './settings.ts';

const managed = [
  { id: 'home', name: 'Home', domain: 'personal', kind: 'managed', port: 18_789 },
  { id: 'home-standby', name: 'Home standby', domain: 'personal', kind: 'managed', port: 18_909 },
];

describe('a pair on two computers', () => {
  const place: TwoComputers = {
    kind: 'two-computers',
    here: 'primary',
    hereAddress: '10.0.0.11',
    thereAddress: '10.0.0.12',
    peerPort: 18_970,
    register: { kind: 'witness', host: 'pi.home.lan', port: 18_971 },
    dns: [{ kind: 'dnsmasq', name: 'gateway.home.lan', hostsDir: '/etc/hosts.d' }],
  };
  const faultsOf = (change: (place: TwoComputers) => object, standby = 'den'): string => {
    const gateways = [
      ...managed,
      {
        id: 'den',
        name: 'Den',
        domain: 'personal',
        kind: 'remote',
        url: 'wss://den.home.lan:18789',
      },
    ];
    const pairs = [{ id: 'house', name: 'House', primary: 'home', standby, place: change(place) }];
    const parsed = parseSettings(JSON.stringify({ version: 1, gateways, pairs }));
    return parsed.ok ? '' : parsed.error.map(problemText).join('\n');
  };

  it('is read, and what is left out is filled in', () => {
    expect(faultsOf((given) => given)).toBe('');
    const { dns: _none, ...bare } = place;
    const parsed = parseSettings(
      JSON.stringify({
        version: 1,
        gateways: [
          { id: 'a', name: 'A', domain: 'personal', kind: 'managed', port: 18_789 },
          { id: 'b', name: 'B', domain: 'personal', kind: 'remote', url: 'wss://b.home.lan:1' },
        ],
        pairs: [{ id: 'p', name: 'P', primary: 'a', standby: 'b', place: bare }],
      }),
    );
    expect(parsed.ok && parsed.value.pairs[0]).toEqual({
      id: 'p',
      name: 'P',
      primary: 'a',
      standby: 'b',
      profile: 'default',
      preempt: null,
      plugin: false,
      workspace: { kind: 'sync' },
      place: { ...place, dns: [] },
    });
  });

  it.each<[string, (place: TwoComputers) => object, string]>([
    [
      'one address for both',
      (given) => ({ ...given, thereAddress: '10.0.0.11' }),
      'pairs[0].place.thereAddress: the two computers have the same address here',
    ],
    [
      'a name where an address belongs',
      (given) => ({ ...given, hereAddress: 'den.home.lan' }),
      'pairs[0].place.hereAddress: “hereAddress” must be an address of a computer',
    ],
    [
      'a record outside its zone',
      (given) => ({
        ...given,
        register: {
          kind: 'rfc2136',
          server: '10.0.0.53',
          zone: 'home.lan',
          name: 'gw.other.lan',
          keyName: 'key',
        },
      }),
      'pairs[0].place.register.name: “gw.other.lan” is not in the zone “home.lan”',
    ],
    [
      'a secret',
      (given) => ({ ...given, register: { ...given.register, secret: 'abc' } }),
      'pairs[0].place.register.secret: “secret” is not known here; known are “kind”, “host” and “port”',
    ],
    [
      'an unknown kind of register',
      (given) => ({ ...given, register: { kind: 'paxos' } }),
      '“kind” must be “witness” or “rfc2136”',
    ],
    [
      'an unknown kind of DNS',
      (given) => ({ ...given, dns: [{ kind: 'hosts' }] }),
      '“kind” must be “dnsmasq”, “pihole”, “cloudflare” or “route53”',
    ],
    [
      'a TTL that a hosted zone does not take',
      (given) => ({
        ...given,
        dns: [
          {
            kind: 'cloudflare',
            name: 'gw.example.org',
            zoneId: '0123456789abcdef0123456789abcdef',
            ttlSeconds: 5,
          },
        ],
      }),
      'pairs[0].place.dns[0].ttlSeconds: “ttlSeconds” must be at least 60',
    ],
    [
      'the same kind of DNS twice',
      (given) => ({ ...given, dns: [...given.dns, ...given.dns] }),
      'pairs[0].place.dns[1].kind: there is already an entry of the kind “dnsmasq”',
    ],
    [
      'a password in an address',
      (given) => ({
        ...given,
        dns: [{ kind: 'pihole', name: 'gw.lan', url: 'http://me:pass@pi.hole' }],
      }),
      'pairs[0].place.dns[0].url: this address holds a user name or password',
    ],
  ])('names %s', (_name, change, expected) => {
    expect(faultsOf(change)).toContain(expected);
  });

  it('wants the gateway of this computer run here, and the other one not', () => {
    expect(faultsOf((given) => given, 'home-standby')).toContain(
      'pairs[0].standby: this member runs on the other computer',
    );
    expect(faultsOf((given) => ({ ...given, here: 'standby' }))).toContain(
      'pairs[0].standby: this member runs on this computer',
    );
  });
});

describe('gateways that rest', () => {
  const faultsOf = (content: object): string => {
    const parsed = parseSettings(JSON.stringify({ version: 1, gateways: managed, ...content }));
    return parsed.ok ? '' : parsed.error.map(problemText).join('\n');
  };

  it('run here, and are in no pair', () => {
    expect(faultsOf({ resting: ['home'] })).toBe('');
    expect(faultsOf({ resting: ['attic'] })).toContain('“attic” is no gateway that runs here');
    const pairs = [{ id: 'house', name: 'House', primary: 'home', standby: 'home-standby' }];
    expect(faultsOf({ resting: ['home'], pairs })).toContain('the guardian decides who acts');
  });
});

describe('how the files of a pair are kept in step', () => {
  const read = (workspace: object | undefined) =>
    parseSettings(
      JSON.stringify({
        version: 1,
        gateways: managed,
        pairs: [{ id: 'p', name: 'P', primary: 'home', standby: 'home-standby', workspace }],
      }),
    );
  const valueOf = (workspace?: object) => {
    const parsed = read(workspace);
    return parsed.ok ? parsed.value.pairs[0]?.workspace : null;
  };

  it('is the built-in sync in a file of before, and git’s remote is origin', () => {
    expect(valueOf()).toEqual({ kind: 'sync' });
    expect(valueOf({ kind: 'git' })).toEqual({ kind: 'git', remote: 'origin' });
  });

  it.each<[object, string]>([
    [{ kind: 'rsync' }, '“kind” must be “sync”, “shared-folder”, “git” or “none”'],
    [{ kind: 'git', remote: '--upload-pack=x' }, '“remote” must be the name of a remote'],
    [{ kind: 'none', remote: 'origin' }, '“remote” is not known here; known are “kind”'],
  ])('says what is wrong with %j', (workspace, words) => {
    const parsed = read(workspace);
    expect(parsed.ok ? '' : parsed.error.map(problemText).join('\n')).toContain(words);
  });
});
