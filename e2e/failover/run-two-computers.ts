// npm run test:two-computers: the app and one gateway on host A, the other gateway and a guardian on host B, witness and dnsmasq on a
// third; each host is a network namespace. Needs root, and a display. Exit code 2 when this machine cannot hold them.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { resolve } from 'node:path';

import { labObstacle } from './lab/commands.ts';
import { closeOpenLabs, hostFolder, openLab, type Lab } from './lab/lab.ts';
import { sharedSecret } from './world/pair.ts';
import { dnsmasqHosts, startDnsmasq, startWitness } from './world/services.ts';
import type { TwoComputers } from './two-computers.ts';

const root = resolve(import.meta.dirname, '../..');

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void closeOpenLabs().finally(() => process.exit(128 + constants.signals[signal]));
  });

const obstacle = labObstacle();
if (obstacle === null) process.exitCode = await run(await openLab());
else {
  process.stderr.write(`Two computers cannot be played here: ${obstacle}.\n`);
  process.exitCode = 2;
}

async function run(lab: Lab): Promise<number> {
  try {
    const secretFile = sharedSecret(lab);
    await startWitness(lab, secretFile);
    await startDnsmasq(lab);
    const two: TwoComputers = {
      folderOfB: hostFolder(lab, 'b'),
      namespaceOfB: lab.hosts.b.namespace,
      hostsDir: dnsmasqHosts(lab),
      secretFile,
    };
    // The runner itself is on host A: it talks to the app over the loopback.
    const tests = spawn(
      'ip',
      [
        ...['netns', 'exec', lab.hosts.a.namespace, process.execPath],
        resolve(root, 'node_modules/@playwright/test/cli.js'),
        ...['test', '--project=two-computers', ...process.argv.slice(2)],
      ],
      {
        cwd: root,
        stdio: ['ignore', 'inherit', 'inherit'],
        env: { ...process.env, SWITCHYARD_TWO_COMPUTERS: JSON.stringify(two) },
      },
    );
    const [code] = (await once(tests, 'exit')) as [number | null];
    return code ?? 1;
  } finally {
    await lab.close();
  }
}
