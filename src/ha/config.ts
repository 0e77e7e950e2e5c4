/** The guardian's configuration: its schema, its defaults and errors that say where and what to do. */
import { z } from 'zod';

import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import { failoverProfiles } from '../shared/index.ts';
import {
  dnsSchema,
  hostPortSchema,
  idSchema,
  isLocalGateway,
  memberSchema,
  milliseconds,
  nameSchema,
  registerSchema,
  workspaceSchema,
} from './config-parts.ts';
import type { GuardianConfig, PairConfig } from './model.ts';
import { profiles } from './profiles.ts';
import { secretSourceSchema } from './secret-source.ts';

const checkSchema = z
  .strictObject({
    everyMs: milliseconds(50, 60_000),
    turnEveryMs: milliseconds(1_000, 3_600_000),
    confirmEveryMs: milliseconds(10, 10_000),
    timeoutMs: milliseconds(50, 60_000),
    turnTimeoutMs: milliseconds(500, 300_000),
    misses: z.int().min(1, { error: 'give at least 1' }).max(20, { error: 'give at most 20' }),
    startGraceMs: milliseconds(0, 600_000),
  })
  .partial()
  .prefault({});

const leaseSchema = z
  .strictObject({
    leaseMs: milliseconds(300, 60_000),
    renewEveryMs: milliseconds(50, 20_000),
    marginMs: milliseconds(10, 10_000),
    rateError: z
      .number()
      .min(0.001, { error: 'give at least 0.001; clocks are never exact' })
      .max(0.2, { error: 'give at most 0.2' }),
  })
  .partial()
  .prefault({});

const pairSchema = z
  .strictObject({
    id: idSchema,
    name: nameSchema,
    domain: idSchema.default('personal'),
    primary: memberSchema,
    standby: memberSchema,
    local: z.enum(['both', 'primary', 'standby']).default('both'),
    profile: z.enum(failoverProfiles).default('default'),
    lease: leaseSchema,
    check: checkSchema,
    register: registerSchema.default({ kind: 'lock' }),
    dns: z.array(dnsSchema).max(8, { error: 'name at most 8 providers' }).default([]),
    peer: z
      .strictObject({
        listen: hostPortSchema,
        connect: hostPortSchema,
        secret: secretSourceSchema,
      })
      .nullable()
      .default(null),
    preempt: z
      .strictObject({
        preferred: z.enum(['primary', 'standby']),
        delayMs: milliseconds(1_000, 3_600_000).default(60_000),
      })
      .nullable()
      .default(null),
    workspace: workspaceSchema.default({ kind: 'sync' }),
  })
  .transform((pair): PairConfig => ({
    ...pair,
    lease: { ...profiles[pair.profile].lease, ...defined(pair.lease) },
    check: { ...profiles[pair.profile].check, ...defined(pair.check) },
  }))
  .superRefine((pair, context) => {
    for (const { path, words } of pairFaults(pair))
      context.addIssue({ code: 'custom', path: [...path], message: words });
  });

/** The file format, version 1. `docs/ha.md` describes it for people. */
const guardianConfigSchema = z.strictObject({
  version: z.literal(1, { error: 'this version of the guardian reads version 1' }),
  stateDir: z.string().min(1, { error: 'name the folder that keeps the registers' }),
  socket: z.string().min(1, { error: 'name the socket on which the app attaches' }),
  metrics: hostPortSchema
    .refine(({ host }) => ['127.0.0.1', '::1', 'localhost'].includes(host), {
      path: ['host'],
      error: 'figures are served on this machine only: use 127.0.0.1',
    })
    .nullable()
    .default(null),
  pairs: z
    .array(pairSchema)
    .min(1, { error: 'name at least one pair' })
    .refine((pairs) => new Set(pairs.map((pair) => pair.id)).size === pairs.length, {
      error: 'each pair needs an id of its own',
    })
    .refine(
      (pairs) => {
        const ids = pairs.flatMap((pair) => [pair.primary.id, pair.standby.id]);
        return new Set(ids).size === ids.length;
      },
      { error: 'a gateway may be in one pair only' },
    ),
}) satisfies z.ZodType<GuardianConfig>;

/** What a person or a program may write: defaults may be left out. */
export type GuardianConfigInput = z.input<typeof guardianConfigSchema>;

/** Reads a configuration; the error is one line per problem: `pairs[0].primary.url: use ws://…`. */
export function parseGuardianConfig(text: string): Result<GuardianConfig, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(
      `it is not JSON (${error instanceof Error ? error.message : String(error)}); correct it or write it again`,
    );
  }
  const parsed = guardianConfigSchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return fail(
    parsed.error.issues.map((issue) => `${pathText(issue.path)}: ${issueText(issue)}`).join('\n'),
  );
}

interface Fault {
  readonly path: readonly (string | number)[];
  readonly words: string;
}

/** What one field alone cannot tell. */
function* pairFaults(pair: PairConfig): Generator<Fault> {
  const { primary, standby, local, register, lease } = pair;
  if (primary.id === standby.id)
    yield {
      path: ['standby', 'id'],
      words: 'primary and standby must be two gateways with different ids',
    };
  if (['none', 'revoked'].some((word) => word === primary.id || word === standby.id))
    yield {
      path: ['primary', 'id'],
      words: '“none” and “revoked” mean something to registers; choose another id',
    };
  if (primary.url === standby.url)
    yield {
      path: ['standby', 'url'],
      words: 'primary and standby must have different addresses',
    };
  for (const place of ['primary', 'standby'] as const)
    if ((local === 'both' || local === place) && !isLocalGateway(pair[place].url))
      yield {
        path: [place, 'url'],
        words:
          'this gateway is guarded from this machine: use ws://127.0.0.1:PORT, without user or query',
      };
  if (local !== 'both' && pair[local].addr === undefined)
    yield {
      path: [local, 'addr'],
      words: 'name the address at which other machines reach this gateway',
    };
  if (local === 'both' && register.kind !== 'lock')
    yield { path: ['register'], words: 'two gateways on this machine use {"kind": "lock"}' };
  if (local !== 'both' && register.kind === 'lock')
    yield {
      path: ['register'],
      words: 'two machines need a register that both reach: “rfc2136” or “witness”',
    };
  if (local !== 'both' && pair.peer === null)
    yield { path: ['peer'], words: 'name where the two guardians reach each other' };
  if (local === 'both' && pair.peer !== null)
    yield { path: ['peer'], words: 'leave it out: one guardian guards both gateways' };
  if (local === 'both' && pair.dns.length > 0)
    yield {
      path: ['dns'],
      words: 'leave it out: both gateways have the same address, so there is nothing to move',
    };
  // Three attempts must fit, or one lost packet ends a healthy lease.
  if (lease.renewEveryMs * 3 > lease.leaseMs * (1 - lease.rateError) - lease.marginMs)
    yield {
      path: ['lease', 'renewEveryMs'],
      words: 'three renewals must fit into a lease: renew more often, or use a longer lease',
    };
}

/** Leaves out what was left out, so that a spread keeps the default. */
function defined<T extends object>(value: T): { [Key in keyof T]?: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(value).filter(([, entry]) => entry !== undefined)) as {
    [Key in keyof T]?: Exclude<T[Key], undefined>;
  };
}

function pathText(path: readonly PropertyKey[]): string {
  const text = path
    .map((part) => (typeof part === 'number' ? `[${String(part)}]` : `.${String(part)}`))
    .join('');
  return text === '' ? '(the whole file)' : text.replace(/^\./u, '');
}

function issueText(issue: z.core.$ZodIssue): string {
  return issue.code === 'unrecognized_keys'
    ? `remove what is not known: ${issue.keys.join(', ')}`
    : issue.message;
}
