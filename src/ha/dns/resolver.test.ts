import { describe, expect, it } from 'vitest';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { decodeMessage, encodeMessage } from '../register/dns-message.ts';
import type { DnsMessage, DnsRecord } from '../register/dns-message.ts';
import { createResolver, firstNameserver, parseEndpoint } from './resolver.ts';

const name = 'gw.home.lan';

function record(type: number, data: readonly number[], ttl = 5): DnsRecord {
  return { name: `${name}.`, type, class: 1, ttl, data: Uint8Array.from(data) };
}

/** Asks a server that answers each question with these changes to the plain answer, one after the other. */
async function ask(
  family: 4 | 6,
  ...replies: readonly (Partial<DnsMessage> | 'noise')[]
): Promise<unknown> {
  const clock = manualClock();
  const left = [...replies];
  const resolver = createResolver({ host: '10.0.0.53', port: 5353 }, 1_000, {
    clock,
    random: { unit: () => 0.5, id: () => 'id' },
    openDatagrams: (_to, listener) => ({
      send: (bytes) => {
        const question = decodeMessage(bytes);
        if (!question.ok) throw new Error(question.error);
        for (const reply of left.splice(0)) {
          const message = { ...question.value, isAnswer: true };
          listener.onMessage(
            reply === 'noise' ? Uint8Array.of(1, 2, 3) : encodeMessage({ ...message, ...reply }),
          );
        }
      },
      close: () => undefined,
    }),
  });
  const answer = resolver.addresses(name, family);
  await Promise.resolve();
  clock.advance(1_000);
  return answer;
}

const one = { answers: [record(1, [10, 0, 0, 2])] };

describe('a resolver', () => {
  it('gives every address once, with the lowest TTL on the way to it', async () => {
    const alias = record(5, [1, 97, 0], 3);
    expect(
      await ask(4, {
        answers: [
          alias,
          record(1, [10, 0, 0, 3]),
          record(1, [10, 0, 0, 2]),
          record(1, [10, 0, 0, 3]),
        ],
      }),
    ).toEqual({ kind: 'addresses', addresses: ['10.0.0.2', '10.0.0.3'], ttlSeconds: 3 });
    expect(
      await ask(6, { answers: [record(28, [0xfd, ...Array<number>(14).fill(0), 1])] }),
    ).toMatchObject({ addresses: ['fd00::1'] });
  });

  it.each([
    ['nodata', {}, 'NODATA'],
    ['nodata', { answers: [record(16, [0])] }, 'NODATA'],
    ['nxdomain', { code: 3 }, 'NXDOMAIN'],
    ['servfail', { code: 2 }, 'SERVFAIL'],
    ['refused', { code: 5 }, 'REFUSED'],
    ['garbled', { code: 4 }, 'error 4'],
    ['garbled', { ...one, isTruncated: true }, 'more addresses'],
  ] as const)('says %s in words', async (kind, reply, words) => {
    expect(await ask(4, reply)).toEqual({ kind, detail: expect.stringContaining(words) });
  });

  it('takes no answer but the one to its question', async () => {
    const forged = { answers: [record(1, [6, 6, 6, 6])] };
    expect(
      await ask(
        4,
        'noise',
        { ...forged, id: 7 },
        { ...forged, isAnswer: false },
        { ...forged, questions: [{ name: 'other.lan.', type: 1, class: 1 }] },
        { ...forged, questions: [] },
        one,
      ),
    ).toMatchObject({ addresses: ['10.0.0.2'] });
    expect(await ask(4, { ...forged, id: 7 })).toMatchObject({ kind: 'silent' });
  });

  it('says that it got no answer', async () => {
    expect(await ask(4)).toEqual({
      kind: 'silent',
      detail: expect.stringContaining('10.0.0.53:5353 did not answer within 1 s'),
    });
  });
});

describe('the address of a resolver', () => {
  it.each([
    ['10.0.0.53', { host: '10.0.0.53', port: 53 }],
    ['10.0.0.53:5353', { host: '10.0.0.53', port: 5353 }],
    ['fd00::53', { host: 'fd00::53', port: 53 }],
    ['[fd00::53]:5353', { host: 'fd00::53', port: 5353 }],
  ])('%s is read', (text, value) => {
    expect(parseEndpoint(text)).toEqual({ ok: true, value });
  });

  it.each([
    '',
    'dns.home.lan',
    '10.0.0.53:0',
    '10.0.0.53:70000',
    '10.0.0.53:x',
    '[10.0.0.53',
    '::1:',
  ])('%j is refused', (text) => {
    expect(parseEndpoint(text)).toMatchObject({ ok: false });
  });

  it("is the system's first one where none is named", () => {
    expect(
      firstNameserver('# x\nsearch lan\nnameserver fe80::1%eth0\nnameserver 9.9.9.9\n'),
    ).toEqual({
      ok: true,
      value: { host: 'fe80::1', port: 53 },
    });
    expect(firstNameserver('search lan\n')).toMatchObject({ ok: false });
  });
});
