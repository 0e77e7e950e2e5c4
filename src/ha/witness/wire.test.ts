import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { hmacSha256 } from '../register/hmac.node.ts';
import type { WitnessReply, WitnessRequest } from './model.ts';
import {
  decodeReply,
  decodeRequest,
  encodeReply,
  encodeRequest,
  longestPacket,
  pairOf,
} from './wire.ts';

const hmac = hmacSha256('a secret of the pair');
const record = fc.record({
  epoch: fc.integer({ min: 1 }),
  holder: fc.string({ minLength: 1, maxLength: 64 }),
  ctr: fc.integer({ min: 1 }),
  addr: fc.string({ maxLength: 200 }),
});
const nonce = fc.uuid();
const request: fc.Arbitrary<WitnessRequest> = fc.oneof(
  fc.record({ op: fc.constant('read' as const), nonce }),
  fc.record({
    op: fc.constant('swap' as const),
    nonce,
    expected: fc.option(record),
    next: record,
  }),
);

describe('packets of a witness', () => {
  it('are read as they were written, and only with the same secret and pair', () => {
    fc.assert(
      fc.property(request, (value) => {
        const packet = encodeRequest('home', value, hmac);
        if (packet === null) return; // two long records with odd characters may not fit
        expect(pairOf(packet)).toBe('home');
        expect(decodeRequest(packet, hmac)).toEqual({ ok: true, value });
        expect(decodeRequest(packet, hmacSha256('another secret'))).toMatchObject({ ok: false });
        const other = packet.slice();
        other.set(new TextEncoder().encode('work'), 5);
        expect(pairOf(other)).toBe('work');
        expect(decodeRequest(other, hmac)).toMatchObject({ ok: false });
      }),
    );
  });

  it('are refused with any one bit changed', () => {
    const packet = encodeRequest('home', { op: 'read', nonce: 'n' }, hmac)!;
    for (let bit = 0; bit < packet.length * 8; bit += 1) {
      const changed = packet.slice();
      changed[bit >> 3] = changed[bit >> 3]! ^ (1 << (bit & 7));
      expect(decodeRequest(changed, hmac).ok).toBe(false);
    }
  });

  it('are never taken for those of the other side', () => {
    const reply: WitnessReply = { nonce: 'n', answer: { kind: 'empty' } };
    const packet = encodeReply('home', reply, hmac)!;
    expect(decodeReply(packet, hmac)).toEqual({ ok: true, value: reply });
    const refused = { ok: false, error: expect.stringMatching(/signed with another/u) };
    expect(decodeRequest(packet, hmac)).toEqual(refused);
    const back = encodeRequest('home', { op: 'read', nonce: 'n' }, hmac)!;
    expect(decodeReply(back, hmac)).toEqual(refused);
  });

  it('of any content break nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        pairOf(bytes);
        expect(decodeRequest(bytes, hmac).ok).toBe(false);
        expect(decodeReply(bytes, hmac).ok).toBe(false);
      }),
    );
  });

  it('fit one packet of every network; a record that does not is not sent', () => {
    const long = { epoch: 1, holder: 'h', ctr: 1, addr: 'x'.repeat(201) };
    expect(
      encodeRequest('home', { op: 'swap', nonce: 'n', expected: null, next: long }, hmac),
    ).toBeNull();
    const words = encodeReply(
      'home',
      { nonce: 'n', answer: { kind: 'failed', detail: 'x'.repeat(5000) } },
      hmac,
    )!;
    expect(words.length).toBeLessThan(longestPacket);
    expect(decodeReply(words, hmac).ok).toBe(true);
  });
});
