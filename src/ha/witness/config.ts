/** A witness's configuration: errors name the place and say what to do. */
import { z } from 'zod';

import { fail, ok } from '../../base/index.ts';
import type { Result } from '../../base/index.ts';
import { storedSecretSchema } from '../secret-source.ts';

const portWords = "give a port from 1 to 65535, or 0 for one of the system's choice";

const witnessSchema = z.strictObject({
  version: z.literal(1, { error: 'this version of the witness reads version 1' }),
  listen: z.strictObject({
    host: z.union([z.ipv4(), z.ipv6()], {
      error: 'give the IP address that the guardians use, like "10.0.0.5"',
    }),
    port: z
      .int({ error: portWords })
      .min(0, { error: portWords })
      .max(65_535, { error: portWords }),
  }),
  stateDir: z.string().min(1, { error: 'name the folder that keeps the registers' }),
  pairs: z
    .array(
      z.strictObject({
        id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/u, {
          error: "write the pair's id as in guardian.json: lower-case letters, digits and hyphens",
        }),
        secret: storedSecretSchema,
      }),
    )
    .min(1, { error: 'name at least one pair' })
    .refine((pairs) => new Set(pairs.map((pair) => pair.id)).size === pairs.length, {
      error: 'name each pair once',
    }),
});

export type WitnessConfig = z.infer<typeof witnessSchema>;

/** Reads a configuration; the error is one line per problem: `pairs[0].secret: use …`. */
export function parseWitnessConfig(text: string): Result<WitnessConfig, string> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fail(
      `it is not JSON (${error instanceof Error ? error.message : String(error)}); correct it`,
    );
  }
  const parsed = witnessSchema.safeParse(value);
  if (parsed.success) return ok(parsed.data);
  return fail(parsed.error.issues.map(problemText).join('\n'));
}

function problemText(issue: z.core.$ZodIssue): string {
  const place = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./u, '');
  const words =
    issue.code === 'unrecognized_keys'
      ? `remove what is not known: ${issue.keys.join(', ')}`
      : issue.message;
  return `${place === '' ? '(the whole file)' : place}: ${words}`;
}
