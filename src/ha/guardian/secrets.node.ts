/**
 * The secrets that a configuration refers to.
 *
 * Invariants
 * 1. What came from the app lives in this memory (and in the watchdog's, for the next life), and nowhere else.
 * 2. Only secrets that the configuration wants from the app are kept.
 */
import type { GuardianConfig, PairConfig } from '../model.ts';
import { readSecret } from '../secret-source.node.ts';
import type { SecretSource } from '../secret-source.ts';

/** How the secrets of a pair are called on the control socket. The token of a gateway is called by the gateway's id. */
export const secretNames = {
  register: (pairId: string) => `pair/${pairId}/register`,
  peer: (pairId: string) => `pair/${pairId}/peer`,
  /** `index` counts the entries of `dns` from 0. */
  dns: (pairId: string, index: number) => `pair/${pairId}/dns/${index}`,
} as const;

export interface Secrets {
  /** The names of those that the app is to hand over. */
  readonly wanted: readonly string[];
  /** Takes one in; false when nobody wants it. */
  take(name: string, secret: string): boolean;
  /** Reads one anew each time, so that a changed file or variable counts; null when it is not there. */
  read(name: string): Promise<string | null>;
}

/** Knows the secrets of a configuration. */
export function openSecrets(
  config: GuardianConfig,
  environment: Readonly<Record<string, string | undefined>>,
): Secrets {
  const sources = new Map(config.pairs.flatMap(sourcesOf));
  const fromApp = new Map<string, string>();
  const wanted = [...sources].filter(([, source]) => 'app' in source).map(([name]) => name);
  return {
    wanted,
    take: (name, secret) => {
      if (!wanted.includes(name)) return false; // invariant 2
      fromApp.set(name, secret);
      return true;
    },
    read: async (name) => {
      const source = sources.get(name);
      return source === undefined ? null : readSecret(source, environment, () => fromApp.get(name));
    },
  };
}

function sourcesOf(pair: PairConfig): [string, SecretSource][] {
  const found: [string, SecretSource | undefined][] = [
    [pair.primary.id, pair.primary.token],
    [pair.standby.id, pair.standby.token],
    [secretNames.register(pair.id), registerSource(pair)],
    [secretNames.peer(pair.id), pair.peer?.secret],
    ...pair.dns.map((_, index): [string, SecretSource | undefined] => [
      secretNames.dns(pair.id, index),
      dnsSource(pair, index),
    ]),
  ];
  return found.filter((entry): entry is [string, SecretSource] => entry[1] !== undefined);
}

function registerSource({ register }: PairConfig): SecretSource | undefined {
  if (register.kind === 'lock') return undefined;
  return register.kind === 'rfc2136' ? register.key.secret : register.secret;
}

function dnsSource({ dns }: PairConfig, index: number): SecretSource | undefined {
  const entry = dns[index];
  switch (entry?.kind) {
    case 'pihole':
      return entry.password;
    case 'cloudflare':
      return entry.token;
    case 'route53':
      return entry.secret;
    case 'rfc2136':
      return entry.key.secret;
    case 'dnsmasq':
    case undefined:
      return undefined;
  }
}
