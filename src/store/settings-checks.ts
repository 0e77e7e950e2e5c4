import type { GatewaySettings, PairSettings, Settings } from './model.ts';
import { panesOf } from './panes.ts';
import { compileRulePattern } from './rule-pattern.ts';
import type { SettingsFault } from './settings-issues.ts';
import { addressOf } from './text-folding.ts';

/** Gateways open more ports above their own; two on one machine must be this far apart. */
const portDistance = 120;

/** What one entry alone cannot tell: names that clash, ports too near, references to nothing, secrets in addresses. */
export function checkSettings(settings: Settings): readonly SettingsFault[] {
  return [
    ...checkDomains(settings),
    ...checkIds(settings),
    ...checkNames(settings),
    ...checkGateways(settings),
    ...checkPairs(settings),
    ...checkResting(settings),
    ...checkRules(settings),
    ...checkAddress(settings.updates.feed, ['updates', 'feed']),
  ];
}

function fault(path: SettingsFault['path'], message: string): SettingsFault {
  return { path, of: 'value', message };
}

function* checkDomains(settings: Settings): Iterable<SettingsFault> {
  if (!settings.domains.some((domain) => domain.id === 'personal')) {
    yield fault(
      ['domains'],
      'there must be a domain with the id “personal”: trust is built around it',
    );
  }
  const seen = new Map<string, string>();
  for (const [index, domain] of settings.domains.entries()) {
    for (const [key, address] of [
      ['id', domain.id],
      ['name', addressOf(domain.name)],
    ] as const) {
      const owner = seen.get(address);
      if (address === '')
        yield fault(
          ['domains', index, key],
          `“${domain.name}” has no letter or digit, so that nobody could write @ and its name`,
        );
      else if (owner !== undefined && (owner !== domain.id || key === 'id'))
        yield fault(['domains', index, key], `@${address} already names the domain “${owner}”`);
      seen.set(address, domain.id);
    }
  }
}

function* checkIds(settings: Settings): Iterable<SettingsFault> {
  const places = [
    // Gateways and pairs share their ids: both can be a pane.
    [
      ...settings.gateways.map(({ id }, index) => ({ id, path: ['gateways', index, 'id'] })),
      ...settings.pairs.map(({ id }, index) => ({ id, path: ['pairs', index, 'id'] })),
    ],
    settings.rules.map(({ id }, index) => ({ id, path: ['rules', index, 'id'] })),
  ];
  for (const place of places) {
    const seen = new Set<string>();
    for (const { id, path } of place) {
      if (seen.has(id)) yield fault(path, `the id “${id}” is already used above`);
      seen.add(id);
    }
  }
}

/** Names are what a person writes after @, so they must be told apart by their letters and digits alone. */
function* checkNames(settings: Settings): Iterable<SettingsFault> {
  const domainOfAddress = new Map(
    settings.domains.flatMap(
      (domain) =>
        [
          [domain.id, domain.id],
          [addressOf(domain.name), domain.id],
        ] as const,
    ),
  );
  const domainOfPair = (primary: string): string | undefined =>
    settings.gateways.find(({ id }) => id === primary)?.domain;
  const named = [
    ...settings.gateways.map(({ name, domain }, index) => ({
      name,
      domain,
      path: ['gateways', index, 'name'],
    })),
    ...settings.pairs.map(({ name, primary }, index) => ({
      name,
      domain: domainOfPair(primary),
      path: ['pairs', index, 'name'],
    })),
  ];
  const seen = new Map<string, string>();
  for (const { name, domain, path } of named) {
    const address = addressOf(name);
    const owner = seen.get(address);
    const otherDomain = domainOfAddress.get(address);
    if (address === '')
      yield fault(
        path,
        `“${name}” has no letter or digit, so that nobody could write @ and its name`,
      );
    else if (owner !== undefined)
      yield fault(path, `“${name}” and “${owner}” are the same when written as @${address}`);
    else if (otherDomain !== undefined && otherDomain !== domain)
      yield fault(path, `@${address} names the domain “${otherDomain}”, and this is not in it`);
    seen.set(address, name);
  }
}

function* checkResting({ resting = [], gateways, pairs }: Settings): Iterable<SettingsFault> {
  for (const [index, id] of resting.entries()) {
    const gateway = gateways.find((candidate) => candidate.id === id);
    const path = ['resting', index];
    if (gateway?.kind !== 'managed') yield fault(path, `“${id}” is no gateway that runs here`);
    else if (pairs.some(({ primary, standby }) => primary === id || standby === id))
      yield fault(path, `“${id}” is in a pair, where the guardian decides who acts`);
  }
}

function* checkGateways(settings: Settings): Iterable<SettingsFault> {
  const ports: { readonly port: number; readonly name: string }[] = [];
  for (const [index, gateway] of settings.gateways.entries()) {
    const path = ['gateways', index] as const;
    yield* checkDomainExists(settings, gateway.domain, [...path, 'domain']);
    switch (gateway.kind) {
      case 'managed': {
        const near = ports.find(({ port }) => Math.abs(port - gateway.port) < portDistance);
        if (near !== undefined)
          yield fault(
            [...path, 'port'],
            `port ${gateway.port} is too near to ${near.port} of “${near.name}”; they must be at least ${portDistance} apart`,
          );
        ports.push({ port: gateway.port, name: gateway.name });
        yield* checkAddress(gateway.model?.baseUrl ?? null, [...path, 'model', 'baseUrl']);
        break;
      }
      case 'remote':
        yield* checkAddress(gateway.url, [...path, 'url']);
        break;
      case 'portal':
        yield* checkAddress(gateway.portal, [...path, 'portal']);
        break;
    }
  }
}

function* checkPairs(settings: Settings): Iterable<SettingsFault> {
  const usedBy = new Map<string, string>();
  for (const [index, pair] of settings.pairs.entries()) {
    const path = ['pairs', index] as const;
    const primary = settings.gateways.find(({ id }) => id === pair.primary);
    const standby = settings.gateways.find(({ id }) => id === pair.standby);
    if (primary === undefined)
      yield fault([...path, 'primary'], `there is no gateway with the id “${pair.primary}”`);
    if (standby === undefined)
      yield fault([...path, 'standby'], `there is no gateway with the id “${pair.standby}”`);
    if (pair.primary === pair.standby) {
      yield fault([...path, 'standby'], 'a gateway cannot stand by for itself');
    } else if (
      primary !== undefined &&
      standby !== undefined &&
      primary.domain !== standby.domain
    ) {
      yield fault(
        [...path, 'standby'],
        `“${standby.name}” is in the domain “${standby.domain}” and “${primary.name}” in “${primary.domain}”; a pair stays in one domain`,
      );
    }
    for (const [key, member] of [
      ['primary', pair.primary],
      ['standby', pair.standby],
    ] as const) {
      const other = usedBy.get(member);
      if (other !== undefined && other !== pair.id)
        yield fault([...path, key], `“${member}” is already in the pair “${other}”`);
      usedBy.set(member, pair.id);
    }
    yield* checkPlace(pair, { primary, standby }, path);
  }
}

/** Each computer has a guardian of its own, which looks after the gateway that runs there. */
function* checkPlace(
  pair: PairSettings,
  members: {
    readonly primary: GatewaySettings | undefined;
    readonly standby: GatewaySettings | undefined;
  },
  path: SettingsFault['path'],
): Iterable<SettingsFault> {
  const { place } = pair;
  if (place.kind === 'this-computer') return;
  const there = place.here === 'primary' ? 'standby' : 'primary';
  const hereKind = members[place.here]?.kind;
  if (hereKind !== undefined && hereKind !== 'managed')
    yield fault(
      [...path, place.here],
      'this member runs on this computer, so it must be a gateway of the kind “managed”',
    );
  if (members[there]?.kind === 'managed')
    yield fault(
      [...path, there],
      'this member runs on the other computer, so it cannot be a gateway of the kind “managed” here',
    );
  if (place.hereAddress === place.thereAddress)
    yield fault(
      [...path, 'place', 'thereAddress'],
      'the two computers have the same address here; each needs its own',
    );
  if (place.register.kind === 'rfc2136' && !isInZone(place.register.name, place.register.zone))
    yield fault(
      [...path, 'place', 'register', 'name'],
      `“${place.register.name}” is not in the zone “${place.register.zone}”`,
    );
  const kinds = new Set<string>();
  for (const [index, dns] of place.dns.entries()) {
    const dnsPath = [...path, 'place', 'dns', index];
    if (kinds.has(dns.kind))
      yield fault([...dnsPath, 'kind'], `there is already an entry of the kind “${dns.kind}”`);
    kinds.add(dns.kind);
    if (dns.kind === 'pihole') yield* checkAddress(dns.url, [...dnsPath, 'url']);
  }
}

function isInZone(dnsName: string, zone: string): boolean {
  const [inner, outer] = [dnsName.toLowerCase(), zone.toLowerCase()];
  return inner === outer || inner.endsWith(`.${outer}`);
}

function* checkRules(settings: Settings): Iterable<SettingsFault> {
  const panes = panesOf(settings);
  for (const [index, rule] of settings.rules.entries()) {
    const path = ['rules', index] as const;
    yield* checkDomainExists(settings, rule.then, [...path, 'then']);
    if (rule.when.kind === 'pane') {
      const wanted = rule.when.pane;
      if (!panes.some((pane) => pane.id === wanted))
        yield fault([...path, 'when', 'pane'], paneMissing(wanted, settings));
    }
    if (rule.when.kind === 'regex') {
      const compiled = compileRulePattern(rule.when.pattern);
      if (!compiled.ok)
        yield fault(
          [...path, 'when', 'pattern'],
          `this regular expression cannot be used: ${compiled.error}`,
        );
    }
  }
}

function paneMissing(wanted: string, settings: Settings): string {
  const pair = settings.pairs.find(
    ({ primary, standby }) => primary === wanted || standby === wanted,
  );
  return pair === undefined
    ? `there is no pane with the id “${wanted}”`
    : `“${wanted}” is a member of the pair “${pair.id}”; name the pair`;
}

function* checkDomainExists(
  settings: Settings,
  domain: string,
  path: SettingsFault['path'],
): Iterable<SettingsFault> {
  if (!settings.domains.some(({ id }) => id === domain))
    yield fault(path, `there is no domain with the id “${domain}”`);
}

/** A settings file is read, copied and shown to others: no address in it may carry a credential. */
function* checkAddress(
  address: string | null,
  path: SettingsFault['path'],
): Iterable<SettingsFault> {
  if (address === null || !URL.canParse(address)) return;
  const url = new URL(address);
  if (url.username !== '' || url.password !== '')
    yield fault(
      path,
      'this address holds a user name or password; take it out, Switchyard asks for it and keeps it in the keyring',
    );
  if (url.search !== '' || url.hash !== '')
    yield fault(
      path,
      'this address holds something after ? or #; tokens do not belong in an address',
    );
}
