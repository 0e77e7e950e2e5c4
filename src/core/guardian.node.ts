import { join } from 'node:path';

import type { Clock, Logger, Random } from '../base/index.ts';
import {
  attachGuardian,
  endGuardian,
  readHolder,
  socketPath,
  writeGuardianConfig,
} from '../ha/index.node.ts';
import type { Translate } from '../shared/index.ts';
import type { SettingsFile } from '../store/index.ts';
import { guardianConfig } from './guardian-config.ts';
import type { Guardian, MissingGuardian } from './ports.ts';

export interface GuardianOptions {
  readonly home: string;
  /** The Node that runs it; null where there is none. */
  readonly node: string | null;
  /** Its bundle. */
  readonly entry: string;
  readonly settings: SettingsFile;
  readonly t: Translate;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/**
 * Finds out how the pairs of the settings can be guarded. The answer attaches to the guardian (or starts it) when it is
 * called, or says why there is none and who was active last. A guardian that an earlier run left for pairs that are no
 * longer in the settings is ended here; while the settings have a fault, nothing is.
 */
export async function prepareGuardian(
  options: GuardianOptions,
): Promise<(token: (gatewayId: string) => Promise<string | null>) => Guardian | MissingGuardian> {
  const { home, clock, t } = options;
  const settings = options.settings.current();
  const stateDir = join(home, 'guardian');
  const socket = socketPath(home);
  if (settings.pairs.length === 0 && options.settings.problems().length === 0) {
    await endGuardian(socket);
  }
  const config = guardianConfig(settings, { stateDir, socket }, t);
  const { node } = options;
  if (!config.ok || node === null) {
    const missing: MissingGuardian = {
      missing: config.ok ? t('pair.no-node') : config.error,
      holders: await readHolders(
        stateDir,
        settings.pairs.map((pair) => pair.id),
      ),
    };
    return () => missing;
  }
  const configPath = join(stateDir, 'guardian.json');
  return (token) => {
    writeGuardianConfig(configPath, config.value);
    return attachGuardian({
      node,
      entry: options.entry,
      configPath,
      socket,
      logPath: join(home, 'logs', 'guardian.log'),
      credentials: token,
      clock,
      random: options.random,
      logger: options.logger,
    });
  };
}

async function readHolders(
  stateDir: string,
  pairIds: readonly string[],
): Promise<MissingGuardian['holders']> {
  const holders: Record<string, string | null> = {};
  for (const pairId of pairIds) {
    const found = await readHolder(stateDir, pairId);
    if (found === 'unreadable') holders[pairId] = null;
    else if (found !== 'none') holders[pairId] = found.holder;
  }
  return holders;
}
