import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import type { GuardianConfigInput } from '../config.ts';
import { checkedConfig, homePair } from '../testing/pair-config.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openSecrets } from './secrets.node.ts';

const app = { app: true } as const;

function twoHosts(change: Partial<GuardianConfigInput['pairs'][number]> = {}) {
  const pair = homePair();
  return checkedConfig({
    version: 1,
    stateDir: 'state',
    socket: 'socket',
    pairs: [
      {
        ...pair,
        local: 'primary',
        primary: { ...pair.primary, addr: 'ws://10.0.0.11:18789', token: app },
        standby: { ...pair.standby, url: 'ws://10.0.0.12:18789' },
        register: { kind: 'witness', host: '10.0.0.53', port: 5354, secret: app },
        peer: {
          listen: { host: '10.0.0.11', port: 5355 },
          connect: { host: '10.0.0.12', port: 5355 },
          secret: app,
        },
        dns: [
          { kind: 'dnsmasq', name: 'gw.home.lan', hostsDir: '/etc/hosts.d' },
          { kind: 'pihole', name: 'gw.home.lan', url: 'http://10.0.0.53', password: app },
        ],
        ...change,
      },
    ],
  });
}

describe('the secrets of a configuration', () => {
  it('are wanted from the app under names that tell what they are for', () => {
    expect(openSecrets(twoHosts(), {}).wanted).toEqual([
      'home-a',
      'pair/home/register',
      'pair/home/peer',
      'pair/home/dns/1',
    ]);
  });

  it('are kept when the app hands them over, and only those that are wanted', async () => {
    const secrets = openSecrets(twoHosts(), {});
    expect(await secrets.read('pair/home/peer')).toBeNull();
    expect(secrets.take('pair/home/peer', 'a secret')).toBe(true);
    expect(await secrets.read('pair/home/peer')).toBe('a secret');
    expect(secrets.take('home-b', 'unasked for')).toBe(false);
    expect(await secrets.read('home-b')).toBeNull();
  });

  it('come from files and variables, read anew each time', async () => {
    const path = join(temporaryFolder(), 'secret');
    const secrets = openSecrets(
      twoHosts({ register: { kind: 'witness', host: 'w', port: 1, secret: { file: path } } }),
      {},
    );
    expect(await secrets.read('pair/home/register')).toBeNull();
    writeFileSync(path, 'first\n');
    expect(await secrets.read('pair/home/register')).toBe('first');
    writeFileSync(path, 'second\n');
    expect(await secrets.read('pair/home/register')).toBe('second');
    expect(secrets.take('pair/home/register', 'from the app')).toBe(false);
  });
});
