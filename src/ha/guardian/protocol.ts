/**
 * What is said on the guardian's local socket: one JSON object a line, checked on both sides against these schemas.
 * The client begins with `hello`; the guardian answers `hello`, then `status`, and from then on whatever changes.
 */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import {
  checkDepths,
  failoverEventKinds,
  failoverProfiles,
  nodeRoles,
  pairCommands,
} from '../../shared/index.ts';
import type {
  DnsView,
  DrillView,
  DutiesView,
  MirrorView,
  FailoverEvent,
  MemberCheck,
  NodeView,
  PairView,
  WorkspaceView,
} from '../../shared/index.ts';

export const protocolVersion = 3;

/** A line longer than this ends the conversation. */
export const maxLineLength = 4 * 1024 * 1024;

const checkSchema = z.strictObject({
  gatewayId: z.string(),
  ok: z.boolean(),
  depth: z.enum(checkDepths),
  latencyMs: z.number().nullable(),
  atMs: z.number(),
  misses: z.int().nonnegative(),
  detail: z.string(),
}) satisfies z.ZodType<MemberCheck>;

const eventSchema = z.strictObject({
  atMs: z.number(),
  kind: z.enum(failoverEventKinds),
  gatewayId: z.string().nullable(),
  epoch: z.int().nonnegative(),
  reason: z.string(),
}) satisfies z.ZodType<FailoverEvent>;

const nodeSchema = z.strictObject({
  gatewayId: z.string(),
  local: z.boolean(),
  role: z.enum(nodeRoles).nullable(),
  fence: z.enum(['plugin', 'drain', 'none', 'unknown']),
  detail: z.string(),
}) satisfies z.ZodType<NodeView>;

const dnsSchema = z.strictObject({
  provider: z.enum(['dnsmasq', 'pihole', 'rfc2136', 'cloudflare', 'route53']),
  name: z.string(),
  address: z.string().nullable(),
  epoch: z.int().nonnegative(),
  ok: z.boolean(),
  ttlSeconds: z.number().nullable(),
  checkedAtMs: z.number().nullable(),
  detail: z.string(),
}) satisfies z.ZodType<DnsView>;

const mirrorSchema = z.strictObject({
  state: z.enum(['comparing', 'in-step', 'catching-up', 'away', 'refused']),
  conversations: z.int().nonnegative(),
  rows: z.int().nonnegative(),
  held: z.int().nonnegative(),
  behindMs: z.number().nullable(),
  detail: z.string(),
  inherited: z.boolean(),
  conflicts: z.array(z.string()).readonly(),
}) satisfies z.ZodType<MirrorView>;

const workspaceViewSchema = z.strictObject({
  kind: z.enum(['sync', 'shared-folder', 'git']),
  state: z.enum(['comparing', 'in-step', 'catching-up', 'away', 'refused']),
  carried: z.int().nonnegative(),
  total: z.int().nonnegative(),
  behindMs: z.number().nullable(),
  detail: z.string(),
  conflicts: z.array(z.string()).readonly(),
  notCopied: z
    .array(z.strictObject({ gatewayId: z.string(), path: z.string(), because: z.string() }))
    .readonly(),
  lacking: z
    .array(
      z.strictObject({
        gatewayId: z.string(),
        agent: z.string(),
        provider: z.string(),
        profile: z.string(),
      }),
    )
    .readonly(),
}) satisfies z.ZodType<WorkspaceView>;

const dutiesSchema = z.strictObject({
  state: z.enum(['comparing', 'in-step', 'away', 'refused']),
  runsOn: z.string().nullable(),
  jobs: z.int().nonnegative(),
  interrupted: z.array(z.string()).readonly(),
  onlyOnStandby: z.array(z.string()).readonly(),
  channels: z
    .array(
      z.strictObject({
        channel: z.string(),
        runsOn: z.string().nullable(),
        detail: z.string(),
      }),
    )
    .readonly(),
  problems: z.array(z.string()).readonly(),
  detail: z.string(),
}) satisfies z.ZodType<DutiesView>;

const drillSchema = z.strictObject({
  startedAtMs: z.number(),
  state: z.enum(['running', 'ending', 'passed', 'failed', 'ended']),
  steps: z
    .array(
      z.strictObject({
        what: z.string(),
        state: z.enum(['waiting', 'running', 'passed', 'failed', 'skipped']),
        tookMs: z.number().nullable(),
        detail: z.string(),
      }),
    )
    .readonly(),
  words: z.string(),
}) satisfies z.ZodType<DrillView>;

const pairSchema = z.strictObject({
  id: z.string(),
  name: z.string(),
  domain: z.string(),
  primaryId: z.string(),
  standbyId: z.string(),
  activeId: z.string(),
  epoch: z.int().nonnegative(),
  cover: z.enum(['protected', 'exposed', 'unguarded']),
  coverReason: z.string(),
  profile: z.enum(failoverProfiles),
  lease: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('held') }),
    z.strictObject({
      kind: z.literal('timed'),
      leaseMs: z.number(),
      remainingMs: z.number().nullable(),
    }),
  ]),
  register: z.strictObject({
    kind: z.enum(['lock', 'rfc2136', 'witness']),
    address: z.string(),
    ok: z.boolean(),
    detail: z.string(),
  }),
  nodes: z.array(nodeSchema).readonly(),
  dns: z.array(dnsSchema).readonly(),
  mirror: mirrorSchema.nullable(),
  workspace: workspaceViewSchema.nullable(),
  duties: dutiesSchema.nullable(),
  hold: z.boolean(),
  preempt: z.string(),
  busy: z.string().nullable(),
  checks: z.array(checkSchema).readonly(),
  timeline: z.array(eventSchema).readonly(),
  drill: drillSchema.optional(),
}) satisfies z.ZodType<PairView>;

/** Names the question that a `done` answers. */
const commandId = z.string().min(1).max(100);

const clientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), protocol: z.int() }),
  z.strictObject({
    type: z.literal('credentials'),
    /** A gateway's id for its token, or one of the names of `secrets.ts`. */
    name: z.string(),
    secret: z.string().min(1),
  }),
  z.strictObject({
    type: z.literal('command'),
    id: commandId,
    pairId: z.string(),
    command: z.enum(pairCommands),
  }),
  /** Said by a watchdog: it will start the guardian again when this connection breaks. */
  z.strictObject({ type: z.literal('watch') }),
  z.strictObject({ type: z.literal('stop') }),
]);

const serverMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.int(),
    pid: z.int(),
    /** Tells an app whether this guardian runs the configuration that it wants. */
    configHash: z.string(),
    /** The names of the secrets that the guardian waits for. */
    wants: z.array(z.string()).readonly(),
    /** A watchdog will start it again when it dies. */
    watched: z.boolean(),
  }),
  z.strictObject({
    type: z.literal('status'),
    revision: z.int(),
    pairs: z.array(pairSchema).readonly(),
  }),
  z.strictObject({ type: z.literal('event'), pairId: z.string(), event: eventSchema }),
  z.strictObject({
    type: z.literal('done'),
    id: commandId,
    ok: z.boolean(),
    words: z.string(),
  }),
  /** It was asked to end and does: nobody shall start it again. */
  z.strictObject({ type: z.literal('ending') }),
  z.strictObject({ type: z.literal('refused'), reason: z.string() }),
]);

export type ClientMessage = z.output<typeof clientMessageSchema>;
export type ServerMessage = z.output<typeof serverMessageSchema>;

/** Reads a line from an app; the error never repeats the line, which may hold a token. */
export function parseClientMessage(line: string): Result<ClientMessage, string> {
  return parseLine(clientMessageSchema, line);
}

/** Reads a line from the guardian. */
export function parseServerMessage(line: string): Result<ServerMessage, string> {
  return parseLine(serverMessageSchema, line);
}

/** Writes a message as a line. */
export function encodeMessage(message: ClientMessage | ServerMessage): string {
  return `${JSON.stringify(message)}\n`;
}

function parseLine<T>(schema: z.ZodType<T>, line: string): Result<T, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fail('the line is not JSON');
  }
  const parsed = schema.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : fail(
        `the message is not known: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')}`,
      );
}
