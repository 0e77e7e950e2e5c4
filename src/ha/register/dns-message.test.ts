import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readBytes } from './bytes.ts';
import { decodeMessage, decodeText, encodeMessage, encodeText } from './dns-message.ts';
import type { DnsMessage } from './dns-message.ts';
import { canonicalName, encodeName, readName } from './dns-name.ts';

const uint16 = fc.integer({ min: 0, max: 0xffff });

/** A name in canonical form, odd bytes and all. */
const name = fc
  .array(fc.uint8Array({ minLength: 1, maxLength: 12 }), { maxLength: 6 })
  .map((labels) => {
    const wire = labels.flatMap((label) => [label.length, ...label]);
    return readName(readBytes(Uint8Array.from([...wire, 0])));
  });
const question = fc.record({ name, type: uint16, class: uint16 });
const record = fc.record({
  ...{ name, type: uint16, class: uint16 },
  ttl: fc.integer({ min: 0, max: 0xffffffff }),
  data: fc.uint8Array({ maxLength: 40 }),
});
const section = fc.array(record, { maxLength: 3 });
const message: fc.Arbitrary<DnsMessage> = fc.record({
  id: uint16,
  isAnswer: fc.boolean(),
  opcode: fc.integer({ min: 0, max: 15 }),
  isAuthoritative: fc.boolean(),
  isTruncated: fc.boolean(),
  wantsRecursion: fc.boolean(),
  code: fc.integer({ min: 0, max: 15 }),
  questions: fc.array(question, { maxLength: 2 }),
  answers: section,
  authority: section,
  additional: section,
});

describe('DNS messages', () => {
  it('are read as they were written', () => {
    fc.assert(
      fc.property(message, (value) => {
        const decoded = decodeMessage(encodeMessage(value));
        expect(decoded).toMatchObject({ ok: true });
        if (!decoded.ok) return;
        const { lastRecordAt, ...rest } = decoded.value;
        expect(rest).toEqual(value);
        expect(lastRecordAt === null).toBe(value.additional.length === 0);
      }),
    );
  });

  it('of any content, cut or changed, break nothing', () => {
    fc.assert(
      fc.property(message, uint16, fc.integer({ min: 0, max: 255 }), (value, at, byte) => {
        const bytes = encodeMessage(value);
        const cut = bytes.subarray(0, at % bytes.length);
        expect(decodeMessage(cut).ok).toBe(false);
        bytes[at % bytes.length] = byte;
        decodeMessage(bytes);
      }),
    );
    fc.assert(fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => void decodeMessage(bytes)));
  });

  it('end where they end', () => {
    const bytes = encodeMessage(fc.sample(message, { numRuns: 1, seed: 1 })[0]!);
    expect(decodeMessage(bytes).ok).toBe(true);
    expect(decodeMessage(Uint8Array.from([...bytes, 0]))).toMatchObject({
      ok: false,
      error: expect.stringMatching(/follows/u),
    });
  });

  it('may compress names, but only backwards', () => {
    const wire = [...encodeName('gw.home.lan')!, 3, 0x77, 0x77, 0x77, 0xc0, 3];
    expect(readName(readBytes(Uint8Array.from(wire), 13))).toBe('www.home.lan.');
    const loop = Uint8Array.from([1, 0x61, 0xc0, 0]);
    expect(() => readName(readBytes(loop, 0))).toThrow(/forwards/u);
    expect(() => readName(readBytes(Uint8Array.from([0xc0, 0]), 0))).toThrow(/forwards/u);
    expect(() => readName(readBytes(Uint8Array.from([0xc0, 2, 0]), 0))).toThrow(/forwards/u);
    expect(() => readName(readBytes(Uint8Array.from([0x41, 0]), 0))).toThrow(/unknown kind/u);
  });
});

describe('DNS names', () => {
  it.each([
    ['Home.LAN', 'home.lan.'],
    ['home.lan.', 'home.lan.'],
    ['.', '.'],
    ['_lease.gw.home.lan', '_lease.gw.home.lan.'],
    ['a\\.b.lan', 'a\\.b.lan.'],
    ['\\065.lan', 'a.lan.'],
    ['\\007.lan', '\\007.lan.'],
  ])('%s is %s', (text, canonical) => {
    expect(canonicalName(text)).toBe(canonical);
    expect(canonicalName(canonical)).toBe(canonical);
  });

  it.each(['', '..', 'a..b', '.a', 'ü.lan', 'a\\', '\\999.lan', `${'a'.repeat(64)}.lan`])(
    '%j is none',
    (text) => {
      expect(canonicalName(text)).toBeNull();
    },
  );

  it('have 255 bytes at most', () => {
    const labels = (count: number): string => 'a.'.repeat(count);
    expect(canonicalName(labels(127))).toBe(labels(127));
    expect(canonicalName(labels(128))).toBeNull();
    const wire = Array.from({ length: 128 }, () => [1, 0x61]).flat();
    expect(() => readName(readBytes(Uint8Array.from([...wire, 0])))).toThrow(/too long/u);
  });
});

describe('the data of a TXT record', () => {
  it('is the text in pieces, one way only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (text) => {
        const strings = decodeText(encodeText(text))!;
        expect(strings.flatMap((part) => [...part])).toEqual([...text]);
        expect(strings.slice(0, -1).every((part) => part.length === 255)).toBe(true);
      }),
    );
    expect(decodeText(Uint8Array.of(3, 1, 2))).toBeNull();
  });
});
