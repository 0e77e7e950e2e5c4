import { createTranslator } from '../../shared/index.ts';
import type { Domain, DomainColour } from '../../shared/index.ts';

/** The page's translator, in the person's language. */
export const t = createTranslator(navigator.language);

/** The colour of a domain that may have gone from the settings since; neutral then. */
export function toneOf(domains: readonly Domain[], id: string | null): DomainColour {
  return domains.find((domain) => domain.id === id)?.colour ?? 'slate';
}

/** The name of a domain that may have gone from the settings since; its id then. */
export function domainName(domains: readonly Domain[], id: string): string {
  return domains.find((domain) => domain.id === id)?.name ?? id;
}
