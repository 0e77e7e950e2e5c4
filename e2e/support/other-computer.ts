/**
 * The other computer of a pair, as somebody else runs it: a real gateway with a certificate of its own, and a guardian that
 * is started from the files that the app wrote. It is a network namespace of a lab.
 */
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';

import { certificateFingerprint, gatewayFolder } from '../../src/gateways/index.node.ts';
import type { GatewayRuntime } from '../../src/gateways/index.node.ts';
import type { ManagedGateway } from '../../src/gateways/index.ts';
import { gatewayEnvironment, openClawConfig } from '../../src/gateways/openclaw-config.ts';
import { run } from '../failover/lab/commands.ts';
import { startProcess, type LabProcess } from '../failover/lab/process.ts';
import { guardianProgram } from '../failover/world/programs.ts';

export interface OtherComputer {
  /** SHA-256 of its gateway's certificate. */
  readonly fingerprint: string;
  readonly token: string;
  /** Does with the files that the app wrote what it says to do with them. */
  join(written: string): Promise<void>;
  /** Approves a device, as its owner would on its command line. */
  approve(requestId: string): Promise<void>;
  close(): Promise<void>;
}

export interface OtherComputerOptions {
  readonly namespace: string;
  readonly folder: string;
  readonly address: string;
  readonly gatewayId: string;
  readonly port: number;
  readonly runtime: GatewayRuntime;
}

const root = resolve(import.meta.dirname, '../..');

/** Prepares it; gateway and guardian are started by `join`. */
export async function prepareOtherComputer(options: OtherComputerOptions): Promise<OtherComputer> {
  const { namespace, runtime, gatewayId } = options;
  const { node, openclaw } = runtime;
  if (node === null || openclaw === null) throw new Error('no gateway runtime');
  const token = 'token-of-the-other-computer';
  const started: LabProcess[] = [];
  const start = (
    name: string,
    args: readonly string[],
    through: readonly string[] = [],
    environment: Readonly<Record<string, string>> = {},
  ): LabProcess => {
    const command = ['netns', 'exec', namespace, ...through, node, ...args];
    const child = startProcess(name, 'ip', command, environment);
    started.push(child);
    return child;
  };

  const files = gatewayFolder(options.folder, gatewayId);
  const tls = dirname(files.certificate);
  for (const path of [files.workspace, files.temporary, files.logs, tls])
    mkdirSync(path, { recursive: true });
  await run('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
    ...['-days', '2', '-subj', '/CN=bath', '-out', files.certificate],
    ...['-keyout', join(tls, 'gateway-key.pem')],
  ]);
  const model = start('model', [join(root, 'e2e/support/echo-model-main.ts')]);
  const modelUrl = await model.line((line) => line.startsWith('http'));
  const gateway: ManagedGateway = {
    id: gatewayId,
    name: gatewayId,
    domain: 'personal',
    kind: 'managed',
    port: options.port,
    model: { provider: 'echo', baseUrl: `${modelUrl}/personal/v1`, id: 'echo' },
  };
  const environment = gatewayEnvironment(process.env, files, token);

  return {
    fingerprint: (await certificateFingerprint(files.certificate)) ?? '',
    token,
    join: async (written) => {
      const joined = join(options.folder, basename(written));
      cpSync(written, joined, { recursive: true });
      const plugin = readFileSync(join(joined, 'plugin.json'), 'utf8').replace('SWITCHYARD', root);
      const config = JSON.parse(openClawConfig(gateway, files, '/', options.address)) as object;
      writeFileSync(
        files.config,
        JSON.stringify({ ...config, ...(JSON.parse(plugin) as object) }, null, 2),
      );
      writeFileSync(join(joined, 'secrets', `token-${gatewayId}`), token);
      start(gatewayId, [openclaw, 'gateway'], [], environment);
      const guardian = start(
        'guardian',
        [guardianProgram(), '--config', 'guardian.json'],
        ['env', '-C', joined],
      );
      await guardian.line((line) => line.includes('"started"'));
    },
    approve: async (requestId) => {
      const approval = start(
        'approval',
        [openclaw, 'devices', 'approve', requestId],
        [],
        environment,
      );
      const { code } = await approval.exited;
      if (code !== 0) throw new Error(`not approved: ${approval.lines.join(' | ')}`);
    },
    close: async () => {
      await Promise.all(
        started.map((child) => (child.isRunning() ? child.end() : Promise.resolve())),
      );
    },
  };
}
