import { z } from 'zod';

import {
  domainColours,
  failoverProfiles,
  isAddress,
  isDomainName,
  isGitRemote,
  isResolver,
  isTlsFingerprint,
  isZoneId,
  tsigAlgorithms,
  type RoutingRule,
} from '../shared/index.ts';
import type { GatewaySettings, PairSettings, Settings } from './model.ts';

/** The settings a new profile starts with. */
export const defaultSettings: Settings = {
  version: 1,
  domains: [
    { id: 'personal', name: 'Personal', colour: 'teal' },
    { id: 'work', name: 'Work', colour: 'indigo' },
  ],
  gateways: [],
  pairs: [],
  rules: [],
  updates: { feed: null },
  demo: false,
};

const id = z
  .string()
  .max(60)
  .regex(/^[a-z0-9][a-z0-9-]*$/u, 'must be made of small letters, digits and hyphens');
const name = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}]*$/u, 'must stand on one line');
const webAddress = z
  .string()
  .max(2_000)
  .refine(isWebAddress, 'must be a web address such as https://portal.example');

/** Ports above this leave no room for the ports that a gateway opens above its own. */
const highestPort = 65_400;
const port = z.number().int().min(1_024).max(highestPort);

const domain = z.strictObject({ id, name, colour: z.enum(domainColours) });
const model = z.strictObject({ provider: id, baseUrl: webAddress, id: z.string().min(1).max(200) });
const identity = { id, name, domain: id };
const gatewayKinds = {
  managed: z.strictObject({
    ...identity,
    kind: z.literal('managed'),
    port,
    model: model.nullable().default(null),
  }),
  // An address that no gateway can have is that gateway's own state (`offline`, bad-url), not a fault of the whole file.
  remote: z.strictObject({
    ...identity,
    kind: z.literal('remote'),
    url: z.string().min(1).max(2_000),
    tlsFingerprint: z
      .string()
      .refine(isTlsFingerprint, 'must be a SHA-256 fingerprint: 64 hexadecimal digits')
      .optional(),
  }),
  portal: z.strictObject({
    ...identity,
    kind: z.literal('portal'),
    portal: webAddress,
    code: z.string().min(1).max(200).optional(),
  }),
};
const gateway = z.discriminatedUnion('kind', [
  gatewayKinds.managed,
  gatewayKinds.remote,
  gatewayKinds.portal,
]) satisfies z.ZodType<GatewaySettings>;
const role = z.enum(['primary', 'standby']);
const anyPort = z.number().int().min(1).max(65_535);
const computer = z
  .string()
  .refine(isAddress, 'must be an address of a computer such as 192.168.1.10');
const dnsName = z
  .string()
  .refine(isDomainName, 'must be a name in small letters such as gateway.home.lan');
const resolver = z
  .string()
  .refine(isResolver, 'must be an address, or an address and a port, such as 192.168.1.1:53')
  .optional();
const folder = z.string().min(1).max(500);
/** Hosted zones answer no less than a minute to anybody. */
const hostedTtl = z.number().int().min(60).max(86_400).default(60);
const preempt = z.strictObject({
  preferred: role,
  delaySeconds: z.number().int().min(5).max(3_600).default(60),
});
const registerKinds = {
  witness: z.strictObject({
    kind: z.literal('witness'),
    host: z
      .string()
      .refine(
        (text) => isAddress(text) || isDomainName(text),
        'must be a computer’s name or address',
      ),
    port: anyPort,
  }),
  rfc2136: z.strictObject({
    kind: z.literal('rfc2136'),
    server: computer,
    port: anyPort.default(53),
    zone: dnsName,
    name: dnsName,
    ttlSeconds: z.number().int().min(0).max(86_400).default(1),
    keyName: dnsName,
    algorithm: z.enum(tsigAlgorithms).default('hmac-sha256'),
  }),
};
const dnsKinds = {
  dnsmasq: z.strictObject({
    kind: z.literal('dnsmasq'),
    name: dnsName,
    hostsDir: folder,
    pidFile: folder.optional(),
    resolver,
  }),
  pihole: z.strictObject({ kind: z.literal('pihole'), name: dnsName, url: webAddress, resolver }),
  cloudflare: z.strictObject({
    kind: z.literal('cloudflare'),
    name: dnsName,
    zoneId: z
      .string()
      .refine((text) => isZoneId('cloudflare', text), 'must be the 32 digits of the zone'),
    ttlSeconds: hostedTtl,
    resolver,
  }),
  route53: z.strictObject({
    kind: z.literal('route53'),
    name: dnsName,
    zoneId: z
      .string()
      .refine((text) => isZoneId('route53', text), 'must be the id of a hosted zone'),
    accessKeyId: z.string().min(1).max(200),
    ttlSeconds: hostedTtl,
    resolver,
  }),
};
const placeKinds = {
  'this-computer': z.strictObject({ kind: z.literal('this-computer') }),
  'two-computers': z.strictObject({
    kind: z.literal('two-computers'),
    here: role,
    hereAddress: computer,
    thereAddress: computer,
    peerPort: anyPort,
    register: z.discriminatedUnion('kind', [registerKinds.witness, registerKinds.rfc2136]),
    dns: z
      .array(
        z.discriminatedUnion('kind', [
          dnsKinds.dnsmasq,
          dnsKinds.pihole,
          dnsKinds.cloudflare,
          dnsKinds.route53,
        ]),
      )
      .max(4)
      .default([]),
  }),
};
const workspaceKinds = {
  sync: z.strictObject({ kind: z.literal('sync') }),
  'shared-folder': z.strictObject({ kind: z.literal('shared-folder') }),
  git: z.strictObject({
    kind: z.literal('git'),
    remote: z
      .string()
      .refine(isGitRemote, 'must be the name of a remote of the repository, such as origin')
      .default('origin'),
  }),
  none: z.strictObject({ kind: z.literal('none') }),
};
const pair = z.strictObject({
  id,
  name,
  primary: id,
  standby: id,
  profile: z.enum(failoverProfiles).default('default'),
  preempt: preempt.nullable().default(null),
  plugin: z.boolean().default(false),
  workspace: z
    .discriminatedUnion('kind', [
      workspaceKinds.sync,
      workspaceKinds['shared-folder'],
      workspaceKinds.git,
      workspaceKinds.none,
    ])
    .default({ kind: 'sync' }),
  place: z
    .discriminatedUnion('kind', [placeKinds['this-computer'], placeKinds['two-computers']])
    .default({ kind: 'this-computer' }),
}) satisfies z.ZodType<PairSettings>;
const conditionKinds = {
  contains: z.strictObject({ kind: z.literal('contains'), text: z.string().min(1).max(500) }),
  regex: z.strictObject({ kind: z.literal('regex'), pattern: z.string().min(1) }),
  pane: z.strictObject({ kind: z.literal('pane'), pane: id }),
};
const rule = z.strictObject({
  id,
  name,
  enabled: z.boolean().default(true),
  when: z.discriminatedUnion('kind', [
    conditionKinds.contains,
    conditionKinds.regex,
    conditionKinds.pane,
  ]),
  then: id,
}) satisfies z.ZodType<RoutingRule>;
const updates = z.strictObject({ feed: webAddress.nullable().default(null) });

/** The shape of the settings file, version 1. What is left out is as in `defaultSettings`. */
export const settingsSchema = z.strictObject({
  version: z.literal(1),
  domains: z
    .array(domain)
    .min(1)
    .max(20)
    .default([...defaultSettings.domains]),
  gateways: z.array(gateway).max(50).default([]),
  pairs: z.array(pair).max(25).default([]),
  resting: z.array(id).max(50).optional(),
  rules: z.array(rule).max(500).default([]),
  /** Where trust leads is kept by the app (`trust/trust.json`); what an older file says of it is let fall. */
  trust: z
    .unknown()
    .transform(() => undefined)
    .optional(),
  updates: updates.default(defaultSettings.updates),
  demo: z.boolean().default(false),
}) satisfies z.ZodType<Settings>;

/** The keys that may stand in the object at `path`; `value` is that object, for the kinds that differ by `kind`. */
export function knownKeysAt(path: readonly PropertyKey[], value: unknown): readonly string[] {
  const kind = z.object({ kind: z.string() }).safeParse(value).data?.kind;
  const [area, , part] = path;
  if (area === undefined) return Object.keys(settingsSchema.shape);
  if (area === 'domains') return Object.keys(domain.shape);
  if (area === 'gateways')
    return part === 'model' ? Object.keys(model.shape) : keysOfKind(gatewayKinds, kind);
  if (area === 'pairs') return pairKeysAt(path.slice(2), kind);
  if (area === 'rules')
    return part === 'when' ? keysOfKind(conditionKinds, kind) : Object.keys(rule.shape);
  return Object.keys(updates.shape);
}

/** `path`: inside one pair. */
function pairKeysAt(path: readonly PropertyKey[], kind: string | undefined): readonly string[] {
  const [part, inner] = path;
  if (part === undefined) return Object.keys(pair.shape);
  if (part === 'preempt') return Object.keys(preempt.shape);
  if (part === 'workspace') return keysOfKind(workspaceKinds, kind);
  if (inner === 'register') return keysOfKind(registerKinds, kind);
  return keysOfKind(inner === 'dns' ? dnsKinds : placeKinds, kind);
}

/** What `kind` may be in the object at `path`; zod does not hand out what a discriminator may be. */
export function kindsAt(path: readonly PropertyKey[]): readonly string[] {
  const [area, , part, inner] = path;
  if (area === 'gateways') return Object.keys(gatewayKinds);
  if (area === 'rules') return Object.keys(conditionKinds);
  if (part === 'workspace') return Object.keys(workspaceKinds);
  if (inner === 'register') return Object.keys(registerKinds);
  return Object.keys(inner === 'dns' ? dnsKinds : placeKinds);
}

function keysOfKind(
  kinds: Readonly<Record<string, { readonly shape: object }>>,
  kind: string | undefined,
): readonly string[] {
  const chosen = Object.entries(kinds).find(([candidate]) => candidate === kind)?.[1];
  return chosen === undefined ? [] : Object.keys(chosen.shape);
}

function isWebAddress(text: string): boolean {
  return URL.canParse(text) && ['http:', 'https:'].includes(new URL(text).protocol);
}
