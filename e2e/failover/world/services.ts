/** The programs on the third host: dnsmasq, BIND and our witness, each with state of its own in the lab's folder. */
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { addresses, hostFolder, type Lab } from '../lab/lab.ts';
import type { LabProcess } from '../lab/process.ts';
import { guardianProgram } from './programs.ts';

export const zone = 'home.lan';
export const serviceName = `gw.${zone}`;
export const witnessPort = 7_300;
export const bindPort = 5_300;
const keyName = 'switchyard';

/** Our witness. `again` starts it on the state that is there. */
export async function startWitness(lab: Lab, secretFile: string): Promise<LabProcess> {
  const folder = join(hostFolder(lab, 'witness'), 'witness');
  mkdirSync(folder, { recursive: true });
  const config = join(folder, 'witness.json');
  writeFileSync(
    config,
    JSON.stringify({
      version: 1,
      listen: { host: addresses.witness, port: witnessPort },
      stateDir: join(folder, 'state'),
      pairs: [{ id: 'home', secret: { file: secretFile } }],
    }),
  );
  const child = lab.hosts.witness.start('witness', process.execPath, [
    guardianProgram(),
    'witness',
    '--config',
    config,
  ]);
  await child.line((line) => line.includes('"started"'));
  return child;
}

/** The folder that `startDnsmasq` serves records from. */
export function dnsmasqHosts(lab: Lab): string {
  return join(hostFolder(lab, 'witness'), 'dnsmasq-hosts');
}

/** dnsmasq with a hosts folder and nothing else: no upstream, no system files. */
export async function startDnsmasq(lab: Lab): Promise<LabProcess> {
  const hosts = dnsmasqHosts(lab);
  mkdirSync(hosts, { recursive: true });
  const child = lab.hosts.witness.start('dnsmasq', 'dnsmasq', [
    '--keep-in-foreground',
    '--conf-file=/dev/null',
    '--log-facility=-',
    '--user=root',
    '--no-resolv',
    '--no-hosts',
    `--local=/${zone}/`, // else a name that is not there yet is refused, for want of somebody to ask
    `--hostsdir=${hosts}`,
    `--listen-address=${addresses.witness}`,
    '--bind-interfaces',
    `--pid-file=${join(hostFolder(lab, 'witness'), 'dnsmasq.pid')}`,
  ]);
  await child.line((line) => line.includes('started, version'));
  return child;
}

export interface Bind {
  readonly process: LabProcess;
  /** The key's secret, base64, as guardians read it from a file. */
  readonly secretFile: string;
  readonly keyName: string;
}

/** BIND with one dynamic zone that only our key may change. Started again, it goes on from its files. */
export async function startBind(lab: Lab): Promise<Bind> {
  const folder = join(hostFolder(lab, 'witness'), 'bind');
  mkdirSync(folder, { recursive: true });
  const secretFile = join(folder, 'key');
  const zoneFile = join(folder, 'zone.db');
  const isNew = !existsSync(zoneFile);
  if (isNew) writeFileSync(secretFile, randomBytes(32).toString('base64'));
  const secret = readFileSync(secretFile, 'utf8');
  if (isNew)
    writeFileSync(
      zoneFile,
      `$TTL 5
@ IN SOA ns.${zone}. root.${zone}. 1 60 60 600 1
@ IN NS ns.${zone}.
ns IN A ${addresses.witness}
`,
    );
  const config = join(folder, 'named.conf');
  writeFileSync(
    config,
    `options {
  directory "${folder}";
  pid-file "${join(folder, 'named.pid')}";
  session-keyfile "${join(folder, 'session.key')}";
  listen-on port ${bindPort} { ${addresses.witness}; };
  listen-on-v6 { none; };
  recursion no;
  dnssec-validation no;
  empty-zones-enable no;
};
controls { };
key "${keyName}" { algorithm hmac-sha256; secret "${secret}"; };
zone "${zone}" {
  type primary;
  file "${zoneFile}";
  update-policy { grant ${keyName} zonesub ANY; };
};
`,
  );
  const child = lab.hosts.witness.start('named', 'named', ['-g', '-n', '1', '-c', config]);
  await child.line((line) => line.trimEnd().endsWith('running'));
  return { process: child, secretFile, keyName };
}
