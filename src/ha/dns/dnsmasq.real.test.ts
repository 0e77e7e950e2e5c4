import { chmod, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { openUdp } from '../register/wire.node.ts';
import { startDnsmasq } from '../testing/dnsmasq.ts';
import type { RunningDnsmasq } from '../testing/dnsmasq.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { dnsmasqProvider } from './dnsmasq.node.ts';
import type { DnsProvider, Resolver } from './model.ts';
import { createResolver } from './resolver.ts';
import { watchedFollower } from './testing/watched-follower.ts';

const name = 'gw.home.lan';
const addresses = ['10.9.0.1', '10.9.0.2'] as const;
const clock = systemClock();
const random = systemRandom();

/** A folder that dnsmasq's own user can read, as the documentation asks for. */
async function hostsFolder(): Promise<string> {
  const folder = temporaryFolder();
  await chmod(folder, 0o755);
  return folder;
}

function resolverOf({ host, port }: RunningDnsmasq): Resolver {
  return createResolver({ host, port }, 1_000, { clock, random, openDatagrams: openUdp });
}

async function start(extra: readonly string[] = []): Promise<{
  readonly hostsDir: string;
  readonly resolver: Resolver;
  readonly provider: DnsProvider;
}> {
  const hostsDir = await hostsFolder();
  const server = await startDnsmasq({ hostsDir, extra });
  onTestFinished(() => server.stop());
  const resolver = resolverOf(server);
  return {
    hostsDir,
    resolver,
    provider: dnsmasqProvider({ name, hostsDir, resolver, clock, random }),
  };
}

describe('a real dnsmasq', () => {
  it('gives one address, never none and never two, through 40 changes under continuous questions', async () => {
    const { provider, resolver } = await start();
    await provider.apply({ name, address: addresses[0], epoch: 1 });
    const counts = { one: 0, none: 0, two: 0 };
    let flipping = true;
    const asking = Array.from({ length: 4 }, async () => {
      // Until the first record is read there is rightly no answer.
      while ((await resolver.addresses(name, 4)).kind !== 'addresses');
      while (flipping) {
        const answer = await resolver.addresses(name, 4);
        if (answer.kind !== 'addresses') counts.none += 1;
        else counts[answer.addresses.length === 1 ? 'one' : 'two'] += 1;
      }
    });
    for (let epoch = 2; epoch <= 41; epoch += 1) {
      const address = addresses[epoch % 2]!;
      const applied = await provider.apply({ name, address, epoch });
      expect(applied).toMatchObject({ ok: true, value: { address } });
      // Waits until clients are told; a change that is never seen runs into the test's time limit.
      for (;;) {
        const answer = await resolver.addresses(name, 4);
        if (answer.kind === 'addresses' && answer.addresses[0] === address) break;
      }
    }
    flipping = false;
    await Promise.all(asking);
    expect(counts).toEqual({ one: counts.one, none: 0, two: 0 });
    expect(counts.one).toBeGreaterThan(40);
  });

  it('says its version, and TTL 0 for what is in the folder', async () => {
    const { provider, resolver } = await start(['--local=/home.lan/']);
    expect(await resolver.version()).toMatch(/^dnsmasq-2\.\d+/u);
    await provider.apply({ name, address: addresses[0], epoch: 1 });
    let answer = await resolver.addresses(name, 4);
    while (answer.kind !== 'addresses') answer = await resolver.addresses(name, 4);
    expect(answer).toEqual({ kind: 'addresses', addresses: [addresses[0]], ttlSeconds: 0 });
    expect(await resolver.addresses(name, 6)).toMatchObject({ kind: 'nodata' });
  });

  it('is found to read the folder by a test that leaves nothing behind', async () => {
    const { provider, hostsDir } = await start();
    expect(await provider.test()).toMatchObject({ ok: true });
    expect((await readdir(hostsDir)).filter((file) => !file.startsWith('.'))).toEqual([]);
  });

  it('is found not to read another folder', async () => {
    const { resolver } = await start();
    const hostsDir = await hostsFolder();
    const provider = dnsmasqProvider({ name, hostsDir, resolver, clock, random });
    const tested = await provider.test();
    expect(tested).toMatchObject({ ok: false, error: { kind: 'wrong' } });
    expect(JSON.stringify(tested)).toContain(`--hostsdir=${hostsDir}`);
  });

  it('tells NXDOMAIN from REFUSED in words', async () => {
    const { resolver } = await start(['--local=/home.lan/']);
    expect(await resolver.addresses('nobody.home.lan', 4)).toMatchObject({ kind: 'nxdomain' });
    expect(await resolver.addresses('example.org', 4)).toMatchObject({ kind: 'refused' });
  });

  it('is told what was published while it was down as soon as it is back, the newest only', async () => {
    const hostsDir = await hostsFolder();
    const first = await startDnsmasq({ hostsDir });
    const resolver = resolverOf(first);
    const provider = dnsmasqProvider({ name, hostsDir, resolver, clock, random });
    const { follower, views, seen } = watchedFollower({ provider, resolver, clock, random });
    follower.publish(1, addresses[0]);
    await seen((view) => view.ok && view.epoch === 1);
    await first.stop();
    follower.publish(2, `ws://${addresses[1]}:18789`);
    follower.publish(3, addresses[0]);
    follower.publish(2, addresses[1]);
    follower.publish(4, addresses[1]);
    const second = await startDnsmasq({ hostsDir, port: first.port });
    onTestFinished(() => second.stop());
    await seen((view) => view.ok && view.epoch === 4);
    expect(follower.view()).toMatchObject({ ok: true, address: addresses[1], epoch: 4 });
    expect(views.filter((view) => view.ok).map((view) => view.address)).toEqual([
      addresses[0],
      addresses[1],
    ]);
  });

  it('is sent SIGHUP where it is too old to notice a removal by itself', async () => {
    const hostsDir = await hostsFolder();
    const server = await startDnsmasq({ hostsDir });
    onTestFinished(() => server.stop());
    const resolver = { ...resolverOf(server), version: async () => 'dnsmasq-2.85' };
    const { pidFile } = server;
    const options = { name, hostsDir, resolver, clock, random };
    const change = { name, address: addresses[0], epoch: 1 };
    expect(await dnsmasqProvider({ ...options, pidFile }).apply(change)).toMatchObject({
      ok: true,
    });
    // Without a pid file, with one of another program, or one that is gone, it is refused in words.
    expect(await dnsmasqProvider(options).apply(change)).toMatchObject({
      ok: false,
      error: { kind: 'wrong', detail: expect.stringContaining('2.85') },
    });
    const stale = join(hostsDir, '.stale.pid');
    await writeFile(stale, `${String(process.pid)}\n`);
    expect(await dnsmasqProvider({ ...options, pidFile: stale }).apply(change)).toMatchObject({
      ok: false,
      error: { kind: 'wrong', detail: expect.stringContaining('not dnsmasq') },
    });
  });
});
