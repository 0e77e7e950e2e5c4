import type { TLSSocket } from 'node:tls';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { certificateFingerprint } from '../../gateways/index.node.ts';
import type { MemberConfig } from '../model.ts';

/** SHA-256 of the one certificate that a member may show; null: the system decides. The error says why it is not known. */
export async function tlsPin({ tls }: MemberConfig): Promise<Result<string | null, string>> {
  if (tls === undefined) return ok(null);
  if ('fingerprint' in tls) return ok(tls.fingerprint);
  const fingerprint = await certificateFingerprint(tls.certificate);
  return fingerprint === null ? fail('it has no certificate yet') : ok(fingerprint);
}

/** Whether the other end of a connection showed the certificate of this SHA-256. */
export function showsPinned(socket: TLSSocket, pin: string): boolean {
  const plain = (text: string): string => text.replaceAll(':', '').toLowerCase();
  // Without a certificate it is an empty object, whatever the types say.
  const shown = socket.getPeerCertificate() as { readonly fingerprint256?: string };
  return shown.fingerprint256 !== undefined && plain(shown.fingerprint256) === plain(pin);
}
