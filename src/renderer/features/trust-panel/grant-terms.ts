import type { GrantTerms } from '../../../shared/index.ts';

/** What a person typed for a grant: calls, bytes of each, minutes. */
export interface TypedTerms {
  readonly calls: string;
  readonly bytesEach: string;
  readonly minutes: string;
}

const minuteMs = 60_000;

/** What a form of a grant begins with: little of each, and never more than `widest`. */
export function firstTerms(widest: GrantTerms): TypedTerms {
  return {
    calls: String(Math.min(3, widest.calls)),
    bytesEach: String(Math.min(500, widest.bytesEach)),
    minutes: String(Math.min(10, mostMinutes(widest))),
  };
}

/** How many whole minutes a grant may last. */
export function mostMinutes(widest: GrantTerms): number {
  return Math.floor(widest.forMs / minuteMs);
}

/** The terms that were typed; null when one is no whole number from 1 to what `widest` has. */
export function readTerms(typed: TypedTerms, widest: GrantTerms): GrantTerms | null {
  const calls = whole(typed.calls, widest.calls);
  const bytesEach = whole(typed.bytesEach, widest.bytesEach);
  const minutes = whole(typed.minutes, mostMinutes(widest));
  return calls === null || bytesEach === null || minutes === null
    ? null
    : { calls, bytesEach, forMs: minutes * minuteMs };
}

function whole(text: string, most: number): number | null {
  if (!/^\d{1,9}$/u.test(text.trim())) return null;
  const value = Number(text);
  return value >= 1 && value <= most ? value : null;
}
