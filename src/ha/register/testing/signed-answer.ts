import { concatBytes, readBytes, uint16, uint48 } from '../bytes.ts';
import {
  decodeMessage,
  dnsClasses,
  dnsTypes,
  encodeMessage,
  encodeRecord,
} from '../dns-message.ts';
import type { DnsMessage } from '../dns-message.ts';
import { encodeName } from '../dns-name.ts';
import type { TsigKey } from '../tsig.ts';

export interface AnswerOptions {
  readonly seconds: number;
  readonly error?: number;
  readonly other?: Uint8Array;
  /** What of the request its signature covers; the request's own MAC unless told. */
  readonly requestMac?: Uint8Array;
  /** Leaves the MAC out, as servers do that do not know the key. */
  readonly isUnsigned?: boolean;
}

/** The MAC of a signed message: the last record's, whose data ends in MAC, id, error and length of nothing. */
export function macOf(packet: Uint8Array, macLength = 32): Uint8Array {
  return packet.subarray(packet.length - 6 - macLength, packet.length - 6);
}

/** What a server that knows `key` sends back: written apart from the client's code, after RFC 8945, 4.2, 4.3 and 5.4. */
export function signedAnswer(
  packet: Uint8Array,
  change: Partial<DnsMessage>,
  key: TsigKey,
  options: AnswerOptions,
): Uint8Array {
  const request = decodeMessage(packet);
  if (!request.ok) throw new Error(request.error);
  const plain = encodeMessage({
    ...request.value,
    isAnswer: true,
    isAuthoritative: true,
    answers: [],
    authority: [],
    additional: [],
    ...change,
  });
  const { error = 0, other = new Uint8Array(), seconds } = options;
  const name = encodeName(key.name)!;
  const algorithm = encodeName(key.algorithm)!;
  const requestMac = options.requestMac ?? macOf(packet);
  const mac = options.isUnsigned
    ? new Uint8Array()
    : key.hmac(
        concatBytes(
          ...[uint16(requestMac.length), requestMac, plain],
          ...[name, uint16(255), new Uint8Array(4), algorithm, uint48(seconds), uint16(300)],
          ...[uint16(error), uint16(other.length), other],
        ),
      );
  const data = concatBytes(
    ...[algorithm, uint48(seconds), uint16(300), uint16(mac.length), mac],
    ...[plain.subarray(0, 2), uint16(error), uint16(other.length), other],
  );
  const record = encodeRecord({
    ...{ name: key.name, type: dnsTypes.TSIG, class: dnsClasses.ANY, ttl: 0 },
    data,
  });
  const counted = plain.slice();
  counted.set(uint16(readBytes(plain, 10).uint16() + 1), 10);
  return concatBytes(counted, record);
}
