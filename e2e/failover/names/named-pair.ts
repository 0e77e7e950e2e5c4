/** Two real gateways on two hosts of a lab behind one name, set up as Switchyard sets them up, each with its real guardian. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

import { certificateFingerprint, gatewayFolder } from '../../../src/gateways/index.node.ts';
import { installFencePlugin } from '../../../src/gateways/index.ts';
import type { ManagedGateway } from '../../../src/gateways/index.ts';
import { gatewayEnvironment, openClawConfig } from '../../../src/gateways/openclaw-config.ts';
import type { GatewayFolder } from '../../../src/gateways/openclaw-config.ts';
import { processStartMarkNow } from '../../../src/gateways/process-start-mark.node.ts';
import type { GuardianConfigInput } from '../../../src/ha/config.ts';
import { startBind } from '../../../src/ha/testing/bind.ts';
import { startDnsmasq } from '../../../src/ha/testing/dnsmasq.ts';
import { addresses, hostFolder } from '../lab/lab.ts';
import type { Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/process.ts';
import { run } from '../lab/commands.ts';
import { gatewayIds, otherSide, sharedSecret, sides } from '../world/pair.ts';
import type { Side } from '../world/pair.ts';
import { guardianProgram } from '../world/programs.ts';
import { serviceName, startWitness, witnessPort, zone } from '../world/services.ts';
import { attach } from '../world/status-feed.ts';
import type { StatusFeed } from '../world/status-feed.ts';
import { runtimeFromEnvironment } from '../../support/real-gateway.ts';

type PairInput = GuardianConfigInput['pairs'][number];
type NameServing = Pick<PairInput, 'register' | 'dns'>;

/**
 * `dnsmasq`: one on either host, each moved by the guardian beside it; a witness has the register. `bind`: one, which is the
 * register as well.
 */
export type NameServer = 'dnsmasq' | 'bind';

/**
 * What the gateways show. `authority`: one each, signed by an authority of the person's own. `one`: the same on both.
 */
export type Certificates = 'authority' | 'one';

export interface NamedPair {
  /** All that clients know of it, with `token`. */
  readonly url: string;
  /** The same for both gateways. */
  readonly token: string;
  /** The name servers that clients ask. */
  readonly resolvers: readonly string[];
  /** PEM file: with it in their trust, clients need no pin. */
  readonly trusted: string;
  fingerprint(side: Side): Promise<string>;
  addressOf(side: Side): string;
  readonly feeds: Readonly<Record<Side, StatusFeed>>;
  /** Resolves when `side` is active, and the other could take over and has the whole conversation. */
  settled(side: Side): Promise<void>;
  /** Ends the gateway's process at once. */
  killGateway(side: Side): Promise<void>;
  startGateway(side: Side): Promise<void>;
  /** Approves a device at this gateway, as its owner would on its command line. */
  approve(side: Side, requestId: string): Promise<void>;
  close(): Promise<void>;
}

const port = 18_789;
const peerPort = 7_100;
const token = 'token-of-both-gateways';
const root = resolve(import.meta.dirname, '../../..');

/** Starts name server, register, gateways and guardians. The pair is not `settled` yet when this resolves. */
export async function startNamedPair(
  lab: Lab,
  nameServer: NameServer,
  certificates: Certificates,
): Promise<NamedPair> {
  const { node, openclaw } = runtimeFromEnvironment();
  if (node === null || openclaw === null) throw new Error('SWITCHYARD_OPENCLAW is not set');
  const files: Readonly<Record<Side, GatewayFolder>> = { a: filesOf('a'), b: filesOf('b') };
  const gateways: Partial<Record<Side, LabProcess>> = {};
  const secretFile = sharedSecret(lab);
  const tokenFile = join(lab.folder, 'token');
  writeFileSync(tokenFile, token, { mode: 0o600 });
  const trusted = await makeCertificates(lab, files, certificates);
  const names = await startNameServer(lab, nameServer, secretFile);

  function filesOf(side: Side): GatewayFolder {
    const made = gatewayFolder(hostFolder(lab, side), gatewayIds[side]);
    for (const path of [made.workspace, made.temporary, made.logs, dirname(made.certificate)])
      mkdirSync(path, { recursive: true });
    return made;
  }

  const environmentOf = (side: Side): Record<string, string> =>
    gatewayEnvironment(process.env, files[side], token);

  const startGateway = async (side: Side): Promise<void> => {
    const model = lab.hosts[side].start(`model-${side}`, node, [
      join(root, 'e2e/support/echo-model-main.ts'),
    ]);
    const modelUrl = await model.line((line) => line.startsWith('http'));
    const gateway: ManagedGateway = {
      id: gatewayIds[side],
      name: gatewayIds[side],
      domain: 'personal',
      kind: 'managed',
      port,
      model: { provider: 'echo', baseUrl: `${modelUrl}/personal/v1`, id: 'echo' },
    };
    const plain = openClawConfig(gateway, files[side], '/', addresses[side]);
    const install = {
      pluginPath: join(root, 'out/gateway-plugin'),
      config: { pair: 'home', gateway: gateway.id, mode: 'timed' as const },
    };
    writeFileSync(files[side].config, installFencePlugin(plain, install));
    const child = lab.hosts[side].start(
      gateway.id,
      node,
      [openclaw, 'gateway'],
      environmentOf(side),
    );
    // As our supervisor does, so that the guardian can see its end.
    writeFileSync(
      files[side].pidFile,
      JSON.stringify({ pid: child.pid, startMark: processStartMarkNow(child.pid) }),
    );
    gateways[side] = child;
  };

  const memberOf = async (side: Side, seenFrom: Side): Promise<PairInput['primary']> => ({
    id: gatewayIds[side],
    name: `Gateway ${side.toUpperCase()}`,
    addr: `wss://${addresses[side]}:${port}`,
    ...(side === seenFrom
      ? {
          url: `wss://127.0.0.1:${port}`,
          tls: { certificate: files[side].certificate },
          token: { file: tokenFile },
          pidFile: files[side].pidFile,
        }
      : {
          url: `wss://${addresses[side]}:${port}`,
          tls: { fingerprint: await fingerprint(side) },
        }),
  });
  const fingerprint = async (side: Side): Promise<string> =>
    (await certificateFingerprint(files[side].certificate)) ?? '';

  const socketOf = (side: Side): string => join(hostFolder(lab, side), 'guardian/guardian.sock');
  const startGuardian = async (side: Side): Promise<LabProcess> => {
    const folder = dirname(socketOf(side));
    mkdirSync(folder, { mode: 0o700 });
    const peer = {
      listen: { host: addresses[side], port: peerPort },
      connect: { host: addresses[otherSide(side)], port: peerPort },
      secret: { file: secretFile },
    };
    const config: GuardianConfigInput = {
      version: 1,
      stateDir: folder,
      socket: socketOf(side),
      pairs: [
        {
          id: 'home',
          name: 'Home',
          primary: await memberOf('a', side),
          standby: await memberOf('b', side),
          local: side === 'a' ? 'primary' : 'standby',
          // The first turn of a gateway stalls it for seconds where two start on few cores.
          profile: 'safe',
          peer,
          ...names.of(side),
        },
      ],
    };
    const path = join(folder, 'guardian.json');
    writeFileSync(path, JSON.stringify(config));
    return lab.hosts[side].start(`guardian-${side}`, node, [guardianProgram(), '--config', path]);
  };

  await Promise.all(sides.map(startGateway));
  const guardians = { a: await startGuardian('a'), b: await startGuardian('b') };
  const feeds = { a: attach(socketOf('a')), b: attach(socketOf('b')) };
  return {
    url: `wss://${serviceName}:${port}`,
    token,
    resolvers: names.resolvers,
    trusted,
    fingerprint,
    addressOf: (side) => addresses[side],
    feeds,
    settled: async (side) => {
      const ended = sides.map(async (each) => {
        await guardians[each].exited;
        throw new Error(`guardian ${each}: ${guardians[each].lines.slice(-3).join(' | ')}`);
      });
      const seen = sides.map((each) =>
        feeds[each].until(
          (view) =>
            view.epoch > 0 &&
            view.activeId === gatewayIds[side] &&
            view.cover === 'protected' &&
            view.busy === null &&
            (each !== side || view.mirror?.state === 'in-step'),
        ),
      );
      await Promise.race([Promise.all(seen), ...ended]);
    },
    killGateway: async (side) => {
      await gateways[side]?.end();
    },
    startGateway,
    approve: async (side, requestId) => {
      const approval = lab.hosts[side].start(
        'approval',
        node,
        [openclaw, 'devices', 'approve', requestId],
        environmentOf(side),
      );
      const { code } = await approval.exited;
      if (code !== 0) throw new Error(`not approved: ${approval.lines.join(' | ')}`);
    },
    close: async () => {
      for (const feed of Object.values(feeds)) feed.close();
      await names.stop();
    },
  };
}

/** Writes certificate and key of both gateways where they look for them; returns what a client has to trust. */
async function makeCertificates(
  lab: Lab,
  files: Readonly<Record<Side, GatewayFolder>>,
  certificates: Certificates,
): Promise<string> {
  const keyOf = (side: Side): string => join(dirname(files[side].certificate), 'gateway-key.pem');
  const make = (subject: string, cert: string, key: string, more: string[]): Promise<string> =>
    run('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', `/CN=${subject}`, '-out', cert, '-keyout', key],
      ...more,
    ]);
  const named = ['-addext', `subjectAltName=DNS:${serviceName}`];
  if (certificates === 'one') {
    await make(serviceName, files.a.certificate, keyOf('a'), named);
    copyFileSync(files.a.certificate, files.b.certificate);
    copyFileSync(keyOf('a'), keyOf('b'));
    return files.a.certificate;
  }
  const [authority, authorityKey] = [join(lab.folder, 'ca.pem'), join(lab.folder, 'ca-key.pem')];
  await make('home authority', authority, authorityKey, []);
  for (const side of sides)
    await make(serviceName, files[side].certificate, keyOf(side), [
      ...named,
      ...['-addext', 'basicConstraints=critical,CA:FALSE'],
      ...['-CA', authority, '-CAkey', authorityKey],
    ]);
  return authority;
}

interface RunningNames {
  /** What the guardian of a host is told about name and register. */
  of(side: Side): NameServing;
  readonly resolvers: readonly string[];
  stop(): Promise<void>;
}

async function startNameServer(
  lab: Lab,
  nameServer: NameServer,
  secretFile: string,
): Promise<RunningNames> {
  const inside = (host: Side | 'witness'): string[] => [
    ...['ip', 'netns', 'exec', lab.hosts[host].namespace],
  ];
  if (nameServer === 'bind') {
    const server = addresses.witness;
    const bind = await startBind({ zone, listen: server, port: 53, prefix: inside('witness') });
    const keyFile = join(lab.folder, 'key');
    writeFileSync(keyFile, bind.key.secret, { mode: 0o600 });
    const key = { ...bind.key, secret: { file: keyFile } };
    const register = { kind: 'rfc2136' as const, server, port: 53, zone, name: serviceName, key };
    return {
      of: () => ({ register: { ...register, ttlSeconds: 1 } }),
      resolvers: [server],
      stop: () => bind.stop(),
    };
  }
  await startWitness(lab, secretFile);
  const secret = { file: secretFile };
  const register = { kind: 'witness' as const, host: addresses.witness, port: witnessPort, secret };
  const hostsDirOf = (side: Side): string => join(hostFolder(lab, side), 'hosts');
  const servers = await Promise.all(
    sides.map((side) => {
      mkdirSync(hostsDirOf(side), { recursive: true });
      return startDnsmasq({
        hostsDir: hostsDirOf(side),
        listen: addresses[side],
        port: 53,
        commandPrefix: inside(side),
        extra: ['--user=root', `--local=/${zone}/`],
      });
    }),
  );
  return {
    of: (side) => ({
      register,
      dns: [
        {
          kind: 'dnsmasq',
          name: serviceName,
          hostsDir: hostsDirOf(side),
          resolver: addresses[side],
        },
      ],
    }),
    resolvers: [addresses.b, addresses.a],
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
