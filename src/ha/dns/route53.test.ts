import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { route53Provider } from './route53.ts';
import { parseError, parseRecordSets } from './route53-xml.ts';
import { signSigV4 } from './sigv4.node.ts';
import { apiProviderConformance, settled } from './testing/api-provider-conformance.ts';
import type { ApiStage } from './testing/api-provider-conformance.ts';
import { wireTo } from './testing/api-wire.ts';
import { route53Double } from './testing/route53-double.ts';
import type { Route53Double } from './testing/route53-double.ts';

const name = 'gw.example.org';
const mark = (epoch: number) => ({
  name: `_switchyard.${name}`,
  type: 'TXT',
  ttlSeconds: 60,
  values: [`"switchyard epoch=${String(epoch)}"`],
});
const own = { name, type: 'A', ttlSeconds: 300, values: ['10.0.0.2'] };
const others = [
  { name: 'example.org', type: 'NS', ttlSeconds: 172_800, values: ['ns-1.awsdns-01.org.'] },
  { name: 'www.example.org', type: 'A', ttlSeconds: 60, values: ['10.0.0.9'] },
  { name, type: 'TXT', ttlSeconds: 60, values: ['"v=spf1 & <all>"'] },
];

function open(change: Partial<Route53Double> = {}): ApiStage & { readonly route53: Route53Double } {
  const route53 = route53Double();
  route53.sets = [...others, own, mark(1)];
  Object.assign(route53, change);
  const wire = wireTo(route53.api);
  const clock = manualClock();
  const { accessKeyId, secret, zoneId } = route53;
  const provider = route53Provider({
    name,
    zoneId: `/hostedzone/${zoneId}`,
    accessKeyId,
    secret: async () => secret,
    ttlSeconds: 60,
    http: wire.http,
    sign: signSigV4,
    clock,
  });
  return { route53, provider, wire, clock, answer: () => route53.answer(name), secrets: [secret] };
}

const change = { name, address: '10.0.0.3', epoch: 2 };

describe('Route 53', () => {
  apiProviderConformance(async () => open());

  it('deletes exactly what was there and creates the new in one batch, others untouched', async () => {
    const stage = open();
    await settled(stage, stage.provider.apply(change));
    expect(stage.route53.sets).toEqual([
      ...others,
      { ...own, ttlSeconds: 60, values: ['10.0.0.3'] },
      mark(2),
    ]);
    expect(stage.route53.comments).toEqual(['switchyard epoch=2']);
    const batch = stage.wire.requests.find(({ method }) => method === 'POST')!;
    expect(batch.body!.match(/<Action>\w+<\/Action>/gu)).toEqual([
      '<Action>DELETE</Action>',
      '<Action>DELETE</Action>',
      '<Action>CREATE</Action>',
      '<Action>CREATE</Action>',
    ]);
  });

  it('makes the records where there are none', async () => {
    const stage = open({ sets: [...others] });
    expect(await settled(stage, stage.provider.apply(change))).toMatchObject({ ok: true });
    expect(stage.answer()).toEqual(['10.0.0.3']);
  });

  it('is done only when Amazon says INSYNC, and tells how long it has waited', async () => {
    const stage = open({ pendingPolls: 15 });
    const progress: string[] = [];
    const applying = stage.provider.apply(change, {
      onProgress: (detail) => progress.push(detail),
    });
    expect(await settled(stage, applying)).toMatchObject({ ok: true });
    expect(progress).toHaveLength(15);
    expect(progress.at(-1)).toContain('PENDING for 28 s');
  });

  it('stops waiting when it is cut off, and when INSYNC never comes', async () => {
    const cut = new AbortController();
    const stage = open({ pendingPolls: Number.POSITIVE_INFINITY });
    const onProgress = (): void => cut.abort();
    expect(await stage.provider.apply(change, { signal: cut.signal, onProgress })).toMatchObject({
      error: { kind: 'later' },
    });
    const patient = open({ pendingPolls: Number.POSITIVE_INFINITY });
    expect(await settled(patient, patient.provider.apply(change))).toMatchObject({
      error: { kind: 'later' },
    });
  });

  it('lets one of two hosts win: the loser is refused as a whole, reads again and gives way', async () => {
    const stage = open();
    stage.route53.beforeWrite = () => {
      stage.route53.beforeWrite = null;
      stage.route53.sets = [...others, { ...own, values: ['10.0.0.7'] }, mark(3)];
    };
    expect(await settled(stage, stage.provider.apply(change))).toMatchObject({
      error: { kind: 'superseded', epoch: 3 },
    });
    expect(stage.answer()).toEqual(['10.0.0.7']);
  });

  it('writes again over an older epoch that came between', async () => {
    const stage = open();
    stage.route53.beforeWrite = () => {
      stage.route53.beforeWrite = null;
      stage.route53.sets = [...others, { ...own, values: ['10.0.0.7'] }, mark(1)];
    };
    expect(await settled(stage, stage.provider.apply(change))).toMatchObject({ ok: true });
    expect(stage.answer()).toEqual(['10.0.0.3']);
  });

  it.each([
    ['SignatureDoesNotMatch', 403, 'wrong', 'secret access key'],
    ['InvalidClientTokenId', 403, 'wrong', 'access key id'],
    ['AccessDenied', 403, 'wrong', 'route53:ChangeResourceRecordSets'],
    ['NoSuchHostedZone', 404, 'wrong', 'hosted zone'],
    ['RequestExpired', 400, 'wrong', 'clock'],
    ['InvalidInput', 400, 'wrong', 'InvalidInput'],
    ['Throttling', 400, 'later', 'fewer requests'],
    ['PriorRequestNotComplete', 400, 'later', 'fewer requests'],
    ['ServiceUnavailable', 503, 'later', 'trouble of its own'],
  ] as const)('says what %s means, without the secret', async (code, status, kind, words) => {
    const stage = open();
    const [secret = ''] = stage.secrets;
    stage.route53.refuseNext = { status, code, message: `said of ${secret}` };
    const applied = await stage.provider.apply(change);
    expect(applied).toMatchObject({ error: { kind, detail: expect.stringContaining(words) } });
    expect(JSON.stringify(applied)).not.toContain(secret);
    expect(stage.answer()).toEqual(['10.0.0.2']);
  });

  it('asks nothing for a while after throttling', async () => {
    const stage = open();
    stage.route53.refuseNext = { status: 400, code: 'Throttling', message: 'Rate exceeded' };
    await stage.provider.apply(change);
    expect(await stage.provider.apply({ ...change, epoch: 3 })).toMatchObject({
      error: { kind: 'later', retryAfterMs: 2_000 },
    });
    expect(stage.wire.requests).toHaveLength(1);
  });

  it.each([
    ['a CNAME record', [{ ...own, type: 'CNAME', values: ['x.org'] }], 'CNAME'],
    ['two addresses', [{ ...own, values: ['10.0.0.2', '10.0.0.4'] }], 'Leave one'],
    ['both families', [own, { ...own, type: 'AAAA', values: ['fd00::1'] }], 'address family'],
    ['a routing policy', [{ ...own, more: '<SetIdentifier>a</SetIdentifier>' }], 'simple record'],
  ])('says what to do about %s and changes nothing', async (_name, sets, words) => {
    const stage = open({ sets });
    expect(await stage.provider.apply(change)).toMatchObject({
      error: { kind: 'wrong', detail: expect.stringContaining(words) },
    });
    expect(stage.route53.sets).toEqual(sets);
  });
});

describe("Route 53's XML", () => {
  it('is only read whole, with its entities', () => {
    const xml =
      '<ListResourceRecordSetsResponse><ResourceRecordSet><Name>GW.example.org.</Name><Type>TXT</Type><TTL>5</TTL><ResourceRecords><ResourceRecord><Value>&quot;a &amp; &#65;&#x42;&quot;</Value></ResourceRecord></ResourceRecords></ResourceRecordSet></ListResourceRecordSetsResponse>\n';
    expect(parseRecordSets(xml)).toEqual([
      {
        name: 'gw.example.org',
        type: 'TXT',
        ttlSeconds: 5,
        values: ['"a & AB"'],
        isSpecial: false,
      },
    ]);
    expect(parseRecordSets(xml.slice(0, -40))).toBeNull();
    expect(parseError('<html>502</html>')).toBeNull();
  });
});
