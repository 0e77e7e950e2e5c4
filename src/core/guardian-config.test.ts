import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { writeGuardianConfig } from '../ha/index.node.ts';
import { createTranslator } from '../shared/index.ts';
import { parseSettings } from '../store/index.ts';
import type { Settings } from '../store/index.ts';
import { guardianConfig } from './guardian-config.ts';
import { startChanged, fenceOf } from './fence-consent.ts';
import { canFollow, noticesOf } from './notices.ts';
import { planJoin } from './pair-join.ts';

function settings(standby: object): Settings {
  const parsed = parseSettings(
    JSON.stringify({
      version: 1,
      gateways: [
        { id: 'a', name: 'A', domain: 'personal', kind: 'managed', port: 21000, model: null },
        { id: 'b', name: 'B', domain: 'personal', ...standby },
      ],
      pairs: [{ id: 'home', name: 'Home', primary: 'a', standby: 'b' }],
    }),
  );
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.error));
  return parsed.value;
}

const managed = settings({ kind: 'managed', port: 21120, model: null });
const place = {
  stateDir: '/profile/guardian',
  socket: '/profile/guardian.sock',
  files: (gatewayId: string) => ({
    pidFile: `/profile/gateways/${gatewayId}/process.json`,
    certificate: `/profile/gateways/${gatewayId}/cert.pem`,
  }),
};
const t = createTranslator('en');

test('the guardian accepts what is written for it, and it holds no token', () => {
  const config = guardianConfig(managed, place, t);
  if (!config.ok) throw new Error(config.error);
  const path = join(mkdtempSync(join(tmpdir(), 'switchyard-core-')), 'guardian.json');
  writeGuardianConfig(path, config.value); // throws for a configuration that the guardian would refuse
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({
    pairs: [
      {
        id: 'home',
        domain: 'personal',
        primary: { id: 'a', url: 'ws://127.0.0.1:21000', token: { app: true } },
        standby: { id: 'b', url: 'ws://127.0.0.1:21120', token: { app: true } },
      },
    ],
  });
});

test('a pair with a gateway that is not ours is refused in words', () => {
  const config = guardianConfig(settings({ kind: 'remote', url: 'wss://b.example' }), place, t);
  expect(config).toMatchObject({ ok: false, error: expect.stringContaining('Home') as string });
});

test('a changed gateway waits for the next start and says so; a changed rule does not', () => {
  const codes = (current: Settings): string[] =>
    noticesOf([], managed, current, []).map((notice) => notice.code);
  expect(codes(managed)).toEqual([]);
  expect(codes({ ...managed, updates: { feed: 'https://updates.example' } })).toEqual([]);
  expect(codes({ ...managed, gateways: [] })).toEqual(['settings-restart']);
  const problem = { line: 3, column: 1, path: 'rules', message: 'odd' };
  expect(noticesOf([], managed, managed, [problem, problem])).toMatchObject([
    { code: 'settings-error', values: { line: 3, message: 'odd' } },
  ]);
});

describe('a pair on two computers', () => {
  const two = parseSettings(
    JSON.stringify({
      version: 1,
      gateways: [
        { id: 'a', name: 'A', domain: 'personal', kind: 'managed', port: 21000 },
        {
          id: 'b',
          name: 'B',
          domain: 'personal',
          kind: 'remote',
          url: 'wss://b.home.lan:18789',
          tlsFingerprint: 'cd'.repeat(32),
        },
      ],
      pairs: [
        {
          id: 'home',
          name: 'Home',
          primary: 'a',
          standby: 'b',
          profile: 'fast',
          preempt: { preferred: 'primary', delaySeconds: 90 },
          plugin: true,
          workspace: { kind: 'git' },
          place: {
            kind: 'two-computers',
            here: 'primary',
            hereAddress: '10.0.0.11',
            thereAddress: '10.0.0.12',
            peerPort: 18970,
            register: {
              kind: 'rfc2136',
              server: '10.0.0.53',
              zone: 'home.lan',
              name: 'gw.home.lan',
              keyName: 'switchyard',
            },
            dns: [
              { kind: 'dnsmasq', name: 'gateway.lan', hostsDir: '/etc/dnsmasq.hosts' },
              { kind: 'pihole', name: 'gateway.lan', url: 'http://10.0.0.5' },
              {
                kind: 'cloudflare',
                name: 'gateway.example.org',
                zoneId: '0123456789abcdef0123456789abcdef',
              },
              {
                kind: 'route53',
                name: 'gateway.example.net',
                zoneId: 'Z0123',
                accessKeyId: 'AKIA1',
              },
            ],
          },
        },
      ],
    }),
  );
  if (!two.ok) throw new Error(JSON.stringify(two.error));
  const settingsOfTwo = two.value;
  const [pair] = settingsOfTwo.pairs;
  const [here, there] = settingsOfTwo.gateways;

  function accepted(name: string, config: object): Record<string, unknown> {
    const path = join(mkdtempSync(join(tmpdir(), 'switchyard-core-')), name);
    writeGuardianConfig(path, config as never); // throws for a configuration that the guardian would refuse
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  }

  test('gives each computer a configuration that its guardian accepts, alike but for the side', () => {
    const config = guardianConfig(settingsOfTwo, place, t);
    if (!config.ok || pair?.place.kind !== 'two-computers') throw new Error('no configuration');
    const mine = accepted('here.json', config.value);
    expect(mine).toMatchObject({
      pairs: [
        {
          local: 'primary',
          profile: 'fast',
          preempt: { preferred: 'primary', delayMs: 90_000 },
          workspace: { kind: 'git', remote: 'origin' },
          primary: {
            url: 'wss://127.0.0.1:21000',
            addr: 'wss://10.0.0.11:21000',
            tls: { certificate: '/profile/gateways/a/cert.pem' },
            pidFile: '/profile/gateways/a/process.json',
          },
          standby: { url: 'wss://b.home.lan:18789', tls: { fingerprint: 'cd'.repeat(32) } },
          register: { kind: 'rfc2136', key: { name: 'switchyard', secret: { app: true } } },
          dns: [
            { kind: 'dnsmasq' },
            { kind: 'pihole', password: { app: true } },
            { kind: 'cloudflare', token: { app: true }, ttlSeconds: 60 },
            { kind: 'route53', secret: { app: true } },
          ],
        },
      ],
    });
    const plan = planJoin(
      pair,
      pair.place,
      { primary: here!, standby: there! },
      { stored: () => 'kept', token: () => null },
      'ab'.repeat(32),
      t,
    );
    const text = plan.files.find(({ name }) => name === 'guardian.json')?.text ?? '';
    expect(accepted('there.json', JSON.parse(text) as object)).toMatchObject({
      pairs: [
        {
          local: 'standby',
          profile: 'fast',
          workspace: { kind: 'git', remote: 'origin' },
          primary: { url: 'wss://10.0.0.11:21000', tls: { fingerprint: 'ab'.repeat(32) } },
          standby: { url: 'wss://127.0.0.1:18789', tls: { fingerprint: 'cd'.repeat(32) } },
          register: { key: { secret: { file: 'secrets/register' } } },
          dns: [{}, { password: { file: 'secrets/dns-pihole' } }, {}, {}],
        },
      ],
    });
  });

  test('is refused in words where the gateway of this computer is not run here', () => {
    const elsewhere = {
      ...settingsOfTwo,
      gateways: [{ ...there!, id: 'a' }, there!],
    };
    expect(guardianConfig(elsewhere, place, t)).toMatchObject({ ok: false });
  });
});

describe('the fence', () => {
  const fence = { pluginPath: '/app/plugin', registerPath: (id: string) => `/registers/${id}` };

  test('is carried with consent only, and knows its register', () => {
    expect(fenceOf(managed.pairs, 'a', fence)).toBeNull();
    const agreed = managed.pairs.map((pair) => ({ ...pair, plugin: true }));
    expect(fenceOf(agreed, 'b', fence)).toEqual({
      pluginPath: '/app/plugin',
      config: { pair: 'home', gateway: 'b', mode: 'held', registerPath: '/registers/home' },
    });
    expect(fenceOf(agreed, 'c', fence)).toBeNull();
    expect(startChanged(managed, { pairs: agreed }, 'a')).toBe(true);
    expect(startChanged({ pairs: agreed }, { pairs: agreed }, 'a')).toBe(false);
  });
});

test('the app goes over as it runs to pairs and to more gateways, not to fewer or others', () => {
  expect(canFollow(managed, { ...managed, pairs: [] })).toBe(true);
  const [first] = managed.gateways;
  const more = { ...managed, gateways: [...managed.gateways, { ...first!, id: 'c' }] };
  expect(canFollow(managed, more)).toBe(true);
  expect(canFollow(more, managed)).toBe(false);
  expect(canFollow(managed, { ...managed, gateways: [{ ...first!, name: 'Other' }] })).toBe(false);
});
