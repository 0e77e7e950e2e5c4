import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import { expect, it } from 'vitest';

import { processStartMarkNow } from '../../../src/gateways/process-start-mark.node.ts';
import { run } from './commands.ts';
import { addresses, openLab, type Lab } from './lab.ts';
import { cleanUpAfterCrashes } from './ledger.ts';
import { between, isolated } from './network.ts';
import { startProcess } from './process.ts';

async function reaches(lab: Lab, from: 'a' | 'b', to: 'a' | 'b' | 'witness'): Promise<boolean> {
  return lab.hosts[from].run('ping', '-c', '1', '-W', '1', addresses[to]).then(
    () => true,
    () => false,
  );
}

it('the switch drops what it is told, and nothing else', async () => {
  const lab = await openLab();
  try {
    expect(await reaches(lab, 'a', 'b')).toBe(true);
    await lab.block(between('a', 'b'));
    expect(await reaches(lab, 'a', 'b')).toBe(false);
    expect(await reaches(lab, 'a', 'witness')).toBe(true);
    await lab.block(isolated('a'));
    expect(await reaches(lab, 'a', 'witness')).toBe(false);
    expect(await reaches(lab, 'b', 'witness')).toBe(true);
    await lab.block([]);
    expect(await reaches(lab, 'a', 'b')).toBe(true);
    await lab.hosts.a.unplug();
    expect(await reaches(lab, 'b', 'a')).toBe(false);
  } finally {
    await lab.close();
  }
});

it('what a killed run leaves is removed by the next one, and what still runs is not', async () => {
  const living = await openLab();
  const lost = startProcess('lost', process.execPath, [
    '--input-type=module',
    '--eval',
    `import { openLab } from ${JSON.stringify(join(import.meta.dirname, 'lab.ts'))};
    const lab = await openLab();
    const child = lab.hosts.a.start('sleeper', 'sleep', ['600']);
    console.log(JSON.stringify({ id: lab.id, pid: child.pid }));`,
  ]);
  try {
    const { id, pid } = JSON.parse(await lost.line((line) => line.startsWith('{'))) as {
      id: string;
      pid: number;
    };
    expect(await namespaces()).toContain(`sylab-${id}-a`);
    await lost.end();
    await cleanUpAfterCrashes();
    expect(await namespaces()).not.toContain(`sylab-${id}-`);
    while (processStartMarkNow(pid) !== null) await sleep(10); // a signal takes its moment
    expect(await namespaces()).toContain(`sylab-${living.id}-a`);
  } finally {
    await living.close();
  }
});

function namespaces(): Promise<string> {
  return run('ip', ['netns', 'list']);
}
