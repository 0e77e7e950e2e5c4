import { fail, ok } from '../base/index.ts';
import type { Result } from '../base/index.ts';
import type { GuardianConfigInput } from '../ha/index.ts';
import type { Translate } from '../shared/index.ts';
import type { Settings } from '../store/index.ts';

/**
 * The guardian's configuration for the pairs of the settings. Both members must be gateways that we run here; a pair
 * that is not is refused in words.
 */
export function guardianConfig(
  settings: Settings,
  place: { readonly stateDir: string; readonly socket: string },
  t: Translate,
): Result<GuardianConfigInput, string> {
  const pairs: GuardianConfigInput['pairs'] = [];
  for (const pair of settings.pairs) {
    const primary = member(settings, pair.primary);
    const standby = member(settings, pair.standby);
    if (primary === null || standby === null)
      return fail(t('pair.not-managed', { name: pair.name }));
    pairs.push({
      id: pair.id,
      name: pair.name,
      domain: primary.domain,
      primary: primary.config,
      standby: standby.config,
    });
  }
  return ok({ version: 1, ...place, pairs });
}

function member(settings: Settings, gatewayId: string) {
  const gateway = settings.gateways.find((candidate) => candidate.id === gatewayId);
  if (gateway?.kind !== 'managed') return null;
  const { id, name, port } = gateway;
  return {
    domain: gateway.domain,
    config: { id, name, url: `ws://127.0.0.1:${port}`, token: { app: true as const } },
  };
}
