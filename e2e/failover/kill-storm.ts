// kill-storm.ts [--rounds N] [--hosts one|two]: ends an app's stand-in, the guardian, then both, N times each with SIGKILL,
// under a stream of questions. On one host not one of them may fail; on two hosts nobody may ever act at the same time, and
// a kill may move the role once at most. Exit code 1 when that does not hold.

import { constants } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';

import { closeOpenLabs, openLab } from './lab/lab.ts';
import { changesOf, overlapMs, reignsOf, staleEffects } from './overlap.ts';
import { effectsOf, startProbe } from './world/light.ts';
import { gatewayIds, sharedSecret, startPair, type Pair, type Side } from './world/pair.ts';
import { startDnsmasq, startWitness } from './world/services.ts';

const victims = ['app', 'guardian', 'app and guardian'] as const;

/** A guardian that lived this long is brought back at once; one that keeps dying sooner, ever more slowly. */
const steadyMs = 2_000;

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => {
    void closeOpenLabs().finally(() => process.exit(128 + constants.signals[signal]));
  });
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '100' }, hosts: { type: 'string' } },
});
for (const hosts of ['one', 'two'] as const)
  if (values.hosts === undefined || values.hosts === hosts)
    if (!(await storm(hosts === 'one', Number(values.rounds)))) process.exitCode = 1;

async function storm(onOneHost: boolean, rounds: number): Promise<boolean> {
  const lab = await openLab();
  try {
    if (!onOneHost) {
      await startWitness(lab, sharedSecret(lab));
      await startDnsmasq(lab);
    }
    const pair = await startPair(lab, {
      profile: 'default',
      register: { kind: onOneHost ? 'lock' : 'witness' },
      watched: true,
    });
    await pair.settled('a');
    const probe = await startProbe(lab, 'probe', {
      everyMs: 5,
      by: { kind: 'addresses', addresses: pair.addresses },
    });
    await probe.serving(() => true);
    let app = await startApp(pair, 'a');
    for (const victim of victims) {
      for (let round = 0; round < rounds; round += 1) {
        const side = activeSide(pair);
        const pid = pair.feeds[side].pid();
        if (victim !== 'guardian') app.signal('SIGKILL');
        if (victim !== 'app' && pid !== null) process.kill(pid, 'SIGKILL');
        if (victim !== 'app') await backAgain(pair, side, pid);
        if (victim !== 'guardian') app = await startApp(pair, side);
        await sleep((victim === 'app' ? 0 : steadyMs) + Math.random() * 200);
      }
      process.stdout.write(
        `${onOneHost ? 'one host' : 'two hosts'}: ${victim} killed ${rounds} times\n`,
      );
    }
    app.signal('SIGKILL');
    await sleep(1_500); // the last questions have their time to be answered
    const replies = await probe.end();
    pair.close();
    const effects = effectsOf(lab, Object.values(gatewayIds));
    const overlap = overlapMs(reignsOf(effects));
    const changes = changesOf(replies);
    const said = probe.process.lines.findLast((line) => line.startsWith('unanswered')) ?? '';
    const lost = Number(said.split(' ')[1]);
    process.stdout.write(
      `${onOneHost ? 'one host' : 'two hosts'}: ${said}, role changes ${changes} in ${rounds * 2} kills of a guardian, two active for ${overlap.toFixed(1)} ms, stale effects ${staleEffects(effects).length}\n`,
    );
    return overlap === 0 && (onOneHost ? lost === 0 && changes === 0 : changes <= rounds * 2);
  } finally {
    await lab.close();
  }

  async function startApp(pair: Pair, side: Side): Promise<ReturnType<typeof lab.hosts.a.start>> {
    const child = lab.hosts[onOneHost ? 'a' : side].start('app', process.execPath, [
      join(import.meta.dirname, 'app-stand-in.ts'),
      pair.sockets[side],
    ]);
    await child.line((line) => line === 'attached');
    return child;
  }
}

function activeSide(pair: Pair): Side {
  return pair.feeds.a.view()?.activeId === gatewayIds.b ? 'b' : 'a';
}

/** Resolves when the watchdog brought the guardian back. */
async function backAgain(pair: Pair, side: Side, killed: number | null): Promise<void> {
  while (pair.feeds[side].pid() === killed) await sleep(10);
  await pair.feeds[side].until(({ epoch }) => epoch > 0);
}
