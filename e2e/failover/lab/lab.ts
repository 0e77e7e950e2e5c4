/**
 * Four hosts on one switch, each a network namespace: two for the gateways, one for the client, one for DNS and witness.
 * Needs root on Linux, `ip` and `nft`; nothing outside the namespaces is touched.
 *
 * Invariants
 * 1. `close` leaves no process, namespace or folder; so does the next `openLab` after a crash.
 * 2. Only processes of this lab's namespaces are ever signalled.
 */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { run } from './commands.ts';
import {
  cleanUpAfterCrashes,
  enterProcess,
  namespacePrefix,
  openLedger,
  processesIn,
  removeLab,
} from './ledger.ts';
import { switchRules, type Block } from './network.ts';
import { startProcess, type LabProcess } from './process.ts';

export const hostNames = ['a', 'b', 'client', 'witness'] as const;
export type HostName = (typeof hostNames)[number];

/** The address of each host; all are on one /24. */
export const addresses: Readonly<Record<HostName, string>> = {
  a: '10.77.0.11',
  b: '10.77.0.12',
  client: '10.77.0.20',
  witness: '10.77.0.53',
};

export interface LabHost {
  readonly name: HostName;
  readonly address: string;
  readonly namespace: string;
  /** Runs a command to its end. */
  run(command: string, ...args: readonly string[]): Promise<string>;
  /** Starts a process; `environment` is added to ours. */
  start(
    name: string,
    command: string,
    args: readonly string[],
    environment?: Readonly<Record<string, string>>,
  ): LabProcess;
  /** Stops every process of the host where it stands, as a paused virtual machine. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  plug(): Promise<void>;
  unplug(): Promise<void>;
  /** Ends every process of the host at once. */
  killAll(): Promise<void>;
  /** Unplugs it and ends every process. */
  losePower(): Promise<void>;
}

export interface Lab {
  readonly id: string;
  /** Everything that a run writes; removed at the end. */
  readonly folder: string;
  readonly hosts: Readonly<Record<HostName, LabHost>>;
  /** What the switch drops from now on; `[]` heals everything. */
  block(blocks: readonly Block[]): Promise<void>;
  close(): Promise<void>;
}

const openLabs = new Set<Lab>();

/** Closes every lab of this process that is still open: the end of a run that somebody cut short. */
export async function closeOpenLabs(): Promise<void> {
  await Promise.all([...openLabs].map((lab) => lab.close()));
}

/** Builds a lab. */
export async function openLab(): Promise<Lab> {
  await cleanUpAfterCrashes();
  const { id, folder } = openLedger();
  const started: LabProcess[] = [];
  const endAll = (): void => {
    for (const child of started) if (child.isRunning()) child.signal('SIGKILL');
  };
  process.on('exit', endAll);
  const prefix = namespacePrefix(id);
  const theSwitch = `${prefix}switch`;

  const close = async (): Promise<void> => {
    endAll();
    process.off('exit', endAll);
    await removeLab(id, folder);
  };

  try {
    await run('ip', ['-batch', '-'], buildScript(prefix));
    for (const name of hostNames)
      await run('ip', ['-n', `${prefix}${name}`, '-batch', '-'], hostScript(name));
    await run('ip', ['-n', theSwitch, '-batch', '-'], switchScript());
    await portsUp(theSwitch);
  } catch (error) {
    await close();
    throw error;
  }

  const hostOf = (name: HostName): LabHost => {
    const namespace = `${prefix}${name}`;
    const signalAll = async (signal: NodeJS.Signals): Promise<void> => {
      for (const pid of await processesIn(namespace)) {
        try {
          process.kill(pid, signal);
        } catch {
          // it ended meanwhile
        }
      }
    };
    const setPort = async (state: 'up' | 'down'): Promise<void> => {
      await run('ip', ['-n', theSwitch, 'link', 'set', 'dev', name, state]);
    };
    return {
      name,
      address: addresses[name],
      namespace,
      run: (command, ...args) => run('ip', ['netns', 'exec', namespace, command, ...args]),
      start: (processName, command, args, environment) => {
        const child = startProcess(
          processName,
          'ip',
          ['netns', 'exec', namespace, command, ...args],
          environment,
        );
        enterProcess(folder, child.pid);
        started.push(child);
        return child;
      },
      freeze: () => signalAll('SIGSTOP'),
      thaw: () => signalAll('SIGCONT'),
      plug: () => setPort('up'),
      unplug: () => setPort('down'),
      killAll: () => signalAll('SIGKILL'),
      losePower: async () => {
        await setPort('down');
        await signalAll('SIGKILL');
      },
    };
  };
  const lab: Lab = {
    id,
    folder,
    hosts: {
      a: hostOf('a'),
      b: hostOf('b'),
      client: hostOf('client'),
      witness: hostOf('witness'),
    },
    block: async (blocks) => {
      await run('ip', ['netns', 'exec', theSwitch, 'nft', '-f', '-'], switchRules(blocks));
    },
    close: async () => {
      openLabs.delete(lab);
      await close();
    },
  };
  openLabs.add(lab);
  return lab;
}

/** The folder of one host for what its processes keep on disk. */
export function hostFolder(lab: Lab, host: HostName): string {
  return join(lab.folder, host);
}

/** A port forwards a moment after it was told to; until then the first packets would be lost. */
async function portsUp(theSwitch: string): Promise<void> {
  for (;;) {
    const text = await run('ip', ['netns', 'exec', theSwitch, 'bridge', 'link', 'show']);
    if (text.split('state forwarding').length > hostNames.length) return;
    await sleep(20);
  }
}

function buildScript(prefix: string): string {
  return [
    `netns add ${prefix}switch`,
    ...hostNames.flatMap((name) => [
      `netns add ${prefix}${name}`,
      `link add eth0 netns ${prefix}${name} type veth peer name ${name} netns ${prefix}switch`,
    ]),
    '',
  ].join('\n');
}

function hostScript(name: HostName): string {
  return `link set lo up
link set eth0 up
address add ${addresses[name]}/24 dev eth0
`;
}

function switchScript(): string {
  return [
    // Without snooping a multicast reaches every port at once, as on a plain home switch.
    'link add switch type bridge mcast_snooping 0',
    'link set switch up',
    ...hostNames.flatMap((name) => [
      `link set dev ${name} master switch`,
      `link set dev ${name} up`,
    ]),
    '',
  ].join('\n');
}
