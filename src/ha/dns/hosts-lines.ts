/** Lines of a hosts file (`10.0.0.2 gw.home.lan # note`), as dnsmasq and Pi-hole both keep them. */
import { canonicalAddress } from './names.ts';

export interface HostsLine {
  /** In its usual spelling. */
  readonly address: string;
  /** In lower case, without a final dot. */
  readonly names: readonly string[];
  readonly comment: string;
}

/** Reads one line; null: empty, a comment only, or nothing that a DNS server would read. */
export function parseHostsLine(line: string): HostsLine | null {
  const hash = line.indexOf('#');
  const words = (hash === -1 ? line : line.slice(0, hash)).trim().split(/\s+/u);
  const address = canonicalAddress(words[0] ?? '');
  if (address === null || words.length < 2) return null;
  return {
    address,
    names: words.slice(1).map((word) => word.toLowerCase().replace(/\.$/u, '')),
    comment: hash === -1 ? '' : line.slice(hash + 1).trim(),
  };
}
