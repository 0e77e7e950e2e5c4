/** Debian's keepalived as the rival of a bench: three settings, one virtual address, one daemon on each host. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostFolder, type Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/process.ts';

export const virtualAddress = '10.77.0.100';

/**
 * `default`: what a configuration without a word of timing does, with a script that asks for readiness. `recommended`: the
 * manual’s own example of a script, VRRP 3, no preemption. `fastest`: the shortest advertisements that a busy machine
 * survives, and its only fast check: a tracked file, fed by our own deep checker at our own interval.
 */
export type KeepalivedSetting = 'default' | 'recommended' | 'fastest';

const checkEveryMs = 100;
const checkMisses = 3;

export interface Keepalived {
  /** Ends the daemon of a host in good order: it gives the address up at once. */
  handOver(host: 'a' | 'b'): Promise<void>;
  /** What a daemon said about its configuration that a reader of the figures must know. */
  complaints(): readonly string[];
  stop(): Promise<void>;
}

/** Starts a daemon on both hosts; resolves when host A has the address. */
export async function startKeepalived(
  lab: Lab,
  setting: KeepalivedSetting,
  gatewayPort: number,
): Promise<Keepalived> {
  const daemons = new Map<'a' | 'b', LabProcess>();
  const checkers: LabProcess[] = [];
  for (const host of ['a', 'b'] as const) {
    const folder = join(hostFolder(lab, host), 'keepalived');
    mkdirSync(folder, { recursive: true });
    const health = join(folder, 'health');
    writeFileSync(health, '0\n');
    if (setting === 'fastest') {
      checkers.push(
        lab.hosts[host].start(`checker-${host}`, process.execPath, [
          join(import.meta.dirname, 'checker.ts'),
          String(gatewayPort),
          health,
          String(checkEveryMs),
          String(checkMisses),
        ]),
      );
    }
    const config = join(folder, 'keepalived.conf');
    writeFileSync(config, configOf({ host, setting, gatewayPort, health }));
    // Pid files of its own: a stale one would make the next daemon believe that it runs already.
    const daemon = lab.hosts[host].start(`keepalived-${host}`, 'keepalived', [
      '--vrrp',
      '--dont-fork',
      '--log-console',
      '--log-detail',
      `--use-file=${config}`,
      `--pid=${join(folder, 'keepalived.pid')}`,
      `--vrrp_pid=${join(folder, 'vrrp.pid')}`,
    ]);
    daemons.set(host, daemon);
    // One after the other: which of two backups comes up first is not what is measured.
    if (host === 'a') await daemon.line((line) => line.includes('Entering MASTER STATE'));
    else await daemon.line((line) => line.includes('Entering BACKUP STATE'));
  }
  const daemonOf = (host: 'a' | 'b'): LabProcess => {
    const daemon = daemons.get(host);
    if (daemon === undefined) throw new Error(`no keepalived on ${host}`);
    return daemon;
  };
  return {
    handOver: (host) => daemonOf(host).end('SIGTERM'),
    complaints: () =>
      [...daemons.values()].flatMap(({ lines }) =>
        lines.filter((line) =>
          /invalid number|daemon is already running|unknown keyword/iu.test(line),
        ),
      ),
    stop: async () => {
      for (const child of [...daemons.values(), ...checkers]) {
        if (child.isRunning()) child.signal('SIGCONT');
        if (child.isRunning()) await child.end(checkers.includes(child) ? 'SIGKILL' : 'SIGTERM');
      }
    },
  };
}

interface Wanted {
  readonly host: 'a' | 'b';
  readonly setting: KeepalivedSetting;
  readonly gatewayPort: number;
  readonly health: string;
}

function configOf({ host, setting, gatewayPort, health }: Wanted): string {
  const script = `vrrp_script gateway {
  script "/usr/bin/curl -sf -o /dev/null http://127.0.0.1:${gatewayPort}/readyz"
${setting === 'recommended' ? '  interval 2\n  timeout 2\n  fall 2\n  rise 2\n' : ''}}`;
  const file = `track_file gateway {
  file "${health}"
  weight 0
}`;
  const instance = {
    default: `  state ${host === 'a' ? 'MASTER' : 'BACKUP'}
  track_script {
    gateway
  }`,
    recommended: `  state BACKUP
  nopreempt
  version 3
  advert_int 1
  track_script {
    gateway
  }`,
    fastest: `  state BACKUP
  nopreempt
  version 3
  advert_int 0.1
  track_file {
    gateway
  }`,
  }[setting];
  return `global_defs {
  enable_script_security
  script_user root
}
${setting === 'fastest' ? file : script}
vrrp_instance pair {
  interface eth0
  virtual_router_id 77
  priority ${host === 'a' ? 150 : 100}
${instance}
  virtual_ipaddress {
    ${virtualAddress}/24
  }
}
`;
}

/** The version that is installed; null where there is none. */
export function keepalivedVersion(): string | null {
  const { stdout, stderr, error } = spawnSync('keepalived', ['--version'], { encoding: 'utf8' });
  if (error !== undefined) return null;
  return /v(\d+\.\d+\.\d+)/u.exec(stdout + stderr)?.[1] ?? 'of an unknown version';
}
