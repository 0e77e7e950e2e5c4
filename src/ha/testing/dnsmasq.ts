import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

import { freeUdpPort } from './free-ports.ts';

export interface DnsmasqOptions {
  /** The folder that it watches; its user must be able to read it. */
  readonly hostsDir: string;
  /** Not given: a free one. */
  readonly port?: number;
  /** Not given: 127.0.0.1. */
  readonly listen?: string;
  /** For example `['ip', 'netns', 'exec', 'dns']`. */
  readonly commandPrefix?: readonly string[];
  /** More of dnsmasq's own options. */
  readonly extra?: readonly string[];
}

export interface RunningDnsmasq {
  readonly host: string;
  readonly port: number;
  readonly pidFile: string;
  /** Ends it and waits until it is gone. */
  stop(): Promise<void>;
}

/** Starts a real dnsmasq that knows its hosts folder and nothing else; resolves when it answers. */
export async function startDnsmasq(options: DnsmasqOptions): Promise<RunningDnsmasq> {
  const host = options.listen ?? '127.0.0.1';
  const port = options.port ?? (await freeUdpPort(host));
  // A dot name: dnsmasq does not read it as hosts.
  const pidFile = join(options.hostsDir, '.dnsmasq.pid');
  const [command = 'dnsmasq', ...args] = [
    ...(options.commandPrefix ?? []),
    'dnsmasq',
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--no-resolv',
    '--no-hosts',
    '--bind-interfaces',
    `--listen-address=${host}`,
    `--port=${String(port)}`,
    `--hostsdir=${options.hostsDir}`,
    `--pid-file=${pidFile}`,
    '--log-facility=-',
    ...(options.extra ?? []),
  ];
  const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const gone = once(child, 'exit');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`dnsmasq did not start: ${said}`)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text;
      if (said.includes('started, version')) resolve();
    });
  });
  return {
    host,
    port,
    pidFile,
    stop: async () => {
      child.kill('SIGTERM');
      await gone;
    },
  };
}
