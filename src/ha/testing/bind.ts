import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createSocket } from 'node:dgram';
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface BindOptions {
  /** Without the final dot. */
  readonly zone: string;
  /** Lines of the zone file besides SOA and NS: `gw 0 IN A 10.0.0.11`. */
  readonly records?: readonly string[];
  /** Loopback unless told. */
  readonly listen?: string;
  /** A free one unless told; name one for another network namespace. */
  readonly port?: number;
  /** Before the program: `['ip', 'netns', 'exec', 'dns']`. */
  readonly prefix?: readonly string[];
  readonly algorithm?: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
  /** What the key may change; anything in the zone unless told. */
  readonly policy?: readonly string[];
}

export interface RunningBind {
  readonly server: string;
  readonly port: number;
  readonly zone: string;
  readonly key: {
    readonly name: string;
    readonly algorithm: 'hmac-sha256' | 'hmac-sha384' | 'hmac-sha512';
    readonly secret: string;
  };
  /** What it wrote to its log so far. */
  log(): string;
  /** Ends it by a signal; `start` begins again with what it kept on disk. */
  kill(signal: NodeJS.Signals): Promise<void>;
  start(): Promise<void>;
  /** Freezes and thaws. */
  signal(signal: 'SIGSTOP' | 'SIGCONT'): void;
  stop(): Promise<void>;
}

const keyName = 'switchyard-test';

/**
 * Starts a real BIND with a folder, zone and key of its own, as primary of one dynamic zone; answers once it is ready.
 * Nothing of the machine's own BIND is read or written. The caller stops it.
 */
export async function startBind(options: BindOptions): Promise<RunningBind> {
  const server = options.listen ?? '127.0.0.1';
  const port = options.port ?? (await freeUdpPort(server));
  const algorithm = options.algorithm ?? 'hmac-sha256';
  const key = { name: keyName, algorithm, secret: randomBytes(32).toString('base64') };
  const folder = mkdtempSync(join(tmpdir(), 'swy-bind-'));
  // AppArmor, where it is on, confines the program at its own path to the system's folders; a copy is free of that.
  const program = join(folder, 'named');
  copyFileSync(findNamed(), program);
  writeFileSync(join(folder, 'zone'), zoneText(options));
  writeFileSync(join(folder, 'named.conf'), configText(folder, server, port, key, options));
  let log = '';
  let child: ChildProcess | null = null;

  const start = async (): Promise<void> => {
    const [command = program, ...args] = [
      ...(options.prefix ?? []),
      ...[program, '-g', '-n', '1', '-c', join(folder, 'named.conf')],
    ];
    const begunAt = log.length;
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    await new Promise<void>((resolve, reject) => {
      const fail = (words: string): void =>
        reject(new Error(`BIND did not start (${words}):\n${log}`));
      started.once('error', (error) => fail(error.message));
      started.once('exit', (code) => fail(`exit code ${String(code)}`));
      started.stderr.setEncoding('utf8').on('data', (text: string) => {
        log += text;
        if (/\brunning\b/u.test(log.slice(begunAt))) resolve();
      });
    });
  };
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    const running = child;
    child = null;
    if (running === null || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill(signal);
    await ended;
  };
  const stop = async (): Promise<void> => {
    await kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    server,
    port,
    zone: options.zone,
    key,
    log: () => log,
    kill,
    start,
    signal: (signal) => child?.kill(signal),
    stop,
  };
}

/** Daemons are often not on the path of people. */
function findNamed(): string {
  const folders = [...(process.env['PATH'] ?? '').split(':'), '/usr/sbin', '/usr/local/sbin'];
  const found = folders.map((folder) => join(folder, 'named')).find((path) => existsSync(path));
  if (found === undefined)
    throw new Error('BIND is not installed; on Debian it is in the package bind9');
  return found;
}

function zoneText({ zone, records = [] }: BindOptions): string {
  return [
    '$TTL 0',
    `@ IN SOA ns.${zone}. admin.${zone}. 1 3600 600 86400 1`,
    `@ IN NS ns.${zone}.`,
    'ns IN A 127.0.0.1',
    ...records,
    '',
  ].join('\n');
}

function configText(
  folder: string,
  server: string,
  port: number,
  key: RunningBind['key'],
  { zone, policy = ['zonesub ANY'] }: BindOptions,
): string {
  const isIpv6 = server.includes(':');
  const grants = policy.map((rule) => `grant "${key.name}" ${rule};`).join(' ');
  return `
key "${key.name}" { algorithm ${key.algorithm}; secret "${key.secret}"; };
controls { };
options {
  directory "${folder}";
  pid-file "${join(folder, 'named.pid')}";
  session-keyfile "${join(folder, 'session.key')}";
  managed-keys-directory "${folder}";
  listen-on port ${port} { ${isIpv6 ? 'none' : server}; };
  listen-on-v6 port ${port} { ${isIpv6 ? server : 'none'}; };
  recursion no;
  dnssec-validation no;
  notify no;
};
zone "${zone}" { type primary; file "${join(folder, 'zone')}"; update-policy { ${grants} }; };
`;
}

async function freeUdpPort(address: string): Promise<number> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  socket.bind(0, address);
  await once(socket, 'listening');
  const { port } = socket.address();
  socket.close();
  return port;
}
