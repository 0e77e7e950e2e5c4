/** The guardian's configuration: its schema, its defaults and errors that say where and what to do. */
import { z } from 'zod';

import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import type { GuardianConfig } from './model.ts';

const idSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, {
  error: 'use 1 to 64 lower-case letters, digits and hyphens, beginning with a letter or digit',
});

const nameSchema = z.string().trim().min(1, { error: 'give it a name that people see' }).max(80);

const milliseconds = (least: number, most: number) =>
  z
    .int({ error: `give whole milliseconds from ${String(least)} to ${String(most)}` })
    .min(least, { error: `give at least ${String(least)} ms` })
    .max(most, { error: `give at most ${String(most)} ms` });

const tokenSchema = z.union(
  [
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ app: z.literal(true) }),
  ],
  { error: 'use {"env": "NAME"}, {"file": "PATH"} or {"app": true}; never the token itself' },
);

const memberSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  url: z.string().refine(isLocalGateway, {
    error:
      'use ws://127.0.0.1:PORT, without user or query; this version guards gateways on this machine only',
  }),
  token: tokenSchema.optional(),
});

const checkSchema = z
  .strictObject({
    everyMs: milliseconds(100, 60_000).default(1_000),
    turnEveryMs: milliseconds(1_000, 3_600_000).default(30_000),
    confirmEveryMs: milliseconds(20, 10_000).default(200),
    timeoutMs: milliseconds(100, 60_000).default(5_000),
    turnTimeoutMs: milliseconds(500, 300_000).default(15_000),
    misses: z
      .int()
      .min(1, { error: 'give at least 1' })
      .max(20, { error: 'give at most 20' })
      .default(3),
    startGraceMs: milliseconds(0, 600_000).default(45_000),
  })
  .prefault({});

const pairSchema = z
  .strictObject({
    id: idSchema,
    name: nameSchema,
    domain: idSchema.default('personal'),
    primary: memberSchema,
    standby: memberSchema,
    check: checkSchema,
  })
  .refine((pair) => pair.primary.id !== pair.standby.id, {
    path: ['standby', 'id'],
    error: 'primary and standby must be two gateways with different ids',
  })
  .refine((pair) => pair.primary.url !== pair.standby.url, {
    path: ['standby', 'url'],
    error: 'primary and standby must have different addresses',
  });

/** The file format, version 1. `docs/ha.md` describes it for people. */
const guardianConfigSchema = z.strictObject({
  version: z.literal(1, { error: 'this version of the guardian reads version 1' }),
  stateDir: z.string().min(1, { error: 'name the folder that keeps the registers' }),
  socket: z.string().min(1, { error: 'name the socket on which the app attaches' }),
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

function isLocalGateway(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const local = ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  return (
    url.protocol === 'ws:' &&
    local &&
    url.port !== '' &&
    url.username === '' &&
    url.password === '' &&
    url.search === '' &&
    url.hash === ''
  );
}
