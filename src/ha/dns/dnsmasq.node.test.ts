import {
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { dnsmasqProvider, dnsmasqVersion } from './dnsmasq.node.ts';
import type { DnsProvider, Resolver } from './model.ts';

const name = 'gw.home.lan';
const resolver: Resolver = {
  server: '127.0.0.1',
  addresses: async () => ({ kind: 'silent', detail: 'nobody answers' }),
  version: async () => 'dnsmasq-2.90',
};

function provider(hostsDir: string): DnsProvider {
  return dnsmasqProvider({
    name,
    hostsDir,
    resolver,
    clock: systemClock(),
    random: systemRandom(),
  });
}

const change = { name, address: '10.0.0.2', epoch: 7 };

describe("the file of a name in dnsmasq's hosts folder", () => {
  it('is whole, readable for every user and beside no rest', async () => {
    const folder = temporaryFolder();
    expect(await provider(folder).apply(change)).toMatchObject({ ok: true });
    expect(readdirSync(folder)).toEqual([`switchyard-${name}`]);
    const path = join(folder, `switchyard-${name}`);
    expect(readFileSync(path, 'utf8')).toMatch(
      /^# switchyard epoch=7;.*\n10\.0\.0\.2 gw\.home\.lan\n$/u,
    );
    expect(statSync(path).mode & 0o777).toBe(0o644);
  });

  it('is read back, left alone when it is right, and never written over by an older epoch', async () => {
    const folder = temporaryFolder();
    const path = join(folder, `switchyard-${name}`);
    await provider(folder).apply(change);
    expect(await provider(folder).read()).toEqual({
      ok: true,
      value: { addresses: ['10.0.0.2'], ttlSeconds: null, epoch: 7 },
    });
    const { ino } = statSync(path);
    await provider(folder).apply(change);
    expect(statSync(path).ino).toBe(ino);
    expect(
      await provider(folder).apply({ ...change, address: '10.0.0.3', epoch: 6 }),
    ).toMatchObject({ error: { kind: 'superseded', epoch: 7 } });
    expect(statSync(path).ino).toBe(ino);
  });

  it('replaces what a crash left behind, and follows no link there', async () => {
    const folder = temporaryFolder();
    const target = join(temporaryFolder(), 'precious');
    writeFileSync(target, 'precious');
    symlinkSync(target, join(folder, `.switchyard-${name}.new`));
    expect(await provider(folder).apply(change)).toMatchObject({ ok: true });
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(readdirSync(folder)).toEqual([`switchyard-${name}`]);
  });

  it('is not written while another file gives the name another address', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'lan'), `10.0.0.9 nas\n10.0.0.8 printer GW.home.lan # old\n`);
    writeFileSync(join(folder, 'backup~'), `10.0.0.8 ${name}\n`);
    mkdirSync(join(folder, 'folder'));
    const expected = {
      ok: false,
      error: { kind: 'wrong', detail: expect.stringContaining('lan, line 2') },
    };
    expect(await provider(folder).apply(change)).toMatchObject(expected);
    expect(await provider(folder).test()).toMatchObject(expected);
    expect(readdirSync(folder)).not.toContain(`switchyard-${name}`);
    writeFileSync(join(folder, 'lan'), `10.0.0.2 ${name}\n`);
    expect(await provider(folder).apply(change)).toMatchObject({ ok: true });
  });

  it('says what to do about a folder that is not there, or is none', async () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'file'), '');
    for (const [path, words] of [
      ['gone', 'is not there'],
      ['file', 'is not a folder'],
    ] as const) {
      const expected = { error: { kind: 'wrong', detail: expect.stringContaining(words) } };
      expect(await provider(join(folder, path)).apply(change)).toMatchObject(expected);
      expect(await provider(join(folder, path)).test()).toMatchObject(expected);
    }
  });

  it('is tested against a server that answers', async () => {
    const folder = temporaryFolder();
    expect(await provider(folder).test()).toMatchObject({
      error: { kind: 'wrong', detail: 'nobody answers' },
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe('the version of a dnsmasq', () => {
  it.each([
    ['dnsmasq-2.90', [2, 90]],
    ['dnsmasq-2.85rc1', [2, 85]],
    ['dnsmasq-pi-hole-v2.91', [2, 91]],
    ['9.18.49-Debian', null],
    [null, null],
  ])('%s is %j', (text, version) => {
    expect(dnsmasqVersion(text)).toEqual(version);
  });
});
