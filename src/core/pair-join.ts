import { installFencePlugin } from '../gateways/index.ts';
import type { GuardianConfigInput } from '../ha/index.ts';
import type { Translate } from '../shared/index.ts';
import type { GatewaySettings, PairSettings, TwoComputers } from '../store/index.ts';
import { dnsConfig, pinned, publishedAddress, registerConfig } from './guardian-config.ts';
import { pairSecret } from './pair-secrets.ts';
import type { PairSecretName } from './pair-secrets.ts';

export interface JoinContent {
  /** The folder's name; it is the same on both computers. */
  readonly folder: string;
  readonly files: readonly { readonly name: string; readonly text: string }[];
  /** To be run on the other computer, where the folder is `~/<folder>`. */
  readonly commands: readonly string[];
}

export interface JoinPlan extends JoinContent {
  /** To be run on this computer first. */
  readonly copy: readonly string[];
}

/** What is given for a pairing code: the same, without the token of a gateway. Its file is there, and empty. */
export function withoutToken({ folder, files, commands }: JoinPlan): JoinContent {
  return {
    folder,
    commands,
    files: files.map((file) => (file.name.startsWith(tokenFile) ? { ...file, text: '' } : file)),
  };
}

/** How the file of a gateway's token begins; its id follows. */
export const tokenFile = 'secrets/token-';

/**
 * What the guardian of the other computer needs: its configuration, and each secret in a file of its own. Paths are
 * relative, so the guardian is started in the folder. `secret`: what the keyring holds under a vault name, or null;
 * `certificate`: SHA-256 of the one that the gateway of this computer shows.
 */
export function planJoin(
  pair: PairSettings,
  place: TwoComputers,
  members: { readonly primary: GatewaySettings; readonly standby: GatewaySettings },
  secret: {
    readonly stored: (vaultName: string) => string | null;
    readonly token: (gatewayId: string) => string | null;
  },
  certificate: string,
  t: Translate,
): JoinPlan {
  const there = place.here === 'primary' ? 'standby' : 'primary';
  const names: readonly PairSecretName[] = [
    'register',
    'peer',
    ...place.dns.filter(({ kind }) => kind !== 'dnsmasq').map(({ kind }) => `dns-${kind}` as const),
  ];
  const fileOf = (name: string): { readonly file: string } => ({ file: `secrets/${name}` });
  const member = (gateway: GatewaySettings, isThere: boolean) => ({
    id: gateway.id,
    name: gateway.name,
    // The gateway there listens on its own computer too; the one here is reached as others reach it.
    url: isThere
      ? `${'tls' in pinned(gateway) ? 'wss' : 'ws'}://127.0.0.1:${portOf(gateway)}`
      : (publishedAddress(pair, gateway).addr ?? ''),
    ...(isThere ? pinned(gateway) : { tls: { fingerprint: certificate } }),
    ...publishedAddress(pair, gateway),
    ...(isThere ? { token: fileOf(`token-${gateway.id}`) } : {}),
  });
  const config: GuardianConfigInput = {
    version: 1,
    stateDir: 'state',
    socket: 'state/guardian.sock',
    pairs: [
      {
        id: pair.id,
        name: pair.name,
        domain: members.primary.domain,
        primary: member(members.primary, there === 'primary'),
        standby: member(members.standby, there === 'standby'),
        profile: pair.profile,
        preempt:
          pair.preempt === null
            ? null
            : { preferred: pair.preempt.preferred, delayMs: pair.preempt.delaySeconds * 1_000 },
        workspace: pair.workspace,
        local: there,
        register: registerConfig(place.register, fileOf('register')),
        dns: place.dns.map((dns) => dnsConfig(dns, fileOf(`dns-${dns.kind}`))),
        peer: {
          listen: { host: place.thereAddress, port: place.peerPort },
          connect: { host: place.hereAddress, port: place.peerPort },
          secret: fileOf('peer'),
        },
      },
    ],
  };
  const thereGateway = members[there];
  const folder = `switchyard-${pair.id}`;
  return {
    folder,
    files: [
      { name: 'guardian.json', text: `${JSON.stringify(config, null, 2)}\n` },
      {
        name: 'plugin.json',
        text: installFencePlugin('{}', {
          pluginPath: 'SWITCHYARD/out/gateway-plugin',
          config: { pair: pair.id, gateway: thereGateway.id, mode: 'timed' },
        }),
      },
      ...names.flatMap((name) => {
        const entry = pairSecret(pair, name);
        const value = entry === null ? null : secret.stored(entry.vaultName);
        return [{ name: `secrets/${name}`, text: value ?? '' }];
      }),
      {
        name: `${tokenFile}${thereGateway.id}`,
        text: secret.token(thereGateway.id) ?? '',
      },
    ],
    copy: [`# ${t('join.copy')}`, `scp -rp ${folder} ${place.thereAddress}:`],
    commands: [
      `# ${t('join.backup', { name: thereGateway.name })}`,
      `mkdir -pm 700 ~/${folder}/backup && openclaw backup create --verify --output ~/${folder}/backup`,
      `# ${t('join.start', { name: thereGateway.name })}`,
      `cd ~/${folder}`,
      `sed -i "s|SWITCHYARD|$SWITCHYARD|" plugin.json && openclaw config patch --file plugin.json`,
      `node "$SWITCHYARD/out/node/guardian.js" --config guardian.json`,
    ],
  };
}

function portOf(gateway: GatewaySettings): string {
  if (gateway.kind === 'managed') return String(gateway.port);
  return new URL(gateway.kind === 'remote' ? gateway.url : gateway.portal).port;
}
