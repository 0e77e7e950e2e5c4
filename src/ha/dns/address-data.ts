/** Addresses as the data of A and AAAA records. */
import { dnsTypes } from '../register/dns-message.ts';
import type { DnsRecord } from '../register/dns-message.ts';
import { publishedAddress } from '../register/lease-text.ts';
import type { PublishedAddress } from '../register/lease-text.ts';
import { canonicalAddress, familyOf } from './names.ts';

/** Type and data of the record for an address in its usual spelling. */
export function addressData(address: string): PublishedAddress {
  const host = familyOf(address) === 6 ? `[${address}]` : address;
  const data = publishedAddress(`ws://${host}`);
  if (data === null) throw new Error(`${address} is not an address`);
  return data;
}

/** The address in a record, in its usual spelling; null: not an address record. */
export function addressIn({ type, data }: DnsRecord): string | null {
  if (type === dnsTypes.A && data.length === 4) return data.join('.');
  if (type !== dnsTypes.AAAA || data.length !== 16) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const groups = Array.from({ length: 8 }, (_, index) => view.getUint16(index * 2).toString(16));
  return canonicalAddress(groups.join(':'));
}
