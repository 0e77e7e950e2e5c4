import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { startBind } from '../testing/bind.ts';
import type { RunningBind } from '../testing/bind.ts';
import type { DnsProvider, DnsTarget, ReadSecret, Resolver } from './model.ts';
import { openDns } from './open.node.ts';
import { watchedFollower } from './testing/watched-follower.ts';

const zone = 'home.lan';
const [a, b] = ['10.9.0.1', '10.9.0.2'] as const;
const clock = systemClock();
const random = systemRandom();

let bind: RunningBind;

/** Just what the documentation tells people to grant. */
const policy = ['zonesub TXT A AAAA'];

beforeAll(async () => {
  bind = await startBind({
    zone,
    policy,
    records: [
      'six 0 IN AAAA fd00::9',
      'two 0 IN A 10.9.9.1',
      'two 0 IN A 10.9.9.2',
      'alias 0 IN CNAME two',
      'nas 0 IN A 10.9.9.9',
      'own 300 IN A 10.9.9.8',
    ],
  });
});
afterAll(() => bind.stop());

function open(
  name: string,
  change: Partial<Extract<DnsTarget, { kind: 'rfc2136' }>> = {},
  secret: ReadSecret = async () => bind.key.secret,
): { readonly provider: DnsProvider; readonly resolver: Resolver } {
  const { server, port, key } = bind;
  const opened = openDns(
    {
      kind: 'rfc2136',
      name: `${name}.${zone}`,
      resolver: `${server}:${String(port)}`,
      server,
      port,
      zone,
      keyName: key.name,
      algorithm: key.algorithm,
      ttlSeconds: 0,
      ...change,
    },
    { secret, clock, random },
  );
  if (!opened.ok) throw new Error(opened.error);
  return opened.value;
}

function changeOf(provider: DnsProvider, epoch: number, address: string = a) {
  return { name: provider.name, address, epoch };
}

describe('a real BIND', () => {
  it('gives one address, never none and never two, through 40 changes under continuous questions', async () => {
    const { provider, resolver } = open('flip');
    expect(await provider.apply(changeOf(provider, 1))).toMatchObject({ ok: true });
    const counts = { one: 0, none: 0, two: 0 };
    const flips = { areOver: false };
    const asking = (async () => {
      while (!flips.areOver) {
        const answer = await resolver.addresses(provider.name, 4);
        if (answer.kind !== 'addresses') counts.none += 1;
        else counts[answer.addresses.length === 1 ? 'one' : 'two'] += 1;
      }
    })();
    for (let epoch = 2; epoch <= 41; epoch += 1) {
      const address = epoch % 2 === 0 ? b : a;
      expect(await provider.apply(changeOf(provider, epoch, address))).toMatchObject({ ok: true });
      expect(await resolver.addresses(provider.name, 4)).toMatchObject({ addresses: [address] });
    }
    flips.areOver = true;
    await asking;
    expect(counts).toEqual({ one: counts.one, none: 0, two: 0 });
    expect(counts.one).toBeGreaterThan(40);
  });

  it('has its record read back with the epoch, and an older epoch refused', async () => {
    const { provider } = open('epoch');
    await provider.apply(changeOf(provider, 7));
    expect(await provider.read()).toEqual({
      ok: true,
      value: { addresses: [a], ttlSeconds: 0, epoch: 7 },
    });
    expect(await provider.apply(changeOf(provider, 6, b))).toMatchObject({
      error: { kind: 'superseded', epoch: 7 },
    });
    expect(await provider.read()).toMatchObject({ value: { addresses: [a] } });
  });

  it('ends at the newest epoch when two hosts write at once, round after round', async () => {
    const [one, other] = [open('race').provider, open('race').provider];
    for (let round = 1; round <= 20; round += 1) {
      const [older, newer] = [round * 2, round * 2 + 1];
      const [, won] = await Promise.all([
        one.apply(changeOf(one, older, a)),
        other.apply(changeOf(other, newer, b)),
      ]);
      expect(won).toMatchObject({ ok: true });
      expect(await one.read()).toMatchObject({ value: { addresses: [b], epoch: newer } });
    }
  });

  it.each([
    ['newer', 9, { ok: false, error: { kind: 'superseded', epoch: 9 } }, b, 9],
    ['older', 4, { ok: true }, a, 5],
  ] as const)(
    'refuses an update whole when a host with a %s epoch came between reading and writing',
    async (kind, epoch, outcome, address, last) => {
      const rival = open(`between-${kind}`).provider;
      await rival.apply(changeOf(rival, 3));
      let asked = 0;
      // The key is asked for before each question: three to read, then the update.
      const { provider } = open(`between-${kind}`, {}, async () => {
        asked += 1;
        if (asked === 4) await rival.apply(changeOf(rival, epoch, b));
        return bind.key.secret;
      });
      expect(await provider.apply(changeOf(provider, 5, a))).toMatchObject(outcome);
      expect(await rival.read()).toMatchObject({ value: { addresses: [address], epoch: last } });
    },
  );

  it('is followed with IPv6 as with IPv4', async () => {
    const { provider, resolver } = open('v6');
    const { follower, seen } = watchedFollower({ provider, resolver, clock, random });
    follower.publish(1, 'ws://[fd00::2]:18789');
    expect(await seen((view) => view.ok)).toMatchObject({
      address: 'fd00::2',
      provider: 'rfc2136',
    });
  });

  it('is tested without a change, before the name is there and after', async () => {
    const { provider } = open('test');
    expect(await provider.test()).toMatchObject({
      ok: true,
      value: expect.stringContaining('made'),
    });
    expect(await provider.read()).toMatchObject({ value: { addresses: [], epoch: null } });
    const taken = open('own').provider;
    expect(await taken.test()).toMatchObject({
      ok: true,
      value: expect.stringContaining('10.9.9.8'),
    });
    expect(await taken.read()).toMatchObject({
      value: { addresses: ['10.9.9.8'], ttlSeconds: 300, epoch: null },
    });
  });

  it.each([
    ['six', {}, undefined, 'wrong', 'address family'],
    ['two', {}, undefined, 'wrong', 'Leave one'],
    ['alias', {}, undefined, 'wrong', 'CNAME'],
    ['nas', {}, null, 'wrong', 'is not there'],
    ['nas', {}, '!', 'wrong', 'base64'],
    ['nas', {}, 'c2VjcmV0', 'later', 'BADSIG'],
    ['nas', { keyName: 'other' }, undefined, 'later', 'BADKEY'],
    [
      'nas.example',
      { name: 'nas.example.org', zone: 'example.org' },
      undefined,
      'wrong',
      'REFUSED',
    ],
  ] as const)('has %s with %o refused in words: %s', async (name, change, secret, kind, words) => {
    const { provider } = open(name, change, async () =>
      secret === undefined ? bind.key.secret : secret,
    );
    const applied = await provider.apply(changeOf(provider, 1));
    expect(applied).toMatchObject({ error: { kind, detail: expect.stringContaining(words) } });
    expect(JSON.stringify(applied)).not.toContain(bind.key.secret);
  });

  it('is told what was published while it was down, the newest only', async () => {
    const { provider, resolver } = open('down');
    const { follower, views, seen } = watchedFollower({ provider, resolver, clock, random });
    follower.publish(1, a);
    await seen((view) => view.ok);
    await bind.kill('SIGKILL');
    follower.publish(2, b);
    follower.publish(3, a);
    follower.publish(4, b);
    await seen((view) => view.detail.includes('127.0.0.1'));
    await bind.start();
    await seen((view) => view.ok && view.epoch === 4);
    expect(views.filter((view) => view.ok).map((view) => view.epoch)).toEqual([1, 4]);
    expect(await provider.read()).toMatchObject({ value: { addresses: [b], epoch: 4 } });
  });
});
