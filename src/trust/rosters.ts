import { fail, ok, type Result } from '../base/index.ts';
import type { DomainId } from '../shared/index.ts';

/** A gateway's identity: the pin of its key, and the domain it was paired in. */
export interface PinnedIdentity {
  readonly pin: string;
  readonly domain: DomainId;
}

/** Which pinned identity is of which domain. What is not in it is of none. */
export interface Rosters {
  domainOf(pin: string): DomainId | null;
}

/** Makes the rosters; fails, naming both domains, where one identity would be in two. */
export function createRosters(identities: readonly PinnedIdentity[]): Result<Rosters, string> {
  const domains = new Map<string, DomainId>();
  for (const { pin, domain } of identities) {
    const known = domains.get(pin);
    if (known !== undefined && known !== domain)
      return fail(
        `the gateway with the key ${pin} is in “${known}” already, and cannot be in “${domain}” too`,
      );
    domains.set(pin, domain);
  }
  return ok({ domainOf: (pin) => domains.get(pin) ?? null });
}
