import { join } from 'node:path';

import type { Clock, Logger, Random } from '../base/index.ts';
import { gatewayFolder } from '../gateways/index.node.ts';
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
import type { FindGuardian, MissingGuardian } from './ports.ts';

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
 * The guardian of a profile on this machine. Each call looks at the settings as they are then: pairs that are no longer
 * there end their guardian; while the settings have a fault, nothing is ended.
 */
export function findGuardian(options: GuardianOptions): FindGuardian {
  const { home, clock, t, node } = options;
  const stateDir = join(home, 'guardian');
  const socket = socketPath(home);
  const configPath = join(stateDir, 'guardian.json');
  return async (secret) => {
    const settings = options.settings.current();
    if (settings.pairs.length === 0 && options.settings.problems().length === 0) {
      await endGuardian(socket);
    }
    const config = guardianConfig(
      settings,
      { stateDir, socket, files: (gatewayId) => gatewayFolder(home, gatewayId) },
      t,
    );
    if (!config.ok || node === null) {
      return {
        missing: config.ok ? t('pair.no-node') : config.error,
        holders: await readHolders(
          stateDir,
          settings.pairs.map((pair) => pair.id),
        ),
      };
    }
    return {
      attach: () => {
        writeGuardianConfig(configPath, config.value);
        return attachGuardian({
          node,
          entry: options.entry,
          configPath,
          socket,
          logPath: join(home, 'logs', 'guardian.log'),
          credentials: secret,
          clock,
          random: options.random,
          logger: options.logger,
        });
      },
    };
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
