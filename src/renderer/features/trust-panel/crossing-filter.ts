import type { TrustDecision } from '../../../shared/index.ts';

export const crossingDirections = ['out', 'in', 'here'] as const;
/** Sent from here (by a person or an agent), come from a gateway, or of this app. */
export type CrossingDirection = (typeof crossingDirections)[number];

/** Which crossings a person wants to see; null and an empty text: any. */
export interface CrossingFilter {
  readonly direction: CrossingDirection | null;
  readonly effect: TrustDecision['effect'] | null;
  /** An action of the log. */
  readonly kind: string | null;
  readonly text: string;
}

export const noFilter: CrossingFilter = { direction: null, effect: null, kind: null, text: '' };

/** Which way a crossing went, or would have gone. */
export function directionOf({
  principal,
  resource,
}: Pick<TrustDecision, 'principal' | 'resource'>): CrossingDirection {
  if (principal.startsWith('gateway:')) return 'in';
  // An answer that is handed to an agent came from the domain that was asked.
  if (resource.startsWith('agent:')) return 'in';
  const leaves = resource.startsWith('session:') || resource.startsWith('connection:');
  return leaves && principal !== 'app' ? 'out' : 'here';
}

/** Whether the filter lets a decision through. `shown`: all that its row says, which the text is looked for in. */
export function matchesFilter(
  filter: CrossingFilter,
  decision: TrustDecision,
  shown: string,
): boolean {
  const { direction, effect, kind } = filter;
  const text = filter.text.trim().toLocaleLowerCase();
  return (
    (direction === null || directionOf(decision) === direction) &&
    (effect === null || decision.effect === effect) &&
    (kind === null || decision.action === kind) &&
    (text === '' ||
      `${shown} ${decision.rule} ${decision.detail}`.toLocaleLowerCase().includes(text))
  );
}
