import { expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { manualClock } from '../../base/testing/manual-clock.ts';
import type { DnsConfig, PairConfig } from '../model.ts';
import { checkedPair } from '../testing/pair-config.ts';
import { openFollowers } from './followers.node.ts';

const ports = { secret: async () => null, clock: manualClock(), random: systemRandom() };
const key = {
  name: 'switchyard',
  algorithm: 'hmac-sha256',
  secret: { env: 'KEY' },
} as const;
const zone = { server: '10.0.0.53', port: 53, zone: 'home.lan', ttlSeconds: 0, key };

function following(change: Partial<PairConfig>) {
  return openFollowers({ ...checkedPair(), ...change }, ports);
}

it('follows with every name of the configuration', async () => {
  const dns: DnsConfig[] = [
    { kind: 'dnsmasq', name: 'a.home.lan', hostsDir: '/etc/hosts.d', resolver: '10.0.0.53' },
    { kind: 'rfc2136', name: 'b.home.lan', resolver: '10.0.0.53', ...zone },
  ];
  const opened = following({ dns });
  if (!opened.ok) throw new Error(opened.error);
  expect(opened.value.map((follower) => follower.view())).toMatchObject([
    { provider: 'dnsmasq', name: 'a.home.lan', ok: false },
    { provider: 'rfc2136', name: 'b.home.lan', ok: false },
  ]);
  for (const follower of opened.value) await follower.close();
});

it('shows the name that moves with the register', async () => {
  const opened = following({ register: { kind: 'rfc2136', name: 'gw.home.lan', ...zone } });
  if (!opened.ok) throw new Error(opened.error);
  expect(opened.value.map((follower) => follower.view())).toMatchObject([
    { provider: 'rfc2136', name: 'gw.home.lan' },
  ]);
  for (const follower of opened.value) await follower.close();
});

it('names the entry that is wrong', () => {
  const dns: DnsConfig[] = [
    {
      kind: 'dnsmasq',
      name: 'a.home.lan',
      hostsDir: '/etc/hosts.d',
      resolver: 'somewhere else entirely',
    },
  ];
  expect(following({ dns })).toEqual({
    ok: false,
    error: expect.stringContaining('pair home, dns[0]: ') as string,
  });
});
