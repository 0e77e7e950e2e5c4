import type { BoundaryView, GatewayPlace } from '../shared/index.ts';

/** What was measured of a personal gateway. */
export interface MeasuredPlace {
  readonly gatewayId: string;
  readonly place: GatewayPlace;
  readonly detail: string;
}

/**
 * How much lies between an agent of personal and this app. One gateway that runs as the user of the app makes it weak: its
 * agents' shell can do what the app can.
 */
export function boundaryOf(
  gateways: readonly MeasuredPlace[],
  keyring: BoundaryView['keyring'],
): BoundaryView {
  const is = (place: GatewayPlace): boolean => gateways.some((one) => one.place === place);
  const strength = ((): BoundaryView['strength'] => {
    if (gateways.length === 0) return 'unknown';
    if (is('same-user')) return 'weak';
    return is('unknown') || keyring.kind === 'memory' ? 'fair' : 'strong';
  })();
  return { strength, gateways, keyring };
}
