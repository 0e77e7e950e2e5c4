/** Our own pair in a lab: two light gateways and the real guardians, on one host or on two. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import type { GuardianConfigInput } from '../../../src/ha/config.ts';
import type { FailoverProfile, PairView } from '../../../src/shared/index.ts';
import { addresses, hostFolder, type Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/process.ts';
import { processRecord, startLightGateway, type LightGateway } from './light.ts';
import { guardianProgram } from './programs.ts';
import { bindPort, dnsmasqHosts, serviceName, witnessPort, zone } from './services.ts';
import type { Bind } from './services.ts';
import { attach, type StatusFeed } from './status-feed.ts';

export type Side = 'a' | 'b';
export const sides: readonly Side[] = ['a', 'b'];
type PairInput = GuardianConfigInput['pairs'][number];

const peerPort = 7_100;
const secret = 'a secret of this lab, nobody else has it';
const token = 'token-of-the-lab';

export interface PairOptions {
  readonly profile: FailoverProfile;
  readonly register:
    | { readonly kind: 'lock' }
    | { readonly kind: 'witness' }
    | { readonly kind: 'rfc2136'; readonly bind: Bind };
  /** Where each guardian believes the register to be, when a fault proxy stands before it. */
  readonly registerAt?: Readonly<Partial<Record<Side, { host: string; port: number }>>>;
  /** Where each guardian believes the other one to be. */
  readonly peerAt?: Readonly<Partial<Record<Side, { host: string; port: number }>>>;
  /** Moves the name in the dnsmasq of the lab. */
  readonly dnsmasq?: boolean;
  readonly preempt?: PairInput['preempt'];
  /** Put before the command of a guardian: another clock, for one. */
  readonly guardianThrough?: Readonly<Partial<Record<Side, readonly string[]>>>;
  readonly environment?: Readonly<Record<string, string>>;
  /** With a watchdog that starts a dead guardian again. */
  readonly watched?: boolean;
}

export interface Pair {
  readonly options: PairOptions;
  readonly gateways: Record<Side, LightGateway>;
  /** On one host there is one guardian, and both names mean it. */
  readonly guardians: Record<Side, LabProcess>;
  readonly feeds: Readonly<Record<Side, StatusFeed>>;
  /** The control sockets. */
  readonly sockets: Readonly<Record<Side, string>>;
  /** `IP:PORT` of both, as the app knows them. */
  readonly addresses: readonly string[];
  /** Resolves when `side` is active and the other one could take over, by what the guardians of both say. */
  settled(side: Side): Promise<void>;
  startGateway(side: Side): Promise<void>;
  startGuardian(side: Side): void;
  close(): void;
}

export const gatewayIds: Readonly<Record<Side, string>> = { a: 'gw-a', b: 'gw-b' };

export function otherSide(side: Side): Side {
  return side === 'a' ? 'b' : 'a';
}

/** The file that holds the secret which guardians and witness of a lab share. */
export function sharedSecret(lab: Lab): string {
  const path = join(lab.folder, 'secret');
  writeFileSync(path, secret, { mode: 0o600 });
  return path;
}

/** Starts gateways and guardians. They are not `settled` yet when this resolves. */
export async function startPair(lab: Lab, options: PairOptions): Promise<Pair> {
  const onOneHost = options.register.kind === 'lock';
  const hostOf = (side: Side): Side => (onOneHost ? 'a' : side);
  const portOf = (side: Side): number => (onOneHost && side === 'b' ? 7_200 : 7_000);
  const publicAddress = (side: Side): string => `${addresses[hostOf(side)]}:${portOf(side)}`;
  const stateDir = (side: Side): string => join(hostFolder(lab, hostOf(side)), 'guardian');
  const socketOf = (side: Side): string => join(stateDir(side), 'guardian.sock');
  const tokenFile = join(lab.folder, 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  sharedSecret(lab);

  const startGateway = (side: Side): Promise<LightGateway> =>
    startLightGateway(lab, hostOf(side), {
      id: gatewayIds[side],
      port: portOf(side),
      token,
      pair: 'home',
      mode: onOneHost ? 'held' : 'timed',
      registerPath: join(stateDir('a'), 'registers', 'home.json'),
    });

  const memberOf = (side: Side, seenFrom: Side): PairInput['primary'] => {
    const isHere = onOneHost || side === seenFrom;
    return {
      id: gatewayIds[side],
      name: `Gateway ${side.toUpperCase()}`,
      url: isHere ? `ws://127.0.0.1:${portOf(side)}` : `ws://${publicAddress(side)}`,
      addr: `ws://${publicAddress(side)}`,
      token: { file: tokenFile },
      ...(isHere ? { pidFile: processRecord(lab, gatewayIds[side]) } : {}),
    };
  };

  const startGuardian = (side: Side): LabProcess => {
    const config: GuardianConfigInput = {
      version: 1,
      stateDir: stateDir(side),
      socket: socketOf(side),
      pairs: [
        {
          id: 'home',
          name: 'Home',
          primary: memberOf('a', side),
          standby: memberOf('b', side),
          local: onOneHost ? 'both' : side === 'a' ? 'primary' : 'standby',
          profile: options.profile,
          register: registerOf(lab, options, side),
          ...(options.dnsmasq === true
            ? {
                dns: [
                  {
                    kind: 'dnsmasq',
                    name: serviceName,
                    hostsDir: dnsmasqHosts(lab),
                    resolver: addresses.witness,
                  },
                ],
              }
            : {}),
          ...(onOneHost
            ? {}
            : {
                peer: {
                  listen: { host: addresses[side], port: peerPort },
                  connect: options.peerAt?.[side] ?? {
                    host: addresses[otherSide(side)],
                    port: peerPort,
                  },
                  secret: { file: sharedSecret(lab) },
                },
              }),
          ...(options.preempt === undefined ? {} : { preempt: options.preempt }),
        },
      ],
    };
    mkdirSync(stateDir(side), { recursive: true, mode: 0o700 });
    const path = join(stateDir(side), 'guardian.json');
    writeFileSync(path, JSON.stringify(config));
    const command = [
      ...(options.guardianThrough?.[side] ?? []),
      process.execPath,
      guardianProgram(),
      '--config',
      path,
      ...(options.watched === true ? ['--watch'] : []),
    ];
    return lab.hosts[hostOf(side)].start(
      `guardian-${side}`,
      command[0] ?? '',
      command.slice(1),
      options.environment,
    );
  };

  const gateways = { a: await startGateway('a'), b: await startGateway('b') };
  const first = startGuardian('a');
  const guardians = { a: first, b: onOneHost ? first : startGuardian('b') };
  const feedOfA = attach(socketOf('a'));
  const feeds = { a: feedOfA, b: onOneHost ? feedOfA : attach(socketOf('b')) };
  return {
    options,
    gateways,
    guardians,
    feeds,
    sockets: { a: socketOf('a'), b: socketOf('b') },
    addresses: sides.map(publicAddress),
    settled: async (side) => {
      const isSettled = (view: PairView): boolean =>
        view.epoch > 0 &&
        view.activeId === gatewayIds[side] &&
        view.cover === 'protected' &&
        view.busy === null;
      const ended = Promise.race(
        sides.map(async (each) => {
          const { lines, exited } = guardians[each];
          await exited;
          throw new Error(`guardian ${each} ended: ${lines.slice(-3).join(' | ')}`);
        }),
      );
      await Promise.race([Promise.all(sides.map((each) => feeds[each].until(isSettled))), ended]);
    },
    startGateway: async (side) => {
      gateways[side] = await startGateway(side);
    },
    startGuardian: (side) => {
      guardians[side] = startGuardian(side);
      if (onOneHost) guardians.b = guardians[side];
    },
    close: () => {
      for (const feed of Object.values(feeds)) feed.close();
    },
  };
}

function registerOf(
  lab: Lab,
  options: PairOptions,
  side: Side,
): NonNullable<PairInput['register']> {
  const { register } = options;
  const at = options.registerAt?.[side];
  switch (register.kind) {
    case 'lock':
      return { kind: 'lock' };
    case 'witness':
      return {
        kind: 'witness',
        ...(at ?? { host: addresses.witness, port: witnessPort }),
        secret: { file: sharedSecret(lab) },
      };
    case 'rfc2136':
      return {
        kind: 'rfc2136',
        server: at?.host ?? addresses.witness,
        port: at?.port ?? bindPort,
        zone,
        name: serviceName,
        ttlSeconds: 0,
        key: {
          name: register.bind.keyName,
          algorithm: 'hmac-sha256',
          secret: { file: register.bind.secretFile },
        },
      };
  }
}
