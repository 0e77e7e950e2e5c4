/** Names and addresses: nothing that is not plainly one of them reaches a file, a request or a query. */
import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';

const labelPattern = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/u;

/** The name in lower case without a final dot; the error is what to correct. */
export function checkedName(text: string): Result<string, string> {
  const name = text.toLowerCase().replace(/\.$/u, '');
  const labels = name.split('.');
  if (name.length > 253 || !labels.every((label) => labelPattern.test(label)))
    return fail(
      `“${text.slice(0, 80)}” is not a host name; use labels of letters, digits and hyphens, such as gw.home.lan`,
    );
  if (/^\d+$/u.test(labels.at(-1) ?? ''))
    return fail(`“${text}” looks like an address; give the name that clients use`);
  return ok(name);
}

/** The usual spelling of an IPv4 or IPv6 address, so that two spellings compare equal; null if it is none. */
export function canonicalAddress(text: string): string | null {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/u.test(text)) {
    const parts = text.split('.').map(Number);
    const canonical = parts.join('.');
    // A leading zero means octal to some programs and decimal to others: refused rather than guessed.
    return parts.every((part) => part <= 255) && canonical === text ? canonical : null;
  }
  if (!/^[0-9a-f:.]+$/iu.test(text) || !text.includes(':')) return null;
  const url = `http://[${text}]/`;
  return URL.canParse(url) ? new URL(url).hostname.slice(1, -1) : null;
}

/** The family of an address in its usual spelling. */
export function familyOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

/** The record type that holds an address of this family. */
export function recordType(family: 4 | 6): 'A' | 'AAAA' {
  return family === 4 ? 'A' : 'AAAA';
}

/** The address in what a register publishes: an address, or a URL whose host is one. Null: it names no address. */
export function hostAddress(addr: string): string | null {
  const plain = canonicalAddress(addr);
  if (plain !== null) return plain;
  if (!URL.canParse(addr)) return null;
  return canonicalAddress(new URL(addr).hostname.replace(/^\[|\]$/gu, ''));
}
