import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { fail } from '../base/index.ts';
import type { Clock, Logger, Random } from '../base/index.ts';
import { enrol } from '../cloud/index.ts';
import { nodePortalFetch } from '../cloud/index.node.ts';
import { createSupervisor } from '../gateways/index.ts';
import {
  certificateFingerprint,
  createDeviceIdentity,
  createGatewayBackups,
  createNodeProcessHost,
  createNodeWire,
  gatewayFolder,
} from '../gateways/index.node.ts';
import type { GatewayRuntime } from '../gateways/index.node.ts';
import { registerPath } from '../ha/index.node.ts';
import type { Notice, Translate } from '../shared/index.ts';
import { homePaths, openDatabase, openSettingsFile, openVault } from '../store/index.node.ts';
import { loadPolicy, openTrustFolder } from '../trust/index.node.ts';
import { agentToolsProgram, createAgentTools } from './agent-tools.node.ts';
import { createCore } from './core.ts';
import { exposedAt } from './exposure.ts';
import { fenceOf } from './fence-consent.ts';
import { measurePlaces } from './gateway-places.node.ts';
import type { Core } from './model.ts';
import { findGuardian } from './guardian.node.ts';
import { createJoinHost } from './pair-join-host.node.ts';
import { createPairSetupHost } from './pair-setup-host.node.ts';

export interface OpenCoreOptions {
  /** The profile folder; made when missing. */
  readonly home: string;
  readonly version: string;
  /** What gateways and the guardian are run with. */
  readonly runtime: GatewayRuntime;
  /** The bundle that the managed Node runs as guardian. */
  readonly guardianEntry: string;
  /** The folder of the plugin that fences a gateway of a pair. */
  readonly fencePlugin: string;
  readonly t: Translate;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** Facts of an opened profile that are not state. */
export interface CoreAbout {
  readonly settingsFile: string;
  readonly keyring: string;
  readonly gatewayRuntime: string;
  readonly updateFeed: string | null;
  /** Whether gateways and guardian go on when the app quits: a guarded pair does, a demo world does not. */
  readonly leaveRunning: () => boolean;
}

/**
 * Opens a profile on this machine: the node adapters of every port, and the core over them. What cannot be opened but
 * can be done without becomes a notice; rejects only where nothing could be kept safe (settings, trust log).
 */
export async function openCore(
  options: OpenCoreOptions,
): Promise<{ readonly core: Core; readonly about: CoreAbout }> {
  const { home, runtime, clock, random, logger, t } = options;
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const paths = homePaths(home);
  const notices: Notice[] = [];

  const settings = await openSettingsFile(paths.settings, {
    clock,
    logger: logger.child('settings'),
  });
  const opened = openDatabase(paths.database);
  if (!opened.ok)
    notices.push({
      code: 'store-error',
      severity: 'error',
      values: { detail: opened.error.message },
    });
  const database = opened.ok ? opened : openDatabase(':memory:');
  if (!database.ok) throw new Error(database.error.message);
  const vault = await openVault(home, logger.child('vault'));
  if (vault.kind === 'memory')
    notices.push({ code: 'no-keyring', severity: 'warning', values: { detail: vault.detail } });
  const trust = await openTrustFolder({
    folder: paths.trust,
    vault,
    clock,
    logger: logger.child('trust'),
  });
  if (!trust.ok) throw new Error(trust.error.message);
  const policy = await loadPolicy(paths.trust);
  const [fault] = policy.problems;
  if (fault !== undefined)
    notices.push({
      code: 'policy-error',
      severity: 'error',
      values: { line: fault.line, message: fault.message },
    });

  const agentTools = createAgentTools({
    home,
    node: runtime.node,
    program: agentToolsProgram(options.guardianEntry),
    log: trust.value.log,
    clock,
    logger: logger.child('agents'),
  });
  const host = createNodeProcessHost({
    runtime,
    home,
    fencePlugin: (gatewayId) =>
      fenceOf(settings.current().pairs, gatewayId, {
        pluginPath: options.fencePlugin,
        registerPath: (pairId) => registerPath(join(home, 'guardian'), pairId),
      }),
    exposedAt: (gatewayId) => exposedAt(settings.current().pairs, gatewayId),
    agentTools: agentTools.install,
    rests: (gatewayId) => settings.current().resting?.includes(gatewayId) === true,
  });
  const missing = host.missingRuntime();
  const current = settings.current();
  if (missing !== null && current.gateways.some((gateway) => gateway.kind === 'managed')) {
    notices.push({ code: 'no-runtime', severity: 'error', values: { detail: missing } });
  }
  const guardian = findGuardian({
    home,
    node: runtime.node,
    entry: options.guardianEntry,
    settings,
    t,
    clock,
    random,
    logger: logger.child('guardian'),
  });

  const core = createCore({
    version: options.version,
    settings,
    database: database.value,
    vault,
    policy,
    trust: {
      ...trust.value,
      agentTools,
      keyring: { kind: vault.kind, detail: vault.detail },
      places: measurePlaces,
    },
    supervisor: createSupervisor({
      host,
      vault,
      clock,
      random,
      logger: logger.child('supervisor'),
    }),
    createWire: createNodeWire,
    certificate: (gatewayId) => certificateFingerprint(gatewayFolder(home, gatewayId).certificate),
    identity: (gatewayId, address) => createDeviceIdentity(vault, gatewayId, address),
    enrol: (portal, code) =>
      code === null
        ? Promise.resolve(fail({ kind: 'refused' as const, detail: t('portal.no-code') }))
        : enrol({ portal, code, fetch: nodePortalFetch }),
    guardian,
    backups: createGatewayBackups({ runtime, home, clock }),
    setupHost: createPairSetupHost({ home, clock, random, logger: logger.child('setup') }),
    // The bundle of the guardian lies in out/node.
    joinHost: createJoinHost(home, resolve(options.guardianEntry, '../../..')),
    notices,
    t,
    clock,
    random,
    logger,
  });
  await agentTools.open(core.agentCalls);
  return {
    core,
    about: {
      settingsFile: settings.path,
      keyring: vault.detail,
      gatewayRuntime: missing ?? `${runtime.openclaw ?? ''} on ${runtime.node ?? ''}`,
      updateFeed: current.updates.feed,
      leaveRunning: () => {
        const { pairs, demo } = settings.current();
        return pairs.length > 0 && !demo;
      },
    },
  };
}
