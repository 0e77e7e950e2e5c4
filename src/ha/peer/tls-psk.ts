/**
 * TLS between two sides that have the same key: nothing that a certificate could add, and (ECDHE) what was recorded cannot be
 * read later by whoever gets the key.
 */
export const tlsPsk = {
  ciphers: 'ECDHE-PSK-CHACHA20-POLY1305',
  minVersion: 'TLSv1.2',
  maxVersion: 'TLSv1.2',
} as const;
