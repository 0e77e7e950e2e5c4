/** How providers say what went wrong: one kind, one sentence, never a secret. */
import { fail } from '../../base/index.ts';
import type { DnsFailure } from './model.ts';

interface Failed {
  readonly ok: false;
  readonly error: DnsFailure;
}

/** A newer epoch is written there already. */
export function superseded(where: string, there: number, ours: number): Failed {
  return fail({
    kind: 'superseded',
    epoch: there,
    detail: `${where} carries epoch ${String(there)}, which is newer than ${String(ours)}, so it is left alone. If the pair was set up anew, set the mark “switchyard epoch=${String(there)}” there to 0.`,
  });
}

/** It may pass by itself; `retryAfterMs` where the server said when. */
export function later(detail: string, retryAfterMs: number | null = null): Failed {
  return fail({ kind: 'later', detail, retryAfterMs });
}

/** A person has to do something. */
export function wrong(detail: string): Failed {
  return fail({ kind: 'wrong', detail });
}

/** The name holds an address of another family, which a change of ours would not touch. */
export function otherFamily(where: string, name: string, address: string): Failed {
  return wrong(
    `${where} also holds ${address} for ${name}, which is of the other address family, so some clients would go there after a takeover. Remove it, or give both gateways addresses of one family.`,
  );
}

/** A server's own words, shortened to one line, with every secret taken out. */
export function quoted(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== '') clean = clean.replaceAll(secret, '[secret]');
  return clean.replace(/\s+/gu, ' ').trim().slice(0, 200);
}
