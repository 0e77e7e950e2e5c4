import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { delay, systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { takeExclusiveLock } from '../exclusive-lock.node.ts';
import type { HeldConnection } from '../health/held-connection.node.ts';
import { readRegister } from '../register/register-record.node.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { openLockRegister } from './lock-register.node.ts';
import { callPlugin } from './plugin-link.node.ts';
import type { FenceCalls, FenceMethod, FenceStatus } from './protocol.ts';
import { buildFencePlugin, connectTo, startFencedGateway } from './testing/fenced-gateway.ts';
import type { FencedGateway } from './testing/fenced-gateway.ts';
import { paperChannel } from './testing/paper-channel.ts';
import { startScriptedModel } from './testing/scripted-model.ts';

const clock = systemClock();
const random = systemRandom();
const main = 'agent:main:main';
/** A conversation that is not busy: a busy one takes a message into its queue and refuses it later. */
const idle = 'agent:main:idle';

async function ask<M extends FenceMethod>(
  connection: HeldConnection,
  method: M,
  params: FenceCalls[M][0],
): Promise<FenceCalls[M][1]> {
  const answer = await callPlugin(connection, method, params, 10_000);
  if (answer.kind !== 'answered') throw new Error(`${method}: ${answer.kind}, ${answer.detail}`);
  return answer.value;
}

async function until(happened: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = clock.bootMs() + 60_000;
  while (!(await happened())) {
    if (clock.bootMs() > endMs) throw new Error(`did not happen: ${what}`);
    await delay(clock, 20);
  }
}

/** A user and their client, on a connection that has nothing to do with the guardian's. */
function user(connection: HeldConnection) {
  const call = (method: string, params: object) => connection.request(method, params, 65_000);
  return {
    call,
    chat: async (
      message: string,
      runId: string = random.id(),
      sessionKey: string = main,
    ): Promise<string> => {
      await call('chat.send', { sessionKey, message, idempotencyKey: runId });
      return runId;
    },
    waitFor: async (runId: string): Promise<string> => {
      const { status } = (await call('agent.wait', { runId, timeoutMs: 60_000 })) as {
        status: string;
      };
      return status;
    },
    deliver: (message: string) =>
      call('send', { to: 'someone', message, channel: paperChannel, idempotencyKey: random.id() }),
    addJob: async (message: string): Promise<string> => {
      const { id } = (await call('cron.add', {
        name: message,
        schedule: { kind: 'every', everyMs: 3_600_000 },
        sessionTarget: 'isolated',
        wakeMode: 'now',
        payload: { kind: 'agentTurn', message },
        delivery: { mode: 'none' },
      })) as { id: string };
      return id;
    },
    /** A job that asks no hook: a command, every second. */
    addCommand: (command: string) =>
      call('cron.add', {
        name: 'command',
        schedule: { kind: 'every', everyMs: 1_000 },
        sessionTarget: 'isolated',
        wakeMode: 'now',
        payload: { kind: 'command', argv: ['sh', '-c', command] },
        delivery: { mode: 'none' },
      }),
    /** Runs a job now and tells how it ended. */
    runJob: async (id: string): Promise<string> => {
      const { runId } = (await call('cron.run', { id, mode: 'force' })) as { runId: string };
      let ended: { status: string } | undefined;
      await until(async () => {
        const { entries } = (await call('cron.runs', { id })) as {
          entries: { runId: string; status: string }[];
        };
        ended = entries.find((entry) => entry.runId === runId);
        return ended !== undefined;
      }, 'the end of a scheduled job');
      return ended?.status ?? '';
    },
    probe: async (runId: string): Promise<string> => {
      await call('agent', {
        message: 'probe',
        modelRun: true,
        promptMode: 'none',
        sessionEffects: 'internal',
        suppressPromptPersistence: true,
        idempotencyKey: runId,
      });
      const { status } = (await call('agent.wait', { runId, timeoutMs: 15_000 })) as {
        status: string;
      };
      return status;
    },
  };
}

/** A guardian that renews a short lease, until it is killed. */
function guard(connection: HeldConnection, firstSeq: number) {
  const leaseMs = 3_000;
  let alive = true;
  let seq = firstSeq;
  let untilMs = 0;
  const run = async (): Promise<void> => {
    while (alive) {
      untilMs = clock.bootMs() + leaseMs;
      const lease = { pair: 'home', epoch: 1, seq, untilMs };
      await callPlugin(connection, 'switchyard.grant', lease, 10_000);
      seq += 1;
      await delay(clock, 300);
    }
  };
  const done = run();
  return {
    /** Kills it and waits until the last lease it gave has run out. */
    killAndOutlive: async (): Promise<number> => {
      alive = false;
      await done;
      connection.close();
      await delay(clock, Math.max(0, untilMs - clock.bootMs()) + 50);
      return seq;
    },
  };
}

// Two starts of a gateway (some 10 s each) for the whole story.
it('lets a real gateway act only while it holds its lease', async () => {
  const folder = temporaryFolder();
  const plugin = buildFencePlugin(folder);
  const model = await startScriptedModel();
  onTestFinished(() => model.stop());

  // One host: the lease is a lock that the gateway's process holds.
  const registerPath = join(folder, 'registers', 'home.json');
  const held = await startFencedGateway(
    join(folder, 'one-host'),
    plugin,
    { pair: 'home', gateway: 'a', mode: 'held', registerPath },
    model,
  );
  onTestFinished(() => held.stop());
  await lockStory(held, registerPath);

  const gateway = await startFencedGateway(
    join(folder, 'two-hosts'),
    plugin,
    { pair: 'home', gateway: 'a', mode: 'timed' },
    model,
  );
  onTestFinished(() => gateway.stop());
  const { call, chat, waitFor, deliver, addJob, addCommand, runJob, probe } = user(
    connectTo(gateway),
  );
  const status = (): Promise<FenceStatus> => ask(side, 'switchyard.status', {});
  const side = connectTo(gateway);

  // It was told nothing yet: nothing happens, but it can be looked at.
  expect(await status()).toMatchObject({ acting: false, problem: null, openclaw: '2026.9.6' });
  await expect(deliver('too early')).rejects.toThrow('No delivery result');
  expect(await ask(side, 'switchyard.echo', { nonce: 'n-1' })).toMatchObject({ nonce: 'n-1' });

  // It warms up, though it may not act: no model is asked, and nothing of it is left.
  const asked = model.requests();
  const warmed = await callPlugin(side, 'switchyard.warm', {}, 60_000);
  expect(warmed).toEqual({ kind: 'answered', value: { warm: true } });
  expect(model.requests()).toBe(asked);
  expect(gateway.transcriptMessages()).toBe(0);
  expect(gateway.sessions()).toEqual([]);
  expect(gateway.archives()).toEqual([]);

  // With a lease everything works. A long one first: the first turn of a process takes its time.
  const leaseMs = 100_000;
  const grant = (order: number): Promise<{ acting: boolean }> =>
    ask(side, 'switchyard.grant', {
      pair: 'home',
      epoch: 1,
      seq: order,
      untilMs: clock.bootMs() + leaseMs,
    });
  expect(await grant(1)).toMatchObject({ acting: true });
  expect(await waitFor(await chat('hello'))).toBe('ok');
  expect(await waitFor(await chat('hello', random.id(), idle))).toBe('ok');
  const job = await addJob('scheduled');
  expect(await runJob(job)).toBe('ok');
  await deliver('on paper');
  expect(gateway.delivered()).toEqual(['on paper']);
  // A check is over with its answer: a hand-over must not wait for it.
  const check = 'switchyard-probe-0000';
  await ask(side, 'switchyard.probe', { runId: check });
  expect(await probe(check)).toBe('ok');
  expect((await status()).running).toBe(0);
  const ticked = join(folder, 'ticked.txt');
  const ticks = (): number => linesOf(ticked);
  await addCommand(`echo tick >> ${ticked}`);
  await until(() => ticks() > 0, 'a scheduled command');

  // A tool loop is running when the guardian dies.
  const ran = join(folder, 'ran.txt');
  const lines = (): number => linesOf(ran);
  model.mode = 'tool-loop';
  model.command = `echo ran >> ${ran}`;
  const guardian = guard(connectTo(gateway), 2);
  const loop = await chat('loop');
  await until(() => lines() >= 2, 'two steps of the tool loop');
  let seq = await guardian.killAndOutlive();
  const before = {
    messages: gateway.transcriptMessages(),
    delivered: gateway.delivered(),
  };
  expect(await status()).toMatchObject({ acting: false });
  await waitFor(loop);
  const requests = model.requests();
  // A step that had begun may end; none begins.
  expect(lines()).toBeLessThanOrEqual(requests);

  // Nobody is there to say no, and yet nothing happens.
  await expect(chat('too late')).rejects.toThrow('not durably admitted');
  await expect(deliver('too late')).rejects.toThrow('No delivery result');
  expect(await runJob(job)).not.toBe('ok');
  expect(await probe('forged-mark-0001')).toBe('error');
  expect(model.requests()).toBe(requests);
  const lastTick = ticks(); // a command that had begun has ended by now
  expect(before.messages).toBeGreaterThan(4);

  // A check of ours passes, announced by whoever may administer the gateway. The same mark is good for nothing else.
  model.mode = 'echo';
  const mark = 'switchyard-probe-0001';
  await ask(side, 'switchyard.probe', { runId: mark });
  await expect(chat('under a stolen mark', mark)).rejects.toThrow('not durably admitted');
  await expect(
    call('agent', { sessionKey: main, message: 'under a stolen mark', idempotencyKey: mark }),
  ).rejects.toThrow('not durably admitted');
  expect(model.requests()).toBe(requests);
  const fresh = 'switchyard-probe-0002';
  await ask(side, 'switchyard.probe', { runId: fresh });
  expect(await probe(fresh)).toBe('ok');
  expect(model.requests()).toBe(requests + 1);
  const echoes = [];
  for (let turn = 0; turn < 20; turn += 1)
    echoes.push(await ask(side, 'switchyard.echo', { nonce: `n-${turn}x` }));
  expect(echoes.every(({ acting }) => !acting)).toBe(true);
  expect({
    messages: gateway.transcriptMessages(),
    delivered: gateway.delivered(),
  }).toEqual(before);
  await delay(clock, 2_000); // two more would have come
  expect(ticks()).toBe(lastTick);

  // With the lease back, work resumes.
  const second = guard(connectTo(gateway), seq + 10);
  await until(async () => (await status()).acting, 'the lease back');
  expect(await waitFor(await chat('back again'))).toBe('ok');
  expect(await runJob(job)).toBe('ok');
  await deliver('back on paper');
  expect(gateway.delivered()).toEqual([...before.delivered, 'back on paper']);
  await until(() => ticks() > lastTick, 'the scheduled command again');

  // A stream that nobody can fence any more ends with its lease.
  model.mode = 'slow';
  const stream = await chat('tell me a long story');
  await until(() => model.open() > 0, 'the stream');
  seq = await second.killAndOutlive();
  await until(() => model.open() === 0, 'the end of the stream');
  await waitFor(stream);

  // Draining takes nothing new and lets what runs end.
  expect(await grant(seq + 10)).toMatchObject({ acting: true });
  const last = await chat('the last one');
  await until(() => model.open() > 0, 'the last run');
  const draining = ask(side, 'switchyard.drain', { timeoutMs: 3_000 });
  await until(async () => (await status()).draining, 'draining');
  await expect(chat('one more', random.id(), idle)).rejects.toThrow('not durably admitted');
  expect(await draining).toEqual({ drained: false, running: 1 });
  expect(model.open()).toBe(1);

  // A fence stops what runs; a grant that it overtook changes nothing.
  expect(await ask(side, 'switchyard.fence', { pair: 'home', seq: seq + 20 })).toMatchObject({
    fenced: true,
  });
  await until(() => model.open() === 0, 'the end of the last run');
  await waitFor(last);
  expect(await grant(seq + 19)).toMatchObject({ acting: false });
  expect(await grant(seq + 20)).toMatchObject({ acting: false });
  await expect(chat('still fenced')).rejects.toThrow('not durably admitted');
  await until(async () => (await status()).running === 0, 'nothing running');
}, 400_000);

// What OpenClaw finds running at its start it goes on with some seconds later: there is nothing to wait for, only to look at.
it('does not leave a gateway that comes back with a turn to take up by itself', async () => {
  const folder = temporaryFolder();
  const model = await startScriptedModel();
  onTestFinished(() => model.stop());
  const gateway = await startFencedGateway(
    join(folder, 'comes-back'),
    buildFencePlugin(folder),
    { pair: 'home', gateway: 'a', mode: 'timed' },
    model,
  );
  onTestFinished(() => gateway.stop());
  const connection = connectTo(gateway);
  const untilMs = clock.bootMs() + 100_000;
  await ask(connection, 'switchyard.grant', { pair: 'home', epoch: 1, seq: 1, untilMs });
  model.mode = 'slow';
  await user(connection).chat('a question whose answer is cut off');
  await until(() => gateway.runningSessions().includes(main), 'a running turn');
  await gateway.restart();
  expect(gateway.runningSessions()).toEqual([]);
}, 200_000);

function linesOf(path: string): number {
  return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n').length : 0;
}

async function lockStory(gateway: FencedGateway, registerPath: string): Promise<void> {
  const connection = connectTo(gateway);
  const register = openLockRegister({
    path: registerPath,
    pairId: 'home',
    gatewayId: 'a',
    connection,
    timeoutMs: 10_000,
  });
  const first = { epoch: 1, holder: 'a', ctr: 1, addr: gateway.url };
  const nobodys = { ...first, holder: 'none', ctr: 2 };
  expect(await register.compareAndSwap(null, first)).toEqual({ kind: 'swapped' });
  expect(await readRegister(registerPath)).toEqual({ kind: 'found', record: first });
  expect(await ask(connection, 'switchyard.status', {})).toMatchObject({
    acting: true,
    lease: { epoch: 1, seq: 1, untilMs: null },
  });
  // The lock stands, whatever becomes of the guardian; only a fence or the end of the process frees it.
  expect(await register.compareAndSwap(first, nobodys)).toEqual({ kind: 'held' });
  await ask(connection, 'switchyard.fence', { pair: 'home', seq: 1 });
  expect(await register.compareAndSwap(first, nobodys)).toEqual({ kind: 'swapped' });
  const again = { ...first, epoch: 2, ctr: 3 };
  expect(await register.compareAndSwap(first, again)).toEqual({ kind: 'conflict' });
  expect(await register.compareAndSwap(nobodys, again)).toEqual({ kind: 'swapped' });
  expect(takeExclusiveLock(`${registerPath}.lock`)).toBeNull();
  const exited = once(gateway.process, 'exit');
  gateway.process.kill('SIGKILL');
  await exited;
  const release = takeExclusiveLock(`${registerPath}.lock`);
  expect(release).not.toBeNull();
  release?.();
}
