/**
 * Who may call, by the tokens of this start.
 *
 * Invariants
 * 1. A token is 256 random bits, kept here as its hash only, and compared with all of them in constant time.
 * 2. After `mostFailures` wrong tokens within a minute nobody is let in for `lockMs`, whatever the token.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';

import type { Clock } from '../../base/index.ts';
import type { DomainId } from '../../shared/index.ts';
import type { Caller } from '../broker/crossing.ts';
import { createRates } from '../broker/rates.ts';
import { hashOf, proofOf, type ProofRequest } from './proof.node.ts';

/** A gateway whose agents have the tools. */
export interface DoorClient {
  /** The gateway's id. */
  readonly id: string;
  /** The gateway's own domain. */
  readonly domain: DomainId;
}

export interface Callers {
  /** Lets a client in; gives its token, the only time. An earlier one of it is void. */
  admit(client: DoorClient): string;
  /** From now on its token is nobody's. */
  dismiss(id: string): void;
  clients(): readonly DoorClient[];
  /** Who has this token. */
  find(token: string): Caller | 'unknown' | 'locked';
  /** That we know the token of this client; for one that nobody is, what looks like it. */
  prove(asked: ProofRequest): string;
  /** Whether this very admission still holds. */
  isAdmitted(caller: Caller): boolean;
}

const mostFailures = { count: 10, withinMs: 60_000 };
const lockMs = 60_000;

/** Knows nobody at first. */
export function createCallers(clock: Clock): Callers {
  const admitted = new Map<string, { readonly caller: Caller; readonly hash: Buffer }>();
  const failures = createRates([mostFailures]);
  let lockedUntilMs = 0;
  const nobody = randomBytes(32);
  return {
    admit: ({ id, domain }) => {
      const token = randomBytes(32).toString('base64url');
      admitted.set(id, { caller: { id, domain }, hash: hashOf(token) });
      return token;
    },
    dismiss: (id) => {
      admitted.delete(id);
    },
    clients: () => [...admitted.values()].map(({ caller }) => caller),
    find: (token) => {
      const nowMs = clock.bootMs();
      if (nowMs < lockedUntilMs) return 'locked';
      const given = hashOf(token);
      let found: Caller | null = null;
      for (const { caller, hash } of admitted.values())
        if (timingSafeEqual(given, hash)) found = caller; // all of them, so that the time says nothing
      if (found !== null) return found;
      failures.take(nowMs);
      if (!failures.hasRoom(nowMs)) lockedUntilMs = nowMs + lockMs;
      return 'unknown';
    },
    prove: (asked) => proofOf(admitted.get(asked.client)?.hash ?? nobody, asked),
    isAdmitted: (caller) => admitted.get(caller.id)?.caller === caller,
  };
}
