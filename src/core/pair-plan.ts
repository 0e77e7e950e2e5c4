import { addressOf } from '../store/index.ts';
import type {
  GatewaySettings,
  PairDns,
  PairPlace,
  PairRegister,
  PairSettings,
  Settings,
} from '../store/index.ts';
import type { PairForm, PairWorkspace } from '../shared/index.ts';

/** What saving a set-up does to the settings. */
export interface PairPlan {
  readonly pair: PairSettings;
  /** The second gateway, where it is not one of the settings already. */
  readonly added: GatewaySettings | null;
}

/**
 * The pair that a filled-in form describes. Pure; the fields that count must be without a fault. `port`: for a gateway
 * that is made new. Null when the gateways it names are not there any more.
 */
export function planPair(settings: Settings, form: PairForm, port: number): PairPlan | null {
  const first = settings.gateways.find(({ id }) => id === form.gatewayId);
  if (first === undefined) return null;
  const taken = [...settings.gateways, ...settings.pairs].map(({ id }) => id);
  const added = secondGateway(first, form, port, taken);
  const secondId =
    added?.id ?? settings.gateways.find(({ id }) => id === form.secondId)?.id ?? null;
  if (secondId === null) return null;
  const here = form.place === 'two-computers' ? form.here : 'primary';
  return {
    added,
    pair: {
      id: freeId(form.name, 'pair', added === null ? taken : [...taken, added.id]),
      name: form.name.trim(),
      primary: here === 'primary' ? first.id : secondId,
      standby: here === 'primary' ? secondId : first.id,
      profile: form.profile,
      preempt: form.preempt
        ? { preferred: 'primary', delaySeconds: Number(form.preemptDelay) }
        : null,
      plugin: form.consent,
      workspace: workspaceOf(form),
      place: placeOf(form),
    },
  };
}

/** The settings with the plan carried out: rules that named a member's pane name the pair's, and no member rests. */
export function withPair(settings: Settings, { pair, added }: PairPlan): Settings {
  const isMember = (pane: string): boolean => pane === pair.primary || pane === pair.standby;
  return {
    ...settings,
    gateways: added === null ? settings.gateways : [...settings.gateways, added],
    pairs: [...settings.pairs, pair],
    ...restingOf((settings.resting ?? []).filter((id) => !isMember(id))),
    rules: settings.rules.map((rule) =>
      rule.when.kind === 'pane' && isMember(rule.when.pane)
        ? { ...rule, when: { ...rule.when, pane: pair.id } }
        : rule,
    ),
  };
}

/**
 * The settings without the pair: both gateways stay, each as a pane of its own. Rules name the one of `keep`, which acts
 * from now on; the other one rests, where it runs here.
 */
export function withoutPair(settings: Settings, pairId: string, keep: string): Settings {
  const pair = settings.pairs.find(({ id }) => id === pairId);
  if (pair === undefined) return settings;
  const otherId = pair.primary === keep ? pair.standby : pair.primary;
  const isHere = settings.gateways.some(({ id, kind }) => id === otherId && kind === 'managed');
  return {
    ...settings,
    ...restingOf([...(settings.resting ?? []), ...(isHere ? [otherId] : [])]),
    pairs: settings.pairs.filter(({ id }) => id !== pairId),
    rules: settings.rules.map((rule) =>
      rule.when.kind === 'pane' && rule.when.pane === pairId
        ? { ...rule, when: { ...rule.when, pane: keep } }
        : rule,
    ),
  };
}

/** The settings with a gateway's jobs and channels on again. */
export function withAwake(settings: Settings, gatewayId: string): Settings {
  return {
    ...settings,
    ...restingOf((settings.resting ?? []).filter((id) => id !== gatewayId)),
  };
}

/** Left out of the file where nobody rests. */
function restingOf(ids: readonly string[]): Pick<Settings, 'resting'> {
  return { resting: ids.length === 0 ? undefined : ids };
}

/** The register that the form names; null on one computer, where there is no choice. */
export function registerOf(form: PairForm): PairRegister {
  return form.register === 'witness'
    ? { kind: 'witness', host: form.witnessHost.trim(), port: Number(form.witnessPort) }
    : {
        kind: 'rfc2136',
        server: form.bindServer.trim(),
        port: Number(form.bindPort),
        zone: form.bindZone.trim().toLowerCase(),
        name: form.bindName.trim().toLowerCase(),
        ttlSeconds: Number(form.bindTtl),
        keyName: form.bindKeyName.trim().toLowerCase(),
        algorithm: form.bindAlgorithm,
      };
}

/** The DNS provider that the form names, if any. */
export function dnsOf(form: PairForm): PairDns | null {
  const resolver = form.dnsResolver.trim();
  const common = {
    name: form.dnsName.trim().toLowerCase(),
    ...(resolver === '' ? {} : { resolver }),
  };
  const ttlSeconds = Number(form.dnsTtl);
  const zoneId = form.dnsZoneId.trim();
  switch (form.dns) {
    case 'none':
      return null;
    case 'dnsmasq':
      return { ...common, kind: 'dnsmasq', hostsDir: form.dnsmasqFolder.trim() };
    case 'pihole':
      return { ...common, kind: 'pihole', url: form.piholeUrl.trim() };
    case 'cloudflare':
      return { ...common, kind: 'cloudflare', zoneId, ttlSeconds };
    case 'route53':
      return {
        ...common,
        kind: 'route53',
        zoneId,
        accessKeyId: form.route53KeyId.trim(),
        ttlSeconds,
      };
  }
}

/** How the files are kept in step, as the form says. */
export function workspaceOf({ files, gitRemote }: PairForm): PairWorkspace {
  return files === 'git' ? { kind: files, remote: gitRemote.trim() } : { kind: files };
}

/** Where the members run, as the form says. */
export function placeOf(form: PairForm): PairPlace {
  if (form.place === 'this-computer') return { kind: 'this-computer' };
  const dns = dnsOf(form);
  return {
    kind: 'two-computers',
    here: form.here,
    hereAddress: form.hereAddress.trim(),
    thereAddress: form.thereAddress.trim(),
    peerPort: Number(form.peerPort),
    register: registerOf(form),
    dns: dns === null ? [] : [dns],
  };
}

function secondGateway(
  first: GatewaySettings,
  form: PairForm,
  port: number,
  taken: readonly string[],
): GatewaySettings | null {
  if (form.second === 'existing') return null;
  const name = form.secondName.trim();
  const fingerprint = form.secondFingerprint.trim();
  const identity = { id: freeId(name, 'gateway', taken), name, domain: first.domain };
  return form.second === 'elsewhere'
    ? {
        ...identity,
        kind: 'remote',
        url: form.secondUrl.trim(),
        ...(fingerprint === '' ? {} : { tlsFingerprint: fingerprint }),
      }
    : {
        ...identity,
        kind: 'managed',
        port,
        model: first.kind === 'managed' ? first.model : null,
      };
}

/** An id made of a name that nothing has yet. */
function freeId(name: string, fallback: string, taken: readonly string[]): string {
  const plain = addressOf(name)
    .normalize('NFKD')
    .replaceAll(/[^a-z0-9]+/gu, '-')
    .slice(0, 50)
    .replaceAll(/^-+|-+$/gu, '');
  const base = plain === '' ? fallback : plain;
  for (let number = 1; ; number += 1) {
    const id = number === 1 ? base : `${base}-${number}`;
    if (!taken.includes(id)) return id;
  }
}
