/** The DNS messages of a register (RFC 1035 queries, RFC 2136 updates), and what their answers say. Pure. */
import type { RegisterRead, RegisterRecord } from '../model.ts';
import {
  decodeText,
  dnsClasses,
  dnsCodes,
  dnsOpcodes,
  dnsTypes,
  encodeText,
} from './dns-message.ts';
import type { DnsMessage, DnsRecord } from './dns-message.ts';
import { leaseText, parseLeaseText } from './lease-text.ts';
import type { PublishedAddress } from './lease-text.ts';
import { codeName } from './tsig.ts';

/** Names in canonical form. */
export interface LeasePlace {
  readonly zone: string;
  /** What clients look up. */
  readonly name: string;
  readonly ttlSeconds: number;
  readonly keyName: string;
}

/** Where the lease lies: beside the name, so that no client ever asks for it. */
export function leaseName(place: LeasePlace): string {
  return `_lease.${place.name}`;
}

/** Asks the primary itself: no recursion, so nobody else's memory answers. */
export function queryMessage(id: number, name: string, type: number): DnsMessage {
  return {
    ...emptyMessage(id),
    opcode: dnsOpcodes.query,
    questions: [{ name, type, class: dnsClasses.IN }],
  };
}

/**
 * One update that either happens whole or not at all: prerequisite (RFC 2136, 2.4.2 and 2.4.3) "the TXT record set is exactly
 * `expected`", or "there is none"; then the new TXT, and with it the address, never an empty answer in between. Null when a
 * record cannot be written as text.
 */
export function updateMessage(
  id: number,
  place: LeasePlace,
  expected: RegisterRecord | null,
  next: RegisterRecord,
  address: PublishedAddress | null,
): DnsMessage | null {
  const lease = leaseName(place);
  const nextData = textData(next);
  const expectedData = expected === null ? null : textData(expected);
  if (nextData === null || (expected !== null && expectedData === null)) return null;
  const text = { name: lease, type: dnsTypes.TXT, ttl: 0 };
  const removeSet = (name: string, type: number): DnsRecord => ({
    name,
    type,
    class: dnsClasses.ANY,
    ttl: 0,
    data: new Uint8Array(),
  });
  const addressChange =
    address === null
      ? []
      : [
          removeSet(place.name, dnsTypes.A),
          removeSet(place.name, dnsTypes.AAAA),
          { ...address, name: place.name, class: dnsClasses.IN, ttl: place.ttlSeconds },
        ];
  return {
    ...emptyMessage(id),
    opcode: dnsOpcodes.update,
    questions: [{ name: place.zone, type: dnsTypes.SOA, class: dnsClasses.IN }],
    answers: [
      expectedData === null
        ? { ...text, class: dnsClasses.NONE, data: new Uint8Array() }
        : { ...text, class: dnsClasses.IN, data: expectedData },
    ],
    authority: [
      removeSet(lease, dnsTypes.TXT),
      { ...text, class: dnsClasses.IN, data: nextData },
      ...addressChange,
    ],
  };
}

/** What the primary's answer to the query for the lease says. Whatever is not understood is `unreadable`, never `empty`. */
export function readLease(answer: DnsMessage, place: LeasePlace): RegisterRead {
  const lease = leaseName(place);
  const unreadable = (detail: string): RegisterRead => ({ kind: 'unreadable', detail });
  if (answer.code !== dnsCodes.noError && answer.code !== dnsCodes.nameError)
    return unreadable(codeWords(answer.code, place));
  if (!answer.isAuthoritative)
    return unreadable(
      `the server is not authoritative for ${place.zone}; name the zone's primary server`,
    );
  const records = answer.answers.filter((record) => record.name === lease);
  const [record, ...more] = records;
  if (answer.answers.length === 0) return { kind: 'empty' };
  if (record?.type !== dnsTypes.TXT || more.length > 0)
    return unreadable(`${lease} must hold one TXT record and nothing else; remove the others`);
  const found = recordOf(record.data);
  return found === null
    ? unreadable(
        `the TXT record of ${lease} is damaged; write it again with an epoch above every one used`,
      )
    : { kind: 'found', record: found };
}

/** Whether the name has exactly this address, by the answers to the queries for A and AAAA. */
export function hasAddress(answers: readonly DnsMessage[], address: PublishedAddress): boolean {
  const records = answers.flatMap((answer) => answer.answers);
  const [only, ...more] = records;
  return (
    only?.type === address.type &&
    more.length === 0 &&
    only.data.every((byte, index) => byte === address.data[index])
  );
}

/** Why an answer with this code is no success, and what to do. */
export function codeWords(code: number, place: LeasePlace): string {
  const name = codeName(code);
  switch (code) {
    case dnsCodes.refused:
      return `${name}: the server does not let the key ${place.keyName} do this; grant it TXT on ${leaseName(place)} and A, AAAA on ${place.name} in the zone's update-policy, and queries in allow-query`;
    case dnsCodes.notAuthorised:
      return `${name}: the server is not the primary of ${place.zone}, or does not take this key; name the primary, and check the key there`;
    case dnsCodes.notZone:
      return `${name}: ${place.name} does not lie in the zone ${place.zone}; correct zone or name`;
    case dnsCodes.serverFailure:
      return `${name}: the server could not do it; its log says why (often: it may not write the zone's folder, or the disk is full)`;
    case dnsCodes.notImplemented:
      return `${name}: the server knows no dynamic updates; use BIND or Knot, or a witness`;
    case dnsCodes.formatError:
      return `${name}: the server does not understand the update; please report this with the server's version`;
    default:
      return `${name}: an unexpected answer`;
  }
}

function textData(record: RegisterRecord): Uint8Array | null {
  const text = leaseText(record);
  return text === null ? null : encodeText(new TextEncoder().encode(text));
}

function recordOf(data: Uint8Array): RegisterRecord | null {
  const strings = decodeText(data);
  if (strings === null) return null;
  const bytes = Uint8Array.from(strings.flatMap((part) => [...part]));
  try {
    const record = parseLeaseText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    // Prerequisites compare bytes: a text that is cut into strings in another way could be read but never replaced.
    return record !== null && isSame(textData(record), data) ? record : null;
  } catch {
    return null;
  }
}

function isSame(left: Uint8Array | null, right: Uint8Array): boolean {
  return left?.length === right.length && left.every((byte, index) => byte === right[index]);
}

function emptyMessage(id: number): DnsMessage {
  return {
    id,
    isAnswer: false,
    opcode: dnsOpcodes.query,
    isAuthoritative: false,
    isTruncated: false,
    wantsRecursion: false,
    code: dnsCodes.noError,
    questions: [],
    answers: [],
    authority: [],
    additional: [],
  };
}
