/** Where a secret comes from; the secret itself is in no configuration. */
import { z } from 'zod';

/** `app`: the app hands it over the control socket, and it stays in memory. */
export type SecretSource =
  { readonly env: string } | { readonly file: string } | { readonly app: true };

/** For programs that no app attaches to. */
export const storedSecretSchema = z.union(
  [z.strictObject({ env: z.string().min(1) }), z.strictObject({ file: z.string().min(1) })],
  { error: 'use {"env": "NAME"} or {"file": "PATH"}; never the secret itself' },
);

/** For everything that an app may attach to. */
export const secretSourceSchema = z.union(
  [
    z.strictObject({ env: z.string().min(1) }),
    z.strictObject({ file: z.string().min(1) }),
    z.strictObject({ app: z.literal(true) }),
  ],
  { error: 'use {"env": "NAME"}, {"file": "PATH"} or {"app": true}; never the secret itself' },
) satisfies z.ZodType<SecretSource>;

/** Says, for a person, what to do about a secret that is not there. */
export function missingSecretWords(source: SecretSource): string {
  if ('env' in source) return `the variable ${source.env} is not set; set it where this is started`;
  if ('file' in source) return `there is no secret in ${source.file}; write it there`;
  return 'the secret has not come from the app yet; open the app';
}
