import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import type { ResolverAnswer } from './model.ts';
import { pass, sharedRecord } from './testing/shared-record.ts';
import type { Mishap } from './testing/shared-record.ts';
import { watchedFollower } from './testing/watched-follower.ts';

const [a, b] = ['10.0.0.2', '10.0.0.3'] as const;
const random = { unit: () => 0.5, id: () => 'id' };

function open(...mishaps: Mishap[]) {
  const clock = manualClock();
  const record = sharedRecord(clock);
  const provider = record.provider(mishaps);
  const watched = watchedFollower({ provider, resolver: record.resolver, clock, random });
  return { ...watched, clock, record };
}

describe('a follower of the role', () => {
  it('moves the name and says ok when clients are told', async () => {
    const { follower, views, clock, record } = open();
    follower.publish(1, `ws://${a}:18789`);
    await pass(clock, 100);
    expect(record).toMatchObject({ address: a, epoch: 1 });
    expect(follower.view()).toEqual({
      provider: 'cloudflare',
      name: 'gw.example.org',
      address: a,
      epoch: 1,
      ok: true,
      ttlSeconds: 60,
      checkedAtMs: expect.any(Number),
      detail: expect.stringContaining('10.0.0.53 gives 10.0.0.2'),
    });
    expect(views[0]).toMatchObject({
      ok: false,
      epoch: 1,
      detail: expect.stringContaining('moved'),
    });
  });

  it('is not ok while the resolver still gives the old address, and says so', async () => {
    const { follower, clock, record } = open();
    record.cacheMs = 60_000;
    await record.resolver.addresses('gw.example.org', 4);
    follower.publish(1, a);
    await pass(clock, 50_000, 100);
    expect(record.address).toBe(a);
    expect(follower.view()).toMatchObject({
      ok: false,
      address: '10.0.0.9',
      detail: expect.stringMatching(
        /still gives 10\.0\.0\.9 instead of 10\.0\.0\.2.*name servers/u,
      ),
    });
    await pass(clock, 15_000, 100);
    expect(follower.view()).toMatchObject({ ok: true, address: a });
    expect(record.writes).toHaveLength(1);
  });

  it.each<[string, ResolverAnswer]>([
    ['two addresses', { kind: 'addresses', addresses: [a, b], ttlSeconds: 0 }],
    ['none', { kind: 'nodata', detail: 'Nothing there.' }],
    ['no answer', { kind: 'silent', detail: 'Nobody there.' }],
  ])('is not ok with %s', async (_name, answer) => {
    const clock = manualClock();
    const record = sharedRecord(clock);
    const resolver = { ...record.resolver, addresses: async () => answer };
    const provider = record.provider();
    const { follower } = watchedFollower({ provider, resolver, clock, random });
    follower.publish(1, a);
    await pass(clock, 1_000);
    expect(record.address).toBe(a);
    expect(follower.view().ok).toBe(false);
  });

  it('tries again while it is newest, and not sooner than it was asked to', async () => {
    const { follower, clock, record } = open(
      { kind: 'fails' },
      { kind: 'fails' },
      { kind: 'fails', retryAfterMs: 20_000 },
    );
    follower.publish(1, a);
    await pass(clock, 100);
    expect(follower.view()).toMatchObject({ ok: false, detail: 'It failed.' });
    await pass(clock, 18_000, 100);
    expect([record.asked, record.writes.length]).toEqual([3, 0]);
    await pass(clock, 5_000, 100);
    expect(follower.view().ok).toBe(true);
    expect(record.writes).toHaveLength(1);
  });

  it('tries what a person has to put right once a minute', async () => {
    const { follower, clock } = open({ kind: 'wrong' });
    follower.publish(1, a);
    await pass(clock, 59_000, 100);
    expect(follower.view()).toMatchObject({ ok: false, detail: 'Give it a token.' });
    await pass(clock, 2_000, 100);
    expect(follower.view().ok).toBe(true);
  });

  it('never writes an older epoch, however late it is asked to', async () => {
    const { follower, clock, record } = open();
    follower.publish(3, a);
    await pass(clock, 100);
    follower.publish(2, b);
    follower.publish(3, b);
    await pass(clock, 60_000, 100);
    expect(record.writes.map((write) => write.epoch)).toEqual([3]);
    expect(follower.view()).toMatchObject({ ok: true, address: a, epoch: 3 });
  });

  it('cuts a slow write off for a newer one', async () => {
    const { follower, clock, record } = open({ kind: 'slow', forMs: 9_000 });
    follower.publish(1, a);
    await pass(clock, 100);
    follower.publish(2, b);
    await pass(clock, 100);
    expect(record).toMatchObject({ address: b, epoch: 2 });
    expect(follower.view()).toMatchObject({ ok: true, epoch: 2 });
  });

  it('writes the newest only, when the server comes back after several takeovers', async () => {
    const { follower, clock, record } = open();
    record.isDown = true;
    for (const [epoch, address] of [a, b, a, b].entries()) {
      follower.publish(epoch + 1, address);
      await pass(clock, 1_000);
    }
    record.isDown = false;
    await pass(clock, 30_000, 100);
    expect(record.writes.map((write) => write.epoch)).toEqual([4]);
    expect(follower.view()).toMatchObject({ ok: true, address: b, epoch: 4 });
  });

  it('puts it right when a write that was cut off lands after the newer one', async () => {
    const { follower, clock, record } = open({ kind: 'late', afterMs: 8_000 });
    follower.publish(1, a);
    await pass(clock, 100);
    follower.publish(2, b);
    await pass(clock, 1_000);
    expect(record).toMatchObject({ address: b, epoch: 2 });
    await pass(clock, 8_000);
    expect(record).toMatchObject({ address: a, epoch: 1 });
    await pass(clock, 15_000, 100);
    expect(record).toMatchObject({ address: b, epoch: 2 });
    expect(follower.view()).toMatchObject({ ok: true, address: b });
  });

  it('looks at the provider itself for that, as a resolver may keep the right answer for long', async () => {
    const { follower, clock, record } = open({ kind: 'late', afterMs: 8_000 });
    follower.publish(1, a);
    await pass(clock, 100);
    follower.publish(2, b);
    await pass(clock, 1_000);
    record.cacheMs = 600_000;
    await pass(clock, 20_000, 100);
    expect(record.writes.map((write) => write.epoch)).toEqual([2, 1, 2]);
  });

  it('looks again for as long as it is newest, and repairs what somebody changed', async () => {
    const { follower, clock, record } = open();
    follower.publish(1, a);
    await pass(clock, 120_000, 100);
    record.address = '10.0.0.66';
    record.epoch = 0;
    await pass(clock, 35_000, 100);
    expect(record).toMatchObject({ address: a, epoch: 1 });
    expect(follower.view().ok).toBe(true);
  });

  it('gives way to a newer epoch that it finds there, or hears of', async () => {
    const { follower, clock, record } = open();
    record.epoch = 9;
    follower.publish(8, a);
    await pass(clock, 100);
    expect(follower.view()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('epoch 9'),
    });
    await pass(clock, 90_000, 100);
    expect(record.asked).toBe(1);
    follower.publish(10, a);
    await pass(clock, 100);
    follower.supersede(11);
    record.address = b;
    follower.publish(10, a);
    await pass(clock, 90_000, 100);
    expect(record.address).toBe(b);
    expect(follower.view()).toMatchObject({
      ok: false,
      detail: expect.stringContaining('Epoch 11'),
    });
    follower.publish(11, b);
    await pass(clock, 100);
    expect(follower.view()).toMatchObject({ ok: true, epoch: 11 });
  });

  it('says when the register names no address', async () => {
    const { follower, clock, record } = open();
    follower.publish(1, 'ws://gw-a.home.lan:18789');
    await pass(clock, 100);
    expect(record.writes).toEqual([]);
    expect(follower.view()).toMatchObject({ ok: false, detail: expect.stringContaining('no IP') });
  });

  it('takes a bug in a provider for a failure, not for its own end', async () => {
    const clock = manualClock();
    const record = sharedRecord(clock);
    const sound = record.provider();
    let calls = 0;
    const provider = {
      ...sound,
      apply: (...args: Parameters<typeof sound.apply>) => {
        calls += 1;
        if (calls === 1) throw new Error('null is not an object');
        return sound.apply(...args);
      },
    };
    const { follower, views } = watchedFollower({
      provider,
      resolver: record.resolver,
      clock,
      random,
    });
    follower.publish(1, a);
    await pass(clock, 2_000);
    expect(views.some((view) => view.detail.includes('a bug'))).toBe(true);
    expect(follower.view().ok).toBe(true);
  });

  it('does nothing after its end', async () => {
    const { follower, clock, record } = open();
    follower.publish(1, a);
    await follower.close();
    follower.publish(2, b);
    await pass(clock, 60_000, 1_000);
    expect(record.writes.every((write) => write.epoch === 1)).toBe(true);
  });
});
