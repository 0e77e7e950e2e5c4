/**
 * What a person has allowed an agent in advance: so many crossings of so many bytes, for so long.
 *
 * Invariants
 * 1. What can leave by a grant is at most `calls` × `bytesEach`; a grant can only be used up, never filled up.
 * 2. A grant is of one epoch, and for one edge, one session and one key of the gateway at its end.
 * 3. Grants are in memory only: none outlives the process.
 */
import { fail, ok, type Result } from '../../base/index.ts';
import type { CrossingAction, DomainId, GrantTerms } from '../../shared/index.ts';

/** What a grant is for; two grants for the same are one, the later. */
export interface GrantScope {
  readonly from: DomainId;
  readonly to: DomainId;
  readonly action: CrossingAction;
  readonly sessionKey: string;
  readonly pin: string;
}

export interface Grant extends GrantScope {
  readonly callsLeft: number;
  readonly bytesEach: number;
  /** On the clock that does not jump. */
  readonly untilMs: number;
  readonly epoch: number;
}

/** No grant may be wider than this. */
export const widestGrant: GrantTerms = { calls: 10, bytesEach: 2_000, forMs: 30 * 60_000 };

export interface Grants {
  /** Fails, in words for people, when the terms are none or wider than the widest. */
  check(terms: GrantTerms): Result<null, string>;
  /** Gives it in place of an earlier one of this scope. The terms have been checked. */
  give(scope: GrantScope, terms: GrantTerms, epoch: number, nowMs: number): Grant;
  /** The grant that covers so many bytes now; null without. */
  covering(scope: GrantScope, bytes: number, epoch: number, nowMs: number): Grant | null;
  /** Takes one call off. */
  charge(scope: GrantScope): void;
  /** Ends those from a domain, or all. */
  drop(from?: DomainId): void;
  list(nowMs: number): readonly Grant[];
}

/** Makes an empty set. */
export function createGrants(widest: GrantTerms = widestGrant): Grants {
  const grants = new Map<string, Grant>();
  return {
    check: ({ calls, bytesEach, forMs }) => {
      const isWithin =
        within(calls, widest.calls) &&
        within(bytesEach, widest.bytesEach) &&
        within(forMs, widest.forMs);
      return isWithin
        ? ok(null)
        : fail(
            `A grant is for 1 to ${widest.calls} calls of 1 to ${widest.bytesEach} bytes, and lasts at most ${widest.forMs / 60_000} minutes.`,
          );
    },
    give: (scope, { calls, bytesEach, forMs }, epoch, nowMs) => {
      const grant = { ...scope, callsLeft: calls, bytesEach, untilMs: nowMs + forMs, epoch };
      grants.set(nameOf(scope), grant);
      return grant;
    },
    covering: (scope, bytes, epoch, nowMs) => {
      const grant = grants.get(nameOf(scope));
      if (grant === undefined || nowMs >= grant.untilMs || grant.epoch !== epoch) return null;
      return grant.callsLeft > 0 && bytes <= grant.bytesEach ? grant : null;
    },
    charge: (scope) => {
      const grant = grants.get(nameOf(scope));
      if (grant !== undefined)
        grants.set(nameOf(scope), { ...grant, callsLeft: grant.callsLeft - 1 });
    },
    drop: (from) => {
      for (const [name, grant] of grants)
        if (from === undefined || grant.from === from) grants.delete(name);
    },
    list: (nowMs) =>
      [...grants.values()].filter(({ callsLeft, untilMs }) => callsLeft > 0 && nowMs < untilMs),
  };
}

function nameOf({ from, to, action, sessionKey, pin }: GrantScope): string {
  return JSON.stringify([from, to, action, sessionKey, pin]);
}

function within(value: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= 1 && value <= most;
}
