/**
 * Transaction signatures (RFC 8945) of the client's side: signing a request, judging the answer.
 *
 * Invariants
 * 1. An answer counts only if its MAC, which covers the request's MAC, verifies in full length: it answers this request
 *    and no other, and no earlier answer can be played back.
 * 2. What an answer without a valid MAC says (BADKEY, BADSIG) is told as words and believed in nothing (section 5.2.3
 *    lets a server leave such answers unsigned).
 * 3. The server's time is taken from a BADTIME answer only after its MAC verified.
 */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import {
  concatBytes,
  MalformedError,
  readBytes,
  sameBytes,
  uint16,
  uint32,
  uint48,
} from './bytes.ts';
import { decodeMessage, dnsClasses, dnsCodes, dnsTypes, encodeRecord } from './dns-message.ts';
import type { DecodedMessage, DnsRecord } from './dns-message.ts';
import { encodeName, readName } from './dns-name.ts';

export type TsigAlgorithm = 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';

/** Makes the HMAC of `data` with a key; the key stays behind this function. */
export type Hmac = (data: Uint8Array) => Uint8Array;

export interface TsigKey {
  readonly name: string;
  readonly algorithm: TsigAlgorithm;
  readonly hmac: Hmac;
}

export interface SignedRequest {
  readonly bytes: Uint8Array;
  readonly mac: Uint8Array;
}

/** `badTime`: the server refused our time; its own is in seconds since 1970. */
export type VerifiedAnswer =
  | { readonly kind: 'answer'; readonly message: DecodedMessage }
  | { readonly kind: 'badTime'; readonly serverSeconds: number };

/** How far our time and the server's may be apart, either way (section 10 recommends 300). */
export const fudgeSeconds = 300;

interface Tsig {
  readonly keyName: string;
  readonly algorithm: string;
  readonly seconds: number;
  readonly fudge: number;
  readonly mac: Uint8Array;
  readonly originalId: number;
  readonly error: number;
  readonly other: Uint8Array;
}

/** Signs an encoded message that has no TSIG yet, with the time `seconds` since 1970. */
export function signRequest(message: Uint8Array, key: TsigKey, seconds: number): SignedRequest {
  const tsig = {
    keyName: key.name,
    algorithm: `${key.algorithm}.`,
    seconds,
    fudge: fudgeSeconds,
    originalId: readBytes(message).uint16(),
    error: 0,
    other: new Uint8Array(),
  };
  const mac = key.hmac(concatBytes(message, tsigVariables(tsig)));
  const record = encodeRecord({
    name: key.name,
    type: dnsTypes.TSIG,
    class: dnsClasses.ANY,
    ttl: 0,
    data: encodeTsig({ ...tsig, mac }),
  });
  return { bytes: concatBytes(withAdditional(message, 1), record), mac };
}

/** Judges what came back for a request. The error says in words why it does not count, and what to do. */
export function verifyAnswer(
  bytes: Uint8Array,
  request: SignedRequest,
  key: TsigKey,
  nowSeconds: number,
): Result<VerifiedAnswer, string> {
  const decoded = decodeMessage(bytes);
  if (!decoded.ok) return decoded;
  const message = decoded.value;
  const asked = decodeMessage(request.bytes);
  if (!asked.ok) throw new Error(asked.error);
  if (!message.isAnswer || message.id !== asked.value.id || message.opcode !== asked.value.opcode)
    return fail('an answer to another question came');
  const found = findTsig(message);
  if (!found.ok) return found;
  const { tsig, at } = found.value;
  const expected = { keyName: key.name, algorithm: `${key.algorithm}.` };
  if (tsig.error === dnsCodes.badKey || tsig.error === dnsCodes.badSignature)
    return fail(refusedSignature(tsig.error, key));
  if (tsig.keyName !== expected.keyName || tsig.algorithm !== expected.algorithm)
    return fail(`the answer is signed with another key (${tsig.keyName} ${tsig.algorithm})`);
  const unsigned = concatBytes(
    uint16(tsig.originalId),
    withAdditional(bytes.subarray(0, at), -1).subarray(2),
  );
  const mac = key.hmac(
    concatBytes(uint16(request.mac.length), request.mac, unsigned, tsigVariables(tsig)),
  );
  if (!sameBytes(mac, tsig.mac))
    return fail(
      "the answer's signature is wrong: the server's secret for this key is another, or somebody forged it",
    );
  if (tsig.error === dnsCodes.badTime) {
    if (tsig.other.length !== 6)
      return fail('the server refuses our time and does not say its own');
    return ok({ kind: 'badTime', serverSeconds: readBytes(tsig.other).uint48() });
  }
  if (tsig.error !== 0) return fail(`the server refuses the signature (TSIG error ${tsig.error})`);
  if (Math.abs(tsig.seconds - nowSeconds) > tsig.fudge)
    return fail("the answer's time is too far from ours; set the clocks of both machines by NTP");
  return ok({ kind: 'answer', message });
}

function findTsig(message: DecodedMessage): Result<{ tsig: Tsig; at: number }, string> {
  const record = message.additional.at(-1);
  const isTsig = (other: DnsRecord): boolean => other.type === dnsTypes.TSIG;
  const count = [...message.answers, ...message.authority, ...message.additional].filter(isTsig);
  if (record === undefined || !isTsig(record) || message.lastRecordAt === null)
    return fail(
      `the answer is not signed (${codeName(message.code)}); is this the DNS server that knows our key?`,
    );
  const tsig = count.length === 1 ? decodeTsig(record) : null;
  return tsig === null
    ? fail('the signature of the answer is malformed')
    : ok({ tsig, at: message.lastRecordAt });
}

function refusedSignature(error: number, key: TsigKey): string {
  return error === dnsCodes.badKey
    ? `BADKEY: the server does not know the key ${key.name} (${key.algorithm}); add it to its configuration, or correct name and algorithm here`
    : `BADSIG: the server has another secret for the key ${key.name}; copy the secret again`;
}

/** The name of an RCODE as servers and their logs write it. */
export function codeName(code: number): string {
  const names: Readonly<Record<number, string>> = {
    [dnsCodes.noError]: 'NOERROR',
    [dnsCodes.formatError]: 'FORMERR',
    [dnsCodes.serverFailure]: 'SERVFAIL',
    [dnsCodes.nameError]: 'NXDOMAIN',
    [dnsCodes.notImplemented]: 'NOTIMP',
    [dnsCodes.refused]: 'REFUSED',
    [dnsCodes.nameExists]: 'YXDOMAIN',
    [dnsCodes.setExists]: 'YXRRSET',
    [dnsCodes.setMissing]: 'NXRRSET',
    [dnsCodes.notAuthorised]: 'NOTAUTH',
    [dnsCodes.notZone]: 'NOTZONE',
  };
  return names[code] ?? `RCODE ${code}`;
}

/** Section 4.3.3: what of the TSIG record itself is signed. */
function tsigVariables(tsig: Omit<Tsig, 'mac'>): Uint8Array {
  return concatBytes(
    nameBytes(tsig.keyName),
    uint16(dnsClasses.ANY),
    uint32(0),
    nameBytes(tsig.algorithm),
    uint48(tsig.seconds),
    uint16(tsig.fudge),
    uint16(tsig.error),
    uint16(tsig.other.length),
    tsig.other,
  );
}

/** Section 4.2. */
function encodeTsig(tsig: Tsig): Uint8Array {
  return concatBytes(
    nameBytes(tsig.algorithm),
    uint48(tsig.seconds),
    uint16(tsig.fudge),
    uint16(tsig.mac.length),
    tsig.mac,
    uint16(tsig.originalId),
    uint16(tsig.error),
    uint16(tsig.other.length),
    tsig.other,
  );
}

function decodeTsig(record: DnsRecord): Tsig | null {
  const reader = readBytes(record.data);
  try {
    const tsig = {
      keyName: record.name,
      algorithm: readName(reader),
      seconds: reader.uint48(),
      fudge: reader.uint16(),
      mac: reader.take(reader.uint16()),
      originalId: reader.uint16(),
      error: reader.uint16(),
      other: reader.take(reader.uint16()),
    };
    return reader.isAtEnd && record.class === dnsClasses.ANY && record.ttl === 0 ? tsig : null;
  } catch (error) {
    if (error instanceof MalformedError) return null;
    throw error;
  }
}

function nameBytes(name: string): Uint8Array {
  const bytes = encodeName(name);
  if (bytes === null) throw new Error(`${name} is not a DNS name`);
  return bytes;
}

/** The same message with `change` more additional records announced in its header. */
function withAdditional(message: Uint8Array, change: number): Uint8Array {
  const copy = message.slice();
  const count = readBytes(copy, 10).uint16() + change;
  copy.set(uint16(count), 10);
  return copy;
}
