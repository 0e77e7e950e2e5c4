import { join } from 'node:path';

import { app } from 'electron';

import type { GatewayRuntime } from '../../gateways/index.node.ts';

export interface AppPaths {
  readonly rendererRoot: string;
  readonly preload: string;
  readonly icons: string;
  /** Run by the managed Node, which cannot read inside an asar archive: packaged, it lies beside it. */
  readonly guardianEntry: string;
  /** Loaded by OpenClaw, which cannot read inside an asar archive either. */
  readonly fencePlugin: string;
}

/** Where the parts of the built app lie, from a checkout and packaged alike. */
export function appPaths(): AppPaths {
  const root = app.getAppPath();
  const unpacked = app.isPackaged ? root.replace(/app\.asar$/u, 'app.asar.unpacked') : root;
  return {
    rendererRoot: join(root, 'out', 'renderer'),
    preload: join(root, 'out', 'preload', 'index.cjs'),
    icons: join(root, 'resources', 'icons'),
    guardianEntry: join(unpacked, 'out', 'node', 'guardian.js'),
    fencePlugin: join(unpacked, 'out', 'gateway-plugin'),
  };
}

/**
 * What gateways and the guardian are run with: what the environment names, else the Node that ships in the package.
 * Never Electron's own binary, which is no Node for OpenClaw.
 */
export function gatewayRuntime(): GatewayRuntime {
  const shipped = join(
    process.resourcesPath,
    'node',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  return {
    node: process.env['SWITCHYARD_NODE'] ?? (app.isPackaged ? shipped : null),
    openclaw: process.env['SWITCHYARD_OPENCLAW'] ?? null,
  };
}
