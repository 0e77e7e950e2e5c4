import { describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import type { DnsTarget } from './model.ts';
import { openDns } from './open.node.ts';

const ports = {
  secret: async () => null,
  clock: systemClock(),
  random: systemRandom(),
};
const common = { name: 'GW.Home.Lan', resolver: '127.0.0.1:5353' };

describe('a dns entry of the configuration', () => {
  it.each<DnsTarget>([
    { kind: 'dnsmasq', ...common, hostsDir: '/gone' },
    { kind: 'pihole', ...common, url: 'http://127.0.0.1:1/admin/' },
    { kind: 'cloudflare', ...common, zoneId: 'z' },
    { kind: 'route53', ...common, zoneId: 'z', accessKeyId: 'AKIDEXAMPLE' },
  ])(
    'of kind $kind is opened, and says in words that its secret or folder is not there',
    async (target) => {
      const opened = openDns(target, ports);
      if (!opened.ok) throw new Error(opened.error);
      const { provider, resolver } = opened.value;
      expect(provider).toMatchObject({ kind: target.kind, name: 'gw.home.lan' });
      expect(resolver.server).toBe('127.0.0.1:5353');
      expect(await provider.test()).toMatchObject({
        ok: false,
        error: { kind: 'wrong', detail: expect.stringMatching(/is not there/u) },
      });
      await provider.close();
    },
  );

  it.each<[DnsTarget, string]>([
    [{ kind: 'dnsmasq', ...common, name: '../x', hostsDir: '/h' }, 'host name'],
    [{ kind: 'dnsmasq', ...common, resolver: 'dns', hostsDir: '/h' }, 'resolver'],
    [{ kind: 'pihole', ...common, url: 'http://user:pw@pi.hole' }, "Pi-hole's address"],
    [{ kind: 'pihole', ...common, url: 'file:///etc' }, "Pi-hole's address"],
    [{ kind: 'cloudflare', ...common, zoneId: 'z', ttlSeconds: 30 }, '60 to 86400'],
  ])('that cannot be right is refused: %#', (target, words) => {
    expect(openDns(target, ports)).toMatchObject({
      ok: false,
      error: expect.stringContaining(words),
    });
  });
});
