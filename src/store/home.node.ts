import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/** Where everything of a profile is. */
export interface HomePaths {
  readonly home: string;
  readonly settings: string;
  readonly database: string;
  /** The trust area's folder: the decision log and, if a person wrote one, a policy. */
  readonly trust: string;
}

/** The profile folder: `--home DIR`, else `SWITCHYARD_HOME`, else the system's place for an app's data. */
export function resolveHome(
  argument: string | null,
  environment: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): string {
  const chosen = argument ?? environment['SWITCHYARD_HOME'] ?? '';
  if (chosen !== '') return resolve(chosen);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'Switchyard');
  if (platform === 'win32')
    return join(environment['APPDATA'] ?? join(homedir(), 'AppData', 'Roaming'), 'Switchyard');
  return join(environment['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'), 'switchyard');
}

/** The files of the profile in `home`. */
export function homePaths(home: string): HomePaths {
  return {
    home,
    settings: join(home, 'settings.json'),
    database: join(home, 'switchyard.sqlite'),
    trust: join(home, 'trust'),
  };
}
