import { z } from 'zod';

import { fail, ok, type Result } from '../base/index.ts';
import type { TrustDecision } from '../shared/index.ts';

const decision = z.strictObject({
  atMs: z.number(),
  principal: z.string(),
  action: z.string(),
  resource: z.string(),
  effect: z.enum(['allow', 'deny']),
  rule: z.string(),
  count: z.int().positive(),
  detail: z.string(),
}) satisfies z.ZodType<TrustDecision>;

/** One decision as one line of the log, line break included. */
export function decisionLine(entry: TrustDecision): string {
  return `${JSON.stringify(decision.parse(entry))}\n`;
}

/** Reads a line of the log; the failure says what is wrong with it. */
export function parseDecisionLine(line: string): Result<TrustDecision, string> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return fail('not JSON');
  }
  const parsed = decision.safeParse(value);
  return parsed.success
    ? ok(parsed.data)
    : fail(
        `not a decision: ${parsed.error.issues.map((issue) => issue.path.join('.') || issue.message).join(', ')}`,
      );
}
