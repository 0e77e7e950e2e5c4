import type { Peer } from './ports.ts';
import { checkGatewayUrl, isLoopbackHost } from './url.ts';

/**
 * The name of a peer's key in a roster: the certificate it is pinned to, or, where the system decides which certificates
 * are good, its origin, for which the system vouches. On this machine every spelling of the loopback is one. Null for an
 * address that is never dialled.
 */
export function peerPin({ url, tlsFingerprint }: Peer): string | null {
  if (tlsFingerprint !== null) return `tls:${tlsFingerprint.replaceAll(':', '').toLowerCase()}`;
  const checked = checkGatewayUrl(url);
  if (!checked.ok) return null;
  const { protocol, hostname, port } = checked.value;
  const place = isLoopbackHost(hostname) ? 'loopback' : hostname;
  return `origin:${protocol}//${place}:${port === '' ? defaultPort[protocol] : port}`;
}

const defaultPort: Readonly<Record<string, string>> = { 'ws:': '80', 'wss:': '443' };
