import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** SHA-256 of the certificate in a PEM file, as the official client takes it for a pin; null while there is none. */
export async function certificateFingerprint(path: string): Promise<string | null> {
  try {
    return new X509Certificate(await readFile(path)).fingerprint256;
  } catch {
    return null;
  }
}
