import type { FencePluginInstall } from '../gateways/index.ts';
import type { PairSettings, Settings } from '../store/index.ts';
import { exposedAt } from './exposure.ts';

/**
 * The fence that a gateway that we run carries: the one of its pair, where the person agreed to it (`plugin` of the pair);
 * else null, and one that was installed earlier is taken out at the gateway's next start.
 */
export function fenceOf(
  pairs: readonly PairSettings[],
  gatewayId: string,
  place: {
    readonly pluginPath: string;
    readonly registerPath: (pairId: string) => string;
  },
): FencePluginInstall | null {
  const pair = pairs.find(({ primary, standby }) => primary === gatewayId || standby === gatewayId);
  if (pair?.plugin !== true) return null;
  const common = { pair: pair.id, gateway: gatewayId };
  return {
    pluginPath: place.pluginPath,
    config:
      pair.place.kind === 'this-computer'
        ? { ...common, mode: 'held', registerPath: place.registerPath(pair.id) }
        : { ...common, mode: 'timed' },
  };
}

/** Whether a gateway has to start anew: for the fence that `b` wants of it, or none, to be reached as `b` says, or to rest. */
export function startChanged(
  a: Pick<Settings, 'pairs' | 'resting'>,
  b: Pick<Settings, 'pairs' | 'resting'>,
  gatewayId: string,
): boolean {
  const wanted = ({ pairs, resting = [] }: Pick<Settings, 'pairs' | 'resting'>): string =>
    JSON.stringify([
      fenceOf(pairs, gatewayId, { pluginPath: '', registerPath: (pairId) => pairId }),
      exposedAt(pairs, gatewayId),
      resting.includes(gatewayId),
    ]);
  return wanted(a) !== wanted(b);
}
