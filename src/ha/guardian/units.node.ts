import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import { dirname, join, resolve } from 'node:path';

import { errorText } from '../../base/index.ts';
import { readGuardianConfig } from '../config.node.ts';
import type { Invocation, UnitSystem } from './arguments.ts';
import { exitCodes } from './exit-codes.ts';
import { fillUnit } from './unit-text.ts';

interface Unit {
  readonly template: string;
  readonly format: 'systemd' | 'launchd';
  /** Where the system looks for it. */
  readonly path: () => string;
  /** How it is switched on. */
  readonly next: (path: string) => string;
}

const units: Readonly<Record<UnitSystem, Unit>> = {
  systemd: {
    template: 'switchyard-guardian.service',
    format: 'systemd',
    path: () =>
      join(
        process.env['XDG_CONFIG_HOME'] ?? join(homedir(), '.config'),
        'systemd/user/switchyard-guardian.service',
      ),
    next: () =>
      'systemctl --user daemon-reload && systemctl --user enable --now switchyard-guardian',
  },
  'systemd-system': {
    template: 'switchyard-guardian.system.service',
    format: 'systemd',
    path: () => '/etc/systemd/system/switchyard-guardian.service',
    next: () => 'systemctl daemon-reload && systemctl enable --now switchyard-guardian',
  },
  launchd: {
    template: 'switchyard.guardian.plist',
    format: 'launchd',
    path: () => join(homedir(), 'Library/LaunchAgents/switchyard.guardian.plist'),
    next: (path) => `launchctl bootstrap gui/${userInfo().uid} '${path}'`,
  },
};

/** Prints a service for this machine, or puts it where the system finds it; gives the exit code. */
export function provideUnit(asked: Extract<Invocation, { kind: 'units' }>): number {
  const config = readGuardianConfig(asked.config);
  if (!config.ok) {
    process.stderr.write(`${config.error}\n`);
    return exitCodes.config;
  }
  const unit = units[asked.system];
  const [, entry = ''] = process.argv;
  const log = asked.log === null ? [] : ['--log', resolve(asked.log)];
  const text = fillUnit(readTemplate(unit.template, dirname(resolve(entry))), unit.format, {
    command: [
      process.execPath,
      resolve(entry),
      '--config',
      resolve(asked.config),
      '--watch',
      '--wait',
      ...log,
    ],
    user: userInfo().username,
  });
  if (!asked.install) {
    process.stdout.write(text);
    return exitCodes.ended;
  }
  const path = unit.path();
  try {
    if (existsSync(path) && readFileSync(path, 'utf8') !== text) {
      process.stderr.write(`${path} is there and says something else; remove it first.\n`);
      return exitCodes.refused;
    }
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  } catch (error) {
    process.stderr.write(`${path} cannot be written (${errorText(error)}).\n`);
    return exitCodes.cannotCreate;
  }
  process.stdout.write(`Wrote ${path}. Now: ${unit.next(path)}\n`);
  return exitCodes.ended;
}

/** The templates lie in the package, some folders above the program: `resources/units`. */
function readTemplate(name: string, from: string): string {
  const path = join(from, 'resources/units', name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  if (dirname(from) === from) throw new Error(`resources/units/${name} is missing`);
  return readTemplate(name, dirname(from));
}
