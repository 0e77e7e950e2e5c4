import { z } from 'zod';

import { domainColours, type RoutingRule } from '../shared/index.ts';
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
  trust: { personalToWork: false },
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
const pair = z.strictObject({
  id,
  name,
  primary: id,
  standby: id,
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
const trust = z.strictObject({ personalToWork: z.boolean().default(false) });
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
  rules: z.array(rule).max(500).default([]),
  trust: trust.default(defaultSettings.trust),
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
  if (area === 'pairs') return Object.keys(pair.shape);
  if (area === 'rules')
    return part === 'when' ? keysOfKind(conditionKinds, kind) : Object.keys(rule.shape);
  return Object.keys(area === 'trust' ? trust.shape : updates.shape);
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
