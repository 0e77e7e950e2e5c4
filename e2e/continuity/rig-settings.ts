/** What a rig is set up with: the settings of the app, and what a person keeps in the configuration of a gateway. */
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { gatewayFolder } from '../../src/gateways/index.node.ts';
import type { PairSettings, Settings } from '../../src/store/index.ts';
import { freeGatewayPorts } from '../../src/ha/testing/free-ports.ts';
import type { Telegram } from '../support/telegram.ts';

/** The primary and the standby. */
export type Side = 'attic' | 'bath';
export const sides: readonly Side[] = ['attic', 'bath'];
export const paneId = 'house';

/** Room for what a gateway keeps, and some megabytes more. */
const smallDiskMb = 400;
const squatEveryMs = 20;

/** A pair of two gateways that we run, each with a path of its own to the model. */
export async function pairSettings(
  modelUrl: string,
  preempt: PairSettings['preempt'],
): Promise<Settings> {
  const ports = await freeGatewayPorts(2);
  return {
    version: 1,
    domains: [{ id: 'personal', name: 'Personal', colour: 'teal' }],
    gateways: sides.map((side, index) => ({
      id: side,
      name: side === 'attic' ? 'Attic' : 'Bath',
      domain: 'personal',
      kind: 'managed',
      port: ports[index] ?? 0,
      model: { provider: 'echo', baseUrl: `${modelUrl}/${side}/v1`, id: 'echo' },
    })),
    pairs: [
      {
        id: paneId,
        name: 'House',
        primary: 'attic',
        standby: 'bath',
        profile: 'safe', // a gateway that starts beside the other one takes the processor for seconds
        preempt,
        plugin: true,
        workspace: { kind: 'sync' },
        place: { kind: 'this-computer' },
      },
    ],
    rules: [],
    updates: { feed: null },
    demo: false,
  };
}

/** What a person sets up in a gateway's own configuration: a bot, of which the double can say which gateway spoke. */
export function addTelegram(home: string, side: Side, telegram: Telegram): void {
  const { root: folder, config } = gatewayFolder(home, side);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const bot = {
    enabled: true,
    botToken: telegram.token,
    apiRoot: telegram.apiRootFor(side),
    dmPolicy: 'open',
    allowFrom: ['*'],
  };
  const own = {
    channels: { telegram: bot },
    plugins: { allow: ['telegram'] },
    session: { dmScope: 'per-channel-peer' }, // beside the conversation of the pane
  };
  writeFileSync(config, JSON.stringify(own), { mode: 0o600 });
}

/** Makes the folder of a gateway a small file system of its own; answers what unmounts it. Throws where that is not possible. */
export function mountSmallDisk(home: string, side: Side): () => void {
  const folder = gatewayFolder(home, side).root;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const size = `size=${smallDiskMb}m,mode=700`;
  execFileSync('mount', ['-t', 'tmpfs', '-o', size, 'tmpfs', folder], { stdio: 'pipe' });
  return () => {
    execFileSync('umount', ['--lazy', folder], { stdio: 'pipe' });
  };
}

/**
 * Takes a port as soon as the process that had it is gone, and answers nobody there. Our supervisor looks every five seconds
 * whether it is free again.
 */
export async function squat(port: number): Promise<Server> {
  for (;;) {
    const server = createServer((socket) => socket.destroy());
    const taken = once(server, 'listening').then(
      () => true,
      () => false,
    );
    server.listen(port, '127.0.0.1');
    if (await taken) return server;
    await sleep(squatEveryMs);
  }
}

/** The port of a gateway on the loopback. */
export function portOf({ gateways }: Settings, side: Side): number {
  const gateway = gateways.find(({ id }) => id === side);
  return gateway?.kind === 'managed' ? gateway.port : 0;
}

/** The token of a gateway that runs: only its own process and the vault of the core have it. */
export function tokenOf(pid: number): string {
  const name = 'OPENCLAW_GATEWAY_TOKEN=';
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return entries.find((entry) => entry.startsWith(name))?.slice(name.length) ?? '';
}
