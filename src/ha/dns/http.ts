/** HTTP as a port: one request, one whole answer. */
import type { Result } from '../../base/index.ts';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  header(name: string): string | null;
  readonly text: string;
}

/** Never rejects and follows no redirect (a credential goes only where it was meant to); the error is a sentence. */
export type Http = (request: HttpRequest) => Promise<Result<HttpAnswer, string>>;

/** The wait that a server asked for: `Retry-After` in seconds or as a date. Null: it did not say. */
export function retryAfterMs(answer: HttpAnswer, wallMs: number): number | null {
  const text = answer.header('retry-after');
  if (text === null || text === '') return null;
  if (/^\d{1,6}$/u.test(text)) return Number(text) * 1000;
  const atMs = Date.parse(text);
  return Number.isNaN(atMs) ? null : Math.max(0, atMs - wallMs);
}

/** The JSON of an answer, or null where it is none. */
export function jsonOf(answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text) as unknown;
  } catch {
    return null;
  }
}
