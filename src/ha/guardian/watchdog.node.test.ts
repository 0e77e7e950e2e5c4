import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

import { delay } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { writeGuardianConfig } from '../config.node.ts';
import { homePair } from '../testing/pair-config.ts';
import { openSocketClient } from '../testing/socket-client.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { askToEnd, tryConnect } from './conversation.node.ts';
import { exitCodes } from './exit-codes.ts';
import { protocolVersion } from './protocol.ts';

const entry = fileURLToPath(new URL('./guardian-main.node.ts', import.meta.url));
const clock = systemClock();

interface World {
  readonly config: string;
  readonly socket: string;
  readonly log: string;
}

/** A profile whose gateways do not run; the standby's token comes from the app. */
function world(): World {
  const folder = temporaryFolder();
  const socket = join(folder, 'run', 'guardian.sock');
  const config = join(folder, 'guardian.json');
  const pair = homePair();
  writeGuardianConfig(config, {
    version: 1,
    stateDir: join(folder, 'state'),
    socket,
    pairs: [
      {
        ...pair,
        primary: { ...pair.primary, url: 'ws://127.0.0.1:9' },
        standby: { ...pair.standby, url: 'ws://127.0.0.1:10', token: { app: true } },
      },
    ],
  });
  // Whatever the test left running is asked to end, watchdogs that brought themselves back included.
  onTestFinished(async () => {
    const found = await tryConnect(socket);
    if (found === null) return;
    await askToEnd(found);
  });
  return { config, socket, log: join(folder, 'log', 'guardian.log') };
}

function start({ config, log }: World, ...words: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, [entry, '--config', config, '--log', log, ...words], {
    stdio: 'ignore',
  });
  onTestFinished(() => void child.kill('SIGTERM'));
  return child;
}

interface Seen {
  readonly pid: number;
  readonly watched: boolean;
  readonly reason: string;
}

/** What the guardian that listens says of itself; waits for one other than `after`. */
async function guardianOf({ socket }: World, after = 0): Promise<Seen> {
  for (;;) {
    const client = await openSocketClient(socket).catch(() => null);
    if (client !== null) {
      client.say({ type: 'hello', protocol: protocolVersion });
      const gone = client.closed.then(() => null);
      const hello = await Promise.race([client.next('hello'), gone]);
      const status = await Promise.race([client.next('status'), gone]);
      client.close();
      if (hello !== null && status !== null && hello.pid !== after) {
        const { pid, watched } = hello;
        return { pid, watched, reason: status.pairs[0]?.coverReason ?? '' };
      }
    }
    await delay(clock, 20);
  }
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function logged({ log }: World, words: string): Promise<void> {
  while (!existsSync(log) || !readFileSync(log, 'utf8').includes(words)) await delay(clock, 20);
}

describe('the watchdog', () => {
  it('starts the guardian, and starts it again each time that it is killed', async () => {
    const here = world();
    start(here, '--watch');
    let guardian = await guardianOf(here);
    expect(guardian.watched).toBe(true);
    for (let kill = 0; kill < 2; kill += 1) {
      process.kill(guardian.pid, 'SIGKILL');
      guardian = await guardianOf(here, guardian.pid);
    }
    const told = (wanted: string): number =>
      readFileSync(here.log, 'utf8')
        .split('\n')
        .filter((line) => line.includes(`"type":"${wanted}"`)).length;
    // A guardian that answers may be about to write its first line.
    await expect.poll(() => told('started'), { timeout: 20_000 }).toBe(3);
    expect(told('guardian-died')).toBe(2);
  });

  it('ends with a guardian that was asked to end, and does not start it again', async () => {
    const here = world();
    const watchdog = start(here, '--watch');
    await guardianOf(here);
    const client = await openSocketClient(here.socket);
    const exited = exitOf(watchdog);
    client.say({ type: 'hello', protocol: protocolVersion });
    client.say({ type: 'stop' });
    await client.next('ending');
    expect(await exited).toBe(exitCodes.ended);
    expect(await tryConnect(here.socket)).toBeNull();
  });

  it('takes the guardian along when it is asked to end itself', async () => {
    const here = world();
    const watchdog = start(here, '--watch');
    const { pid } = await guardianOf(here);
    const exited = exitOf(watchdog);
    watchdog.kill('SIGTERM');
    expect(await exited).toBe(exitCodes.ended);
    expect(isAlive(pid)).toBe(false);
  });

  it('keeps what the app handed over for the next life of the guardian', async () => {
    const here = world();
    start(here, '--watch');
    const before = await guardianOf(here);
    expect(before.reason).toMatch(/token|read/u);
    const client = await openSocketClient(here.socket);
    client.say({ type: 'hello', protocol: protocolVersion });
    client.say({ type: 'credentials', name: 'home-b', secret: 'swordfish-not-to-be-seen' });
    // With a token it looks, and finds that nothing listens there.
    const looked =
      (gatewayId: string) =>
      (message: {
        pairs: readonly { checks: readonly { gatewayId: string; depth: string }[] }[];
      }) =>
        message.pairs[0]!.checks.some(
          (check) => check.gatewayId === gatewayId && check.depth === 'tcp',
        );
    await client.next('status', looked('home-b'));
    process.kill(before.pid, 'SIGKILL');
    await client.closed;
    await guardianOf(here, before.pid);
    const again = await openSocketClient(here.socket);
    onTestFinished(() => again.close());
    again.say({ type: 'hello', protocol: protocolVersion });
    await again.next('status', looked('home-b'));
    expect(readFileSync(here.log, 'utf8')).not.toContain('swordfish');
  });

  it('is started again by its guardian when it is killed, and then watches that very one', async () => {
    const here = world();
    const watchdog = start(here, '--watch');
    const first = await guardianOf(here);
    watchdog.kill('SIGKILL');
    await logged(here, 'watchdog-attached');
    let seen = await guardianOf(here);
    while (!seen.watched) {
      await delay(clock, 50);
      seen = await guardianOf(here);
    }
    expect(seen.pid).toBe(first.pid);
    process.kill(first.pid, 'SIGKILL');
    const second = await guardianOf(here, first.pid);
    expect(second.watched).toBe(true);
  });

  it('is one: a second gives up, and one that waits takes the place of one that was killed', async () => {
    const here = world();
    const first = start(here, '--watch');
    const { pid } = await guardianOf(here);
    expect(await exitOf(start(here, '--watch'))).toBe(exitCodes.running);
    start(here, '--watch', '--wait');
    await logged(here, 'watchdog-waiting');
    first.kill('SIGKILL');
    await logged(here, 'watchdog-attached');
    process.kill(pid, 'SIGKILL');
    expect((await guardianOf(here, pid)).watched).toBe(true);
  });

  it('does not take the place of one whose end was meant', async () => {
    const here = world();
    const first = start(here, '--watch');
    await guardianOf(here);
    const spare = start(here, '--watch', '--wait');
    const ends = Promise.all([exitOf(first), exitOf(spare)]);
    await logged(here, 'watchdog-waiting');
    first.kill('SIGTERM');
    expect(await ends).toEqual([exitCodes.ended, exitCodes.ended]);
    expect(await tryConnect(here.socket)).toBeNull();
  });

  it('does not try again what cannot work', async () => {
    const here = world();
    writeFileSync(here.config, '{"version":1}');
    expect(await exitOf(start(here, '--watch'))).toBe(exitCodes.config);
  });
});
