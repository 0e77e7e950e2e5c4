import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

import { fail, ok, type Result } from '../../base/index.ts';
import type { TrustDecision } from '../../shared/index.ts';
import { exactJson, sha256 } from './verify-log.node.ts';

/** What there was before the audit log: `decisions.jsonl`, plain lines without a chain or signature. */
export interface FormerLog {
  readonly decisions: readonly TrustDecision[];
  /** What the new log says of it; its hash makes later changes known. */
  readonly words: string;
}

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

/** Reads it; null when there is none. */
export function readFormerLog(path: string): FormerLog | null {
  if (!existsSync(path)) return null;
  const text = readFileSync(path, 'utf8');
  const decisions = text.split('\n').flatMap((line) => {
    const parsed = parseLine(line);
    return parsed.ok ? [parsed.value] : [];
  });
  return { decisions, words: wordsOf(text, decisions.length) };
}

/** Whether it is still as it was when it was migrated; null: it is. */
export function changeOfFormerLog(path: string, words: string): string | null {
  if (!existsSync(path)) return 'decisions.jsonl, the former log, is gone';
  const now = readFormerLog(path);
  return now?.words === words
    ? null
    : 'decisions.jsonl, the former log, is not as it was when this log began';
}

function wordsOf(text: string, count: number): string {
  return `decisions.jsonl, ${count} decisions, SHA-256 ${sha256(text)}`;
}

function parseLine(line: string): Result<TrustDecision, null> {
  const parsed = decision.safeParse(exactJson(line));
  return parsed.success ? ok(parsed.data) : fail(null);
}
