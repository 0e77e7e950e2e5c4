import type { Bridge, OverlayState } from '../../shared/index.ts';
import type { ProjectionSource } from '../state/projection.ts';

export interface OverlayMessage {
  readonly revision: number;
  readonly state: OverlayState;
}

/** The overlay's state carries no revision of its own: what arrives later is newer, and a snapshot is older than any change. */
export function overlaySource(
  bridge: Bridge<'overlay'>['overlay'],
): ProjectionSource<OverlayMessage> {
  let arrived = 0;
  return {
    get: async () => {
      const reply = await bridge.get();
      return reply.ok ? { ok: true, value: { revision: 0, state: reply.value } } : reply;
    },
    onChanged: (listener) =>
      bridge.onChanged((state) => {
        arrived += 1;
        listener({ revision: arrived, state });
      }),
  };
}
