/**
 * DNS messages (RFC 1035, 4.1) as values, with the sections of an UPDATE (RFC 2136, 2) under their general names:
 * questions = zone, answers = prerequisites, authority = updates. Names in record data are only read where we use them,
 * so data stays bytes.
 */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { concatBytes, MalformedError, readBytes, uint16, uint32 } from './bytes.ts';
import type { ByteReader } from './bytes.ts';
import { encodeName, readName } from './dns-name.ts';

export const dnsTypes = { A: 1, CNAME: 5, SOA: 6, TXT: 16, AAAA: 28, TSIG: 250, ANY: 255 } as const;
export const dnsClasses = { IN: 1, NONE: 254, ANY: 255 } as const;
export const dnsOpcodes = { query: 0, update: 5 } as const;

/** RFC 1035, 2136 and 8945; TSIG errors share the numbers' space. */
export const dnsCodes = {
  noError: 0,
  formatError: 1,
  serverFailure: 2,
  nameError: 3,
  notImplemented: 4,
  refused: 5,
  nameExists: 6,
  setExists: 7,
  setMissing: 8,
  notAuthorised: 9,
  notZone: 10,
  badSignature: 16,
  badKey: 17,
  badTime: 18,
  badTruncation: 22,
} as const;

export interface DnsQuestion {
  readonly name: string;
  readonly type: number;
  readonly class: number;
}

export interface DnsRecord extends DnsQuestion {
  readonly ttl: number;
  readonly data: Uint8Array;
}

export interface DnsMessage {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly opcode: number;
  readonly isAuthoritative: boolean;
  readonly isTruncated: boolean;
  /** Recursion desired. */
  readonly wantsRecursion: boolean;
  readonly code: number;
  readonly questions: readonly DnsQuestion[];
  readonly answers: readonly DnsRecord[];
  readonly authority: readonly DnsRecord[];
  readonly additional: readonly DnsRecord[];
}

/** A decoded message, and where its last additional record begins: a TSIG signs what is before it. */
export interface DecodedMessage extends DnsMessage {
  readonly lastRecordAt: number | null;
}

const headerLength = 12;

/** Encodes a message without compression. Throws on a name that is not one, which is a bug of the caller. */
export function encodeMessage(message: DnsMessage): Uint8Array {
  const flags =
    (message.isAnswer ? 0x8000 : 0) |
    (message.opcode << 11) |
    (message.isAuthoritative ? 0x0400 : 0) |
    (message.isTruncated ? 0x0200 : 0) |
    (message.wantsRecursion ? 0x0100 : 0) |
    message.code;
  const { questions, answers, authority, additional } = message;
  return concatBytes(
    ...[
      message.id,
      flags,
      questions.length,
      answers.length,
      authority.length,
      additional.length,
    ].map(uint16),
    ...questions.map(encodeQuestion),
    ...[...answers, ...authority, ...additional].map(encodeRecord),
  );
}

/** Encodes one record; the TSIG of a message is put behind it by itself. */
export function encodeRecord(record: DnsRecord): Uint8Array {
  return concatBytes(
    encodeQuestion(record),
    uint32(record.ttl),
    uint16(record.data.length),
    record.data,
  );
}

function encodeQuestion({ name, type, class: dnsClass }: DnsQuestion): Uint8Array {
  const bytes = encodeName(name);
  if (bytes === null) throw new Error(`${name} is not a DNS name`);
  return concatBytes(bytes, uint16(type), uint16(dnsClass));
}

/** Decodes a message that must fill `bytes`; the error says in words what is wrong. */
export function decodeMessage(bytes: Uint8Array): Result<DecodedMessage, string> {
  try {
    return ok(readMessage(readBytes(bytes)));
  } catch (error) {
    if (error instanceof MalformedError)
      return fail(`the answer is no DNS message: ${error.message}`);
    throw error;
  }
}

function readMessage(reader: ByteReader): DecodedMessage {
  if (reader.bytes.length < headerLength) throw new MalformedError('it is cut short');
  const id = reader.uint16();
  const flags = reader.uint16();
  const counts = [reader.uint16(), reader.uint16(), reader.uint16(), reader.uint16()];
  const readRecords = (count = 0): readonly (DnsRecord & { readonly at: number })[] =>
    Array.from({ length: count }, () => ({ at: reader.offset, ...readRecord(reader) }));
  const questions = Array.from({ length: counts[0] ?? 0 }, () => readQuestion(reader));
  const answers = readRecords(counts[1]);
  const authority = readRecords(counts[2]);
  const additional = readRecords(counts[3]);
  if (!reader.isAtEnd) throw new MalformedError('something follows it');
  return {
    id,
    isAnswer: (flags & 0x8000) !== 0,
    opcode: (flags >>> 11) & 15,
    isAuthoritative: (flags & 0x0400) !== 0,
    isTruncated: (flags & 0x0200) !== 0,
    wantsRecursion: (flags & 0x0100) !== 0,
    code: flags & 15,
    questions,
    answers: answers.map(withoutPlace),
    authority: authority.map(withoutPlace),
    additional: additional.map(withoutPlace),
    lastRecordAt: additional.at(-1)?.at ?? null,
  };
}

function withoutPlace({ at: _at, ...record }: DnsRecord & { readonly at: number }): DnsRecord {
  return record;
}

function readQuestion(reader: ByteReader): DnsQuestion {
  return { name: readName(reader), type: reader.uint16(), class: reader.uint16() };
}

function readRecord(reader: ByteReader): DnsRecord {
  const question = readQuestion(reader);
  return { ...question, ttl: reader.uint32(), data: reader.take(reader.uint16()) };
}

/** The strings of a TXT record's data; null when it is malformed. */
export function decodeText(data: Uint8Array): readonly Uint8Array[] | null {
  const strings: Uint8Array[] = [];
  for (let offset = 0; offset < data.length;) {
    const end = offset + 1 + (data[offset] ?? 0);
    if (end > data.length) return null;
    strings.push(data.subarray(offset + 1, end));
    offset = end;
  }
  return strings;
}

/** Data of a TXT record: the text in strings of 255 bytes, the last one shorter, so that one text has one form. */
export function encodeText(text: Uint8Array): Uint8Array {
  const longest = 255;
  const count = Math.max(1, Math.ceil(text.length / longest));
  return concatBytes(
    ...Array.from({ length: count }, (_, index) => {
      const part = text.subarray(index * longest, (index + 1) * longest);
      return concatBytes(Uint8Array.of(part.length), part);
    }),
  );
}
