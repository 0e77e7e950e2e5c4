/** A register's record as the text of a TXT record: `epoch=17;holder=home-a;ctr=4711;addr=ws://10.0.0.11:18789`. */
import type { RegisterRecord } from '../model.ts';
import { concatBytes } from './bytes.ts';
import { dnsTypes } from './dns-message.ts';

const pattern =
  /^epoch=(?<epoch>[1-9]\d{0,15});holder=(?<holder>[^;=\s]{1,64});ctr=(?<ctr>[1-9]\d{0,15});addr=(?<addr>.*)$/su;

/** The one text of a record; null when the record cannot be written so that it is read back the same. */
export function leaseText(record: RegisterRecord): string | null {
  const { epoch, holder, ctr, addr } = record;
  const text = `epoch=${epoch};holder=${holder};ctr=${ctr};addr=${addr}`;
  return parseLeaseText(text) === null || !addr.isWellFormed() ? null : text;
}

/** Reads exactly what `leaseText` writes; null for anything else: a text that was edited by hand is not guessed at. */
export function parseLeaseText(text: string): RegisterRecord | null {
  const groups = pattern.exec(text)?.groups;
  if (groups === undefined) return null;
  const { holder = '', addr = '' } = groups;
  const epoch = Number(groups['epoch']);
  const ctr = Number(groups['ctr']);
  return Number.isSafeInteger(epoch) && Number.isSafeInteger(ctr)
    ? { epoch, holder, ctr, addr }
    : null;
}

/** An address as the data of an A or AAAA record. */
export interface PublishedAddress {
  readonly type: typeof dnsTypes.A | typeof dnsTypes.AAAA;
  readonly data: Uint8Array;
}

/** The IP address in a gateway's url (`ws://10.0.0.11:18789`, `ws://[fd00::1]:18789`); null when there is none to publish. */
export function publishedAddress(addr: string): PublishedAddress | null {
  if (!URL.canParse(addr)) return null;
  const host = new URL(addr).hostname;
  if (host.startsWith('[')) return { type: dnsTypes.AAAA, data: ipv6Bytes(host.slice(1, -1)) };
  const parts = host.split('.').map(Number);
  const isIpv4 = /^\d+(\.\d+){3}$/u.test(host) && parts.every((part) => part <= 255);
  return isIpv4 ? { type: dnsTypes.A, data: Uint8Array.from(parts) } : null;
}

/** `text` is what a URL made of an IPv6 address: groups in hexadecimal, at most one `::`, no dotted tail. */
function ipv6Bytes(text: string): Uint8Array {
  const [head = '', tail] = text.split('::');
  const groups = (part: string): readonly Uint8Array[] =>
    part === ''
      ? []
      : part.split(':').map((group) => {
          const value = Number.parseInt(group, 16);
          return Uint8Array.of(value >>> 8, value);
        });
  const front = concatBytes(...groups(head));
  const back = tail === undefined ? new Uint8Array() : concatBytes(...groups(tail));
  return concatBytes(front, new Uint8Array(16 - front.length - back.length), back);
}
