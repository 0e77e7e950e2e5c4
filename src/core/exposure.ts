import type { PairSettings } from '../store/index.ts';

/**
 * The address of this computer at which others reach a gateway that we run, with TLS: that of its pair, where the other
 * member runs on another computer; null: nobody else has business with it.
 */
export function exposedAt(pairs: readonly PairSettings[], gatewayId: string): string | null {
  const place = pairs.find((pair) => gatewayId === pair[hereOf(pair)])?.place;
  return place?.kind === 'two-computers' ? place.hereAddress : null;
}

function hereOf({ place }: PairSettings): 'primary' | 'standby' {
  return place.kind === 'two-computers' ? place.here : 'primary';
}
