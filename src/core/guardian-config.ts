import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import type { GuardianConfigInput } from '../ha/index.ts';
import type { Translate } from '../shared/index.ts';
import type {
  GatewaySettings,
  PairDns,
  PairRegister,
  PairSettings,
  Settings,
} from '../store/index.ts';

type PairInput = GuardianConfigInput['pairs'][number];

export interface GuardianPlace {
  readonly stateDir: string;
  readonly socket: string;
  /** Of a gateway that we run: the record that our supervisor keeps of its process, and its certificate. */
  readonly files: (gatewayId: string) => { readonly pidFile: string; readonly certificate: string };
}

/** Secrets stay in the keyring: the guardian asks for them by id over its socket. */
const fromApp = { app: true } as const;

/**
 * The guardian's configuration for the pairs of the settings, of this computer. The gateway that it looks after must be
 * one that we run here; a pair where it is not is refused in words.
 */
export function guardianConfig(
  settings: Settings,
  { stateDir, socket, files }: GuardianPlace,
  t: Translate,
): Result<GuardianConfigInput, string> {
  const pairs: PairInput[] = [];
  for (const pair of settings.pairs) {
    const primary = settings.gateways.find(({ id }) => id === pair.primary);
    const standby = settings.gateways.find(({ id }) => id === pair.standby);
    if (primary === undefined || standby === undefined || !isGuardable(pair, primary, standby))
      return fail(t('pair.not-managed', { name: pair.name }));
    pairs.push({
      id: pair.id,
      name: pair.name,
      domain: primary.domain,
      primary: { ...memberOf(pair, primary, files), ...publishedAddress(pair, primary) },
      standby: { ...memberOf(pair, standby, files), ...publishedAddress(pair, standby) },
      ...pairTerms(pair),
    });
  }
  return ok({ version: 1, stateDir, socket, pairs });
}

/** What both guardians of a pair are told alike, seen from this computer. */
function pairTerms(
  pair: PairSettings,
): Omit<PairInput, 'id' | 'name' | 'domain' | 'primary' | 'standby'> {
  const { place } = pair;
  const terms = {
    profile: pair.profile,
    preempt:
      pair.preempt === null
        ? null
        : { preferred: pair.preempt.preferred, delayMs: pair.preempt.delaySeconds * 1_000 },
    workspace: pair.workspace,
  };
  if (place.kind === 'this-computer') return { ...terms, local: 'both' };
  return {
    ...terms,
    local: place.here,
    register: registerConfig(place.register, fromApp),
    dns: place.dns.map((dns) => dnsConfig(dns, fromApp)),
    peer: {
      listen: { host: place.hereAddress, port: place.peerPort },
      connect: { host: place.thereAddress, port: place.peerPort },
      secret: fromApp,
    },
  };
}

/**
 * Where other computers reach a gateway, which its register publishes: by address, because names may follow the role. On
 * one computer there is nothing to publish.
 */
export function publishedAddress(
  { place }: Pick<PairSettings, 'place'>,
  gateway: GatewaySettings,
): { readonly addr?: string } {
  if (place.kind === 'this-computer') return {};
  const url = new URL(memberUrl(place, gateway));
  const address = gateway.kind === 'managed' ? place.hereAddress : place.thereAddress;
  const host = address.includes(':') ? `[${address}]` : address;
  return { addr: `${url.protocol}//${host}:${url.port}` };
}

/** The register as the guardian's configuration has it. */
export function registerConfig(register: PairRegister, secret: SecretSource) {
  if (register.kind === 'witness') return { ...register, secret };
  const { keyName, algorithm, ...rest } = register;
  return { ...rest, key: { name: keyName, algorithm, secret } };
}

/** A DNS provider as the guardian's configuration has it. */
export function dnsConfig(dns: PairDns, secret: SecretSource) {
  switch (dns.kind) {
    case 'dnsmasq':
      return dns;
    case 'pihole':
      return { ...dns, password: secret };
    case 'cloudflare':
      return { ...dns, token: secret };
    case 'route53':
      return { ...dns, secret };
  }
}

/** Where a guardian gets a secret from; never the secret itself. */
export type SecretSource = { readonly app: true } | { readonly file: string };

function isGuardable(
  { place }: PairSettings,
  primary: GatewaySettings,
  standby: GatewaySettings,
): boolean {
  if (place.kind === 'this-computer')
    return primary.kind === 'managed' && standby.kind === 'managed';
  const [here, there] = place.here === 'primary' ? [primary, standby] : [standby, primary];
  return here.kind === 'managed' && there.kind === 'remote' && URL.canParse(there.url);
}

function memberOf(
  { place }: PairSettings,
  gateway: GatewaySettings,
  files: GuardianPlace['files'],
): PairInput['primary'] {
  const { id, name } = gateway;
  const common = { id, name, url: memberUrl(place, gateway), token: fromApp };
  if (gateway.kind === 'managed') {
    const { pidFile, certificate } = files(id);
    return {
      ...common,
      pidFile,
      ...(place.kind === 'two-computers' ? { tls: { certificate } } : {}),
    };
  }
  return { ...common, ...pinned(gateway) };
}

/** The certificate that a gateway elsewhere must show, where the settings name it. */
export function pinned(gateway: GatewaySettings): Pick<PairInput['primary'], 'tls'> {
  return gateway.kind === 'remote' && gateway.tlsFingerprint !== undefined
    ? { tls: { fingerprint: gateway.tlsFingerprint } }
    : {};
}

/** A gateway that we run serves other computers with TLS, and then this one too. */
function memberUrl(place: PairSettings['place'], gateway: GatewaySettings): string {
  switch (gateway.kind) {
    case 'managed':
      return `${place.kind === 'two-computers' ? 'wss' : 'ws'}://127.0.0.1:${gateway.port}`;
    case 'remote':
      return gateway.url;
    case 'portal':
      return gateway.portal;
  }
}
