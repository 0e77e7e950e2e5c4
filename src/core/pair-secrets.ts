import type { PairDns, PairSettings } from '../store/index.ts';

/**
 * The secrets of pairs: what the guardian calls them, and what they are kept under in the keyring. The peer that a secret
 * is for is part of its name there, so that another address in the settings file finds none.
 */
export interface PairSecretEntry {
  /** As the guardian asks for it: `pair/<pair>/register`, `…/peer` or `…/dns/<index>`. */
  readonly id: string;
  readonly vaultName: string;
}

/** The part of a pair that its secrets depend on. */
type Owner = Pick<PairSettings, 'id' | 'place'>;

/** The secrets of a pair. `dns-…`: of one provider. */
export type PairSecretName = 'register' | 'peer' | `dns-${PairDns['kind']}`;

/** The entry of one secret of a pair; null where the pair has no such secret. */
export function pairSecret(pair: Owner, what: PairSecretName): PairSecretEntry | null {
  const pin = pinOf(pair, what);
  return pin === null
    ? null
    : {
        id: `pair/${pair.id}/${guardianName(pair, what)}`,
        vaultName: `pair-secret:${pair.id}/${what}@${pin}`,
      };
}

/** The guardian counts the entries of `dns`. */
function guardianName({ place }: Owner, what: PairSecretName): string {
  if (what === 'register' || what === 'peer' || place.kind === 'this-computer') return what;
  return `dns/${place.dns.findIndex(({ kind }) => what === `dns-${kind}`)}`;
}

/** Every secret that a pair has. */
export function pairSecretsOf(pair: PairSettings): readonly PairSecretEntry[] {
  const { place } = pair;
  if (place.kind === 'this-computer') return [];
  const names: readonly PairSecretName[] = [
    'register',
    'peer',
    ...place.dns.map(({ kind }) => `dns-${kind}` as const),
  ];
  return names.flatMap((name) => pairSecret(pair, name) ?? []);
}

/** Where in the keyring the secret is that the guardian calls `id`; null when it is not one of a pair. */
export function vaultNameOf(id: string, pairs: readonly PairSettings[]): string | null {
  const entry = pairs.flatMap(pairSecretsOf).find((candidate) => candidate.id === id);
  return entry?.vaultName ?? null;
}

function pinOf({ place }: Owner, what: PairSecretName): string | null {
  if (place.kind === 'this-computer') return null;
  const { register } = place;
  if (what === 'peer') return place.thereAddress;
  if (what === 'register') {
    return register.kind === 'witness'
      ? `witness ${register.host}:${register.port}`
      : `${register.keyName} ${register.server}:${register.port}`;
  }
  const dns = place.dns.find(({ kind }) => what === `dns-${kind}`);
  switch (dns?.kind) {
    case undefined:
    case 'dnsmasq': // its files need none
      return null;
    case 'pihole':
      return URL.canParse(dns.url) ? new URL(dns.url).origin : null;
    case 'cloudflare':
      return `zone ${dns.zoneId}`;
    case 'route53':
      return `${dns.accessKeyId} ${dns.zoneId}`;
  }
}
