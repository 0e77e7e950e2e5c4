import { describe, expect, it } from 'vitest';

import { uint48 } from './bytes.ts';
import { decodeMessage, dnsCodes, dnsTypes, encodeMessage } from './dns-message.ts';
import type { DnsMessage } from './dns-message.ts';
import { tsigKey } from './hmac.node.ts';
import { queryMessage, updateMessage } from './lease-messages.ts';
import { macOf, signedAnswer } from './testing/signed-answer.ts';
import type { AnswerOptions } from './testing/signed-answer.ts';
import { signRequest, verifyAnswer } from './tsig.ts';

const secret = 'c3dpdGNoeWFyZC1rbm93bi1hbnN3ZXI=';
const key = tsigKey('key.example.', 'hmac-sha256', secret)!;
const seconds = 0x6b0312de;

/** What BIND 9.18's own programs sent: `nsupdate -y` and `dig -y hmac-sha512:…` with the secret above, at that second. */
const recorded = {
  nsupdate:
    '5d472800000100010005000104686f6d65036c616e0000060001065f6c6561736502677704686f6d65036c616e00001000010000000000353465706f63683d313b686f6c6465723d686f6d652d613b6374723d313b616464723d77733a2f2f31302e302e302e313a3138373839c01a001000ff000000000000c01a001000010000000000353465706f63683d323b686f6c6465723d686f6d652d623b6374723d323b616464723d77733a2f2f31302e302e302e323a3138373839c021000100ff000000000000c021001c00ff000000000000c021000100010000000000040a000002036b6579076578616d706c650000fa00ff00000000003d0b686d61632d7368613235360000006b0312de012c00202b57d9c7c58e7eeee76f85649b8994418ee51412df2ec9eb08b82d882ad955e85d4700000000',
  dig: '089200200001000000000001065f6c6561736502677704686f6d65036c616e0000100001036b6579076578616d706c650000fa00ff00000000005d0b686d61632d7368613531320000006b0312de012c0040b5b86cd04cf274de04c472c0d38ac7764bf7b2268fd9b16869822861f15040738ad868b518bf290774e390676b594376813bf246a056a49b3bcccda33b9e1d43089200000000',
};

/** A signed message without its signature. */
function withoutTsig(packet: Uint8Array): Uint8Array {
  const decoded = decodeMessage(packet);
  if (!decoded.ok) throw new Error(decoded.error);
  const plain = packet.slice(0, decoded.value.lastRecordAt!);
  plain[11] = plain[11]! - 1;
  return plain;
}

describe('the signature of a request', () => {
  it.each([
    ['nsupdate', key],
    ['dig', tsigKey('key.example.', 'hmac-sha512', secret)!],
  ] as const)('is, byte for byte, what %s sends', (program, withKey) => {
    const packet = new Uint8Array(Buffer.from(recorded[program], 'hex'));
    const signed = signRequest(withoutTsig(packet), withKey, seconds);
    expect(Buffer.from(signed.bytes).toString('hex')).toBe(recorded[program]);
  });

  it('is on the update that nsupdate makes of the same words', () => {
    const packet = new Uint8Array(Buffer.from(recorded.nsupdate, 'hex'));
    const place = { zone: 'home.lan.', name: 'gw.home.lan.', ttlSeconds: 0, keyName: key.name };
    const ours = updateMessage(
      0x5d47,
      place,
      { epoch: 1, holder: 'home-a', ctr: 1, addr: 'ws://10.0.0.1:18789' },
      { epoch: 2, holder: 'home-b', ctr: 2, addr: 'ws://10.0.0.2:18789' },
      { type: dnsTypes.A, data: Uint8Array.of(10, 0, 0, 2) },
    )!;
    const theirs = decodeMessage(withoutTsig(packet));
    expect(theirs).toEqual({ ok: true, value: { ...ours, lastRecordAt: null } });
  });
});

describe('the judgement of an answer', () => {
  const query = encodeMessage(queryMessage(7, '_lease.gw.home.lan.', dnsTypes.TXT));
  const request = signRequest(query, key, seconds);
  const judge = (change: Partial<DnsMessage>, options: Partial<AnswerOptions> = {}, by = key) =>
    verifyAnswer(
      signedAnswer(request.bytes, change, by, { seconds, ...options }),
      request,
      key,
      seconds,
    );
  const refused = (words: RegExp) => ({ ok: false, error: expect.stringMatching(words) });

  it('takes one that is signed for this request, in 300 seconds either way', () => {
    expect(judge({})).toMatchObject({ ok: true, value: { kind: 'answer', message: { id: 7 } } });
    expect(judge({}, { seconds: seconds + 300 }).ok).toBe(true);
    expect(judge({}, { seconds: seconds - 300 }).ok).toBe(true);
    expect(judge({}, { seconds: seconds + 301 })).toEqual(refused(/clocks/u));
    expect(judge({}, { seconds: seconds - 301 })).toEqual(refused(/clocks/u));
  });

  it('refuses one that is not for this request', () => {
    expect(judge({ id: 8 })).toEqual(refused(/another question/u));
    expect(judge({ opcode: 5 })).toEqual(refused(/another question/u));
    expect(judge({ isAnswer: false })).toEqual(refused(/another question/u));
    const old = signRequest(query, key, seconds - 1);
    expect(judge({}, { requestMac: old.mac })).toEqual(refused(/signature is wrong/u));
    expect(macOf(request.bytes)).toEqual(request.mac);
  });

  it('refuses another key, secret, or a signature cut short', () => {
    expect(judge({}, {}, { ...key, name: 'other.' })).toEqual(refused(/another key \(other\./u));
    const other = tsigKey('key.example.', 'hmac-sha256', 'YW5vdGhlcg==')!;
    expect(judge({}, {}, other)).toEqual(refused(/signature is wrong/u));
    const cut = { ...key, hmac: (data: Uint8Array) => key.hmac(data).subarray(0, 16) };
    expect(judge({}, {}, cut)).toEqual(refused(/signature is wrong/u));
    const sha512 = tsigKey('key.example.', 'hmac-sha512', secret)!;
    expect(judge({}, {}, sha512)).toEqual(refused(/another key/u));
  });

  it('refuses one without a signature, or with a malformed or misplaced one', () => {
    const answer = signedAnswer(request.bytes, {}, key, { seconds });
    const verify = (bytes: Uint8Array) => verifyAnswer(bytes, request, key, seconds);
    expect(verify(withoutTsig(answer))).toEqual(refused(/not signed \(NOERROR\)/u));
    expect(verify(answer.subarray(0, 30))).toEqual(refused(/no DNS message/u));
    const decoded = decodeMessage(answer);
    if (!decoded.ok) throw new Error(decoded.error);
    const tsig = decoded.value.additional.at(-1)!;
    for (const additional of [
      [tsig, tsig],
      [{ ...tsig, ttl: 1 }],
      [{ ...tsig, data: tsig.data.subarray(0, 40) }],
    ])
      expect(verify(encodeMessage({ ...decoded.value, additional }))).toEqual(
        refused(/malformed/u),
      );
  });

  it('believes BADKEY and BADSIG nothing but says them; BADTIME only when it is signed', () => {
    const unsigned = { isUnsigned: true, code: 9 };
    expect(judge({ code: 9 }, { ...unsigned, error: dnsCodes.badKey })).toEqual(
      refused(/^BADKEY/u),
    );
    expect(judge({ code: 9 }, { ...unsigned, error: dnsCodes.badSignature })).toEqual(
      refused(/^BADSIG/u),
    );
    const badTime = { error: dnsCodes.badTime, other: uint48(seconds + 4000) };
    expect(judge({ code: 9 }, badTime)).toEqual({
      ok: true,
      value: { kind: 'badTime', serverSeconds: seconds + 4000 },
    });
    expect(judge({ code: 9 }, { ...badTime, isUnsigned: true })).toEqual(refused(/signature/u));
    expect(judge({ code: 9 }, { error: dnsCodes.badTime })).toEqual(refused(/does not say/u));
    expect(judge({ code: 9 }, { error: dnsCodes.badTruncation })).toEqual(
      refused(/TSIG error 22/u),
    );
  });
});
