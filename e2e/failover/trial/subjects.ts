/** What is compared: our pair in its profiles and registers, and keepalived in three settings, behind one face. */
import type { FailoverProfile } from '../../../src/shared/index.ts';
import type { Lab } from '../lab/lab.ts';
import { startKeepalived, virtualAddress, type KeepalivedSetting } from '../rival/keepalived.ts';
import { startLightGateway, type LightGateway } from '../world/light.ts';
import { gatewayIds, sharedSecret, startPair, type Side } from '../world/pair.ts';
import { serviceName, startDnsmasq, startWitness } from '../world/services.ts';

export type SubjectName =
  `ours ${FailoverProfile} ${'witness' | 'lock'}` | `keepalived ${KeepalivedSetting}`;

export const subjectNames: readonly SubjectName[] = [
  'ours fast witness',
  'ours default witness',
  'ours fast lock',
  'ours default lock',
  'keepalived default',
  'keepalived recommended',
  'keepalived fastest',
];

/** A pair that runs, gateway A active and B ready. */
export interface Subject {
  readonly gateways: Readonly<Record<Side, LightGateway>>;
  /** Where a client asks. */
  readonly addresses: readonly string[];
  /** Where a client that goes by name asks, if there is a name. */
  readonly name: { readonly name: string; readonly port: number } | null;
  /** Both gateways on one machine: it cannot be lost or cut off alone. */
  readonly onOneHost: boolean;
  /** Gives the role to B in good order. */
  handOver(): Promise<void>;
  /** What a reader of the figures must know. */
  complaints(): readonly string[];
  stop(): Promise<void>;
}

/** Starts a subject in a lab; resolves when A is active and B could take over. */
export async function startSubject(lab: Lab, name: SubjectName): Promise<Subject> {
  const [family, setting, register] = name.split(' ');
  return family === 'keepalived'
    ? startRival(lab, setting as KeepalivedSetting)
    : startOurs(lab, setting as FailoverProfile, register === 'lock');
}

async function startOurs(lab: Lab, profile: FailoverProfile, onOneHost: boolean): Promise<Subject> {
  if (!onOneHost) {
    await startWitness(lab, sharedSecret(lab));
    await startDnsmasq(lab);
  }
  const pair = await startPair(lab, {
    profile,
    register: { kind: onOneHost ? 'lock' : 'witness' },
    dnsmasq: !onOneHost,
  });
  await pair.settled('a');
  return {
    gateways: pair.gateways,
    addresses: pair.addresses,
    name: onOneHost ? null : { name: serviceName, port: 7_000 },
    onOneHost,
    handOver: async () => {
      const answer = await pair.feeds.a.order('home', 'hand-over');
      if (!answer.ok) throw new Error(`the hand-over was refused: ${answer.words}`);
    },
    complaints: () => [],
    stop: async () => {
      pair.close();
    },
  };
}

async function startRival(lab: Lab, setting: KeepalivedSetting): Promise<Subject> {
  const port = 7_000;
  const start = (side: Side): Promise<LightGateway> =>
    startLightGateway(lab, side, {
      id: gatewayIds[side],
      port,
      token: 'token-of-the-lab',
      pair: 'home',
      mode: 'free',
      activeAddress: virtualAddress,
    });
  const gateways = { a: await start('a'), b: await start('b') };
  const keepalived = await startKeepalived(lab, setting, port);
  return {
    gateways,
    addresses: [`${virtualAddress}:${port}`],
    name: null,
    onOneHost: false,
    handOver: () => keepalived.handOver('a'),
    complaints: keepalived.complaints,
    stop: () => keepalived.stop(),
  };
}
