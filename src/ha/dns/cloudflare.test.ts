import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { cloudflareProvider } from './cloudflare.ts';
import { apiProviderConformance } from './testing/api-provider-conformance.ts';
import type { ApiStage } from './testing/api-provider-conformance.ts';
import { wireTo } from './testing/api-wire.ts';
import { cloudflareDouble } from './testing/cloudflare-double.ts';
import type { CloudflareDouble, CloudflareRecordDouble } from './testing/cloudflare-double.ts';

const name = 'gw.example.org';

function record(change: Partial<CloudflareRecordDouble> = {}): CloudflareRecordDouble {
  return {
    id: 'own',
    type: 'A',
    name,
    content: '10.0.0.2',
    ttl: 60,
    proxied: false,
    comment: 'switchyard epoch=1',
    ...change,
  };
}

const others = [
  record({ id: 'other-1', name: 'www.example.org', content: '10.0.0.9', comment: 'mine' }),
  record({ id: 'other-2', name, type: 'TXT', content: '"v=spf1"', comment: null }),
];

function open(
  change: Partial<CloudflareDouble> = {},
  ttlSeconds = 60,
): ApiStage & { readonly cloudflare: CloudflareDouble } {
  const cloudflare = cloudflareDouble();
  cloudflare.records = [...others, record()];
  Object.assign(cloudflare, change);
  const wire = wireTo(cloudflare.api);
  const clock = manualClock();
  const { token, zoneId } = cloudflare;
  const options = { name, zoneId, ttlSeconds, http: wire.http, clock };
  const provider = cloudflareProvider({ ...options, token: async () => token });
  return {
    cloudflare,
    provider,
    wire,
    clock,
    answer: () => cloudflare.answer(name),
    secrets: [token],
  };
}

const change = { name, address: '10.0.0.3', epoch: 2 };

describe('Cloudflare', () => {
  apiProviderConformance(async () => open());

  it('changes the record in place, by its id, in one batch', async () => {
    const { provider, cloudflare, wire } = open();
    await provider.apply(change);
    expect(cloudflare.records).toEqual([
      ...others,
      record({ content: '10.0.0.3', comment: 'switchyard epoch=2' }),
    ]);
    const writes = wire.requests.filter(({ method }) => method !== 'GET');
    expect(writes.map(({ url }) => url.split('/').at(-1))).toEqual(['batch']);
    expect(JSON.parse(writes[0]!.body!)).not.toHaveProperty('deletes');
  });

  it('makes the record where there is none', async () => {
    const { provider, cloudflare } = open({ records: [...others] });
    expect(await provider.apply(change)).toMatchObject({ ok: true });
    expect(cloudflare.records.slice(0, 2)).toEqual(others);
    expect(cloudflare.answer(name)).toEqual(['10.0.0.3']);
  });

  it('keeps what a person wrote in the comment', async () => {
    const { provider, cloudflare } = open({ records: [record({ comment: 'my gateway' })] });
    await provider.apply(change);
    expect(cloudflare.records[0]!.comment).toBe('my gateway switchyard epoch=2');
  });

  it.each([
    ['a token it does not know', { token: 'another' }, 'DNS Write'],
    ['a token that may only read', { mayWrite: false }, 'DNS Write'],
    ['an unknown zone', { zoneId: 'ffff' }, 'zone id'],
    ['a proxied record', { records: [record({ proxied: true })] }, 'DNS only'],
    ['a CNAME record', { records: [record({ type: 'CNAME', content: 'x.org' })] }, 'CNAME'],
    [
      'two addresses',
      { records: [record(), record({ id: 'b', content: '10.0.0.7' })] },
      'Leave one',
    ],
    [
      'an IPv6 address',
      { records: [record({ type: 'AAAA', content: 'fd00::2' })] },
      'address family',
    ],
  ] as readonly [string, Partial<CloudflareDouble>, string][])(
    'says what to do about %s and changes nothing',
    async (_name, broken, words) => {
      const { provider, cloudflare, secrets } = open();
      Object.assign(cloudflare, broken);
      const before = cloudflare.records;
      const applied = await provider.apply(change);
      expect(applied).toMatchObject({
        error: { kind: 'wrong', detail: expect.stringContaining(words) },
      });
      expect(cloudflare.records).toEqual(before);
      for (const secret of secrets) expect(JSON.stringify(applied)).not.toContain(secret);
    },
  );

  it('says that a TTL is too low', async () => {
    const { provider } = open({}, 30);
    expect(await provider.apply(change)).toMatchObject({
      error: { kind: 'wrong', detail: expect.stringContaining('60 to 86400') },
    });
  });

  it('asks nothing while it was told to wait, not even for a newer epoch', async () => {
    const { provider, cloudflare, wire, clock } = open({ busy: 1 });
    expect(await provider.apply(change)).toMatchObject({
      error: { kind: 'later', retryAfterMs: 120_000 },
    });
    clock.advance(119_000);
    expect(await provider.apply({ ...change, epoch: 3 })).toMatchObject({
      error: { kind: 'later', retryAfterMs: 1_000 },
    });
    expect(wire.requests).toHaveLength(1);
    clock.advance(1_000);
    expect(await provider.apply({ ...change, epoch: 3 })).toMatchObject({ ok: true });
    expect(cloudflare.answer(name)).toEqual(['10.0.0.3']);
  });

  it('touches no record of others, whatever is in the zone (property)', async () => {
    const anyRecord = fc.record({
      type: fc.constantFrom('A', 'AAAA', 'TXT', 'CNAME', 'MX'),
      name: fc.constantFrom(name, 'example.org', 'www.example.org', `x.${name}`),
      content: fc.constantFrom('10.0.0.2', '10.0.0.3', 'fd00::3', 'x.example.org'),
      ttl: fc.constantFrom(1, 60, 300),
      proxied: fc.boolean(),
      comment: fc.constantFrom(null, '', 'mine', 'switchyard epoch=1', 'switchyard epoch=9'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { maxLength: 6 }), async (zone) => {
        const { provider, cloudflare } = open({
          records: zone.map((one, index) => ({ ...one, id: `zone-${String(index)}` })),
        });
        const before = cloudflare.records;
        const applied = await provider.apply(change);
        const isOwn = (one: CloudflareRecordDouble) =>
          one.name === name && ['A', 'AAAA'].includes(one.type);
        expect(cloudflare.records.filter((one) => !isOwn(one))).toEqual(
          before.filter((one) => !isOwn(one)),
        );
        if (applied.ok) expect(cloudflare.answer(name)).toEqual(['10.0.0.3']);
        else expect(cloudflare.records).toEqual(before);
      }),
    );
  });
});
