import type { BackupProgress } from '../shared/index.ts';
import type { Core, CoreOptions } from './model.ts';
import { createPairBackups } from './pair-backup.ts';
import { createPairFiles } from './pair-files.ts';
import { createPairSetup } from './pair-setup.ts';
import { createWayBack } from './pair-single.ts';
import { createPairTake } from './pair-take.ts';
import type { WayBackPorts } from './pair-single.ts';

export interface PairCarePorts extends Pick<WayBackPorts, 'views' | 'command' | 'waiting'> {
  readonly nameOf: (gatewayId: string) => string;
  readonly token: (gatewayId: string) => Promise<string | null>;
  readonly backupsChanged: (progress: readonly BackupProgress[]) => void;
}

/** What begins and ends pairs: their set-up, joining one of another computer, the backups before it, and the way back to a single gateway. */
export function createPairCare(
  { settings, vault, backups, setupHost, joinHost, certificate, clock, random, t }: CoreOptions,
  { views, command, waiting, nameOf, token, backupsChanged }: PairCarePorts,
): Pick<Core, 'pairSetup' | 'pairTake' | 'pairFiles' | 'pairBackups' | 'wayBack'> {
  const pairBackups = createPairBackups({ backups, nameOf, changed: backupsChanged, clock, t });
  return {
    pairBackups,
    pairTake: createPairTake({ host: joinHost, t }),
    pairFiles: createPairFiles({ settings, host: setupHost, t }),
    wayBack: createWayBack({ settings, vault, views, command, waiting, clock, t }),
    pairSetup: createPairSetup({
      settings,
      vault,
      host: setupHost,
      random,
      t,
      backups: pairBackups,
      waiting,
      token,
      certificate,
    }),
  };
}
