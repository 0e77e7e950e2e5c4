/** Programs of somebody else's on the client's host, which know a name, a token and how to check a certificate. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { hostFolder } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';
import { runtimeFromEnvironment } from '../../support/real-gateway.ts';
import type { HeldConfig, HeldLine, HeldOrder } from './held-words.ts';
import type { NamedPair } from './named-pair.ts';

/** How a program checks the certificate: by an authority that it trusts, or by the one fingerprint that it was given. */
export type Trust = { readonly file: string } | { readonly fingerprint: string };

export interface Cli {
  /** `openclaw gateway call METHOD`; rejects with what it printed. */
  call(method: string, params?: object): Promise<unknown>;
  /** `openclaw agent --message TEXT` in the main session; rejects with what it printed. */
  say(text: string): Promise<unknown>;
}

/** OpenClaw's own command line, with a profile of its own. */
export function openClawCli(lab: Lab, pair: NamedPair, name: string, trust: Trust): Cli {
  const { node, openclaw } = runtimeFromEnvironment();
  if (node === null || openclaw === null) throw new Error('SWITCHYARD_OPENCLAW is not set');
  const folder = join(hostFolder(lab, 'client'), name);
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'openclaw.json');
  const pin = 'file' in trust ? {} : { tlsFingerprint: trust.fingerprint };
  const remote = { url: pair.url, token: pair.token, ...pin };
  writeFileSync(config, JSON.stringify({ gateway: { mode: 'remote', remote } }));
  const openClaw = async (...args: readonly string[]): Promise<unknown> => {
    // Nothing of ours in its environment: it prints no results where it sees a test runner.
    const environment = [
      `PATH=${process.env['PATH'] ?? ''}`,
      `HOME=${folder}`,
      `OPENCLAW_STATE_DIR=${join(folder, 'state')}`,
      `OPENCLAW_CONFIG_PATH=${config}`,
      ...('file' in trust ? [`NODE_EXTRA_CA_CERTS=${trust.file}`] : []),
    ];
    const program = ['env', '-i', ...environment, node, openclaw, ...args, '--json'];
    const [command, ...rest] = asHome(lab, pair, program);
    const child = lab.hosts.client.start('openclaw', command, rest);
    const { code } = await child.exited;
    const text = child.lines.join('\n');
    if (code !== 0) throw new Error(text);
    return JSON.parse(text) as unknown;
  };
  return {
    call: (method, params = {}) =>
      openClaw('gateway', 'call', method, '--params', JSON.stringify(params), '--timeout', '30000'),
    say: (text) => openClaw('agent', '--session-key', 'agent:main:main', '--message', text),
  };
}

export type Heard = HeldLine & { readonly atMs: number };

export interface HeldClient {
  /** Everything that happened to it so far. */
  heard(): readonly Heard[];
  /** Connects it anew; from then on it looks after its connection by itself. */
  connect(): void;
  /** Resolves with the first line after `after` (a count of lines) that fits. */
  until(after: number, fits: (line: Heard) => boolean): Promise<Heard>;
  /** Asks a gateway method over the connection that it holds. */
  ask(
    method: string,
    params?: object,
  ): Promise<Extract<HeldLine, { kind: 'answer' }> & { readonly atMs: number }>;
}

/** OpenClaw's client for other programs, holding its connection. It is not connected yet. */
export function startHeldClient(lab: Lab, pair: NamedPair, trust: Trust): HeldClient {
  const folder = hostFolder(lab, 'client');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'held.json');
  const pin = 'file' in trust ? {} : { tlsFingerprint: trust.fingerprint };
  writeFileSync(
    path,
    JSON.stringify({ url: pair.url, token: pair.token, ...pin } satisfies HeldConfig),
  );
  const program = join(import.meta.dirname, 'held-client.ts');
  const [command, ...args] = asHome(lab, pair, [process.execPath, program, path]);
  const child = lab.hosts.client.start(
    'held',
    command,
    args,
    'file' in trust ? { NODE_EXTRA_CA_CERTS: trust.file } : {},
  );
  let asked = 0;
  const order = (what: HeldOrder): void => child.tell(JSON.stringify(what));
  const parse = (line: string): Heard | null =>
    line.startsWith('{') ? (JSON.parse(line) as Heard) : null;
  const heard = (): readonly Heard[] =>
    child.lines.flatMap((line) => {
      const parsed = parse(line);
      return parsed === null ? [] : [parsed];
    });
  const until = async (after: number, fits: (line: Heard) => boolean): Promise<Heard> => {
    const old = heard().slice(after).find(fits);
    if (old !== undefined) return old;
    return new Promise((resolve, reject) => {
      child.onLine((line) => {
        const parsed = parse(line);
        if (parsed !== null && fits(parsed)) resolve(parsed);
      });
      void child.exited.then(() =>
        reject(new Error(`it ended: ${child.lines.slice(-5).join('\n')}`)),
      );
    });
  };
  return {
    heard,
    connect: () => order({ kind: 'connect' }),
    until,
    ask: async (method, params = {}) => {
      const id = (asked += 1);
      order({ kind: 'ask', id, method, params });
      const answer = await until(0, (line) => line.kind === 'answer' && line.id === id);
      if (answer.kind !== 'answer') throw new Error('no answer');
      return answer;
    },
  };
}

/** A command that asks the pair's name servers; only its own process sees that. */
function asHome(lab: Lab, pair: NamedPair, command: readonly string[]): [string, ...string[]] {
  const resolvConf = join(lab.folder, 'resolv.conf');
  const servers = pair.resolvers.map((address) => `nameserver ${address}\n`).join('');
  writeFileSync(resolvConf, `${servers}options timeout:1\n`);
  return ['sh', '-c', 'mount --bind "$0" /etc/resolv.conf && exec "$@"', resolvConf, ...command];
}
