import { release, type } from 'node:os';

import { app } from 'electron';

import type { Core } from '../core/index.ts';
import type { CoreAbout } from '../core/index.node.ts';
import type { Diagnostics } from '../shared/index.ts';

/** What a person copies into a bug report: versions and places, no names of gateways and no secret. */
export function collectDiagnostics(options: {
  readonly home: string;
  readonly about: CoreAbout;
  readonly updates: string;
  readonly core: Core;
}): Diagnostics {
  const { about } = options;
  const pairs = options.core.state().pairs;
  const guarded = pairs.filter((pair) => pair.cover !== 'unguarded').length;
  return {
    version: app.getVersion(),
    electron: process.versions.electron,
    chromium: process.versions.chrome,
    node: process.versions.node,
    system: `${type()} ${release()} ${process.arch}`,
    home: options.home,
    settingsFile: about.settingsFile,
    keyring: about.keyring,
    gatewayRuntime: about.gatewayRuntime,
    guardian:
      pairs.length === 0 ? 'no pair is set up' : `${guarded} of ${pairs.length} pairs guarded`,
    updates: options.updates,
  };
}
