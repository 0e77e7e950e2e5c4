import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, onTestFinished } from 'vitest';

import { startEchoModel } from '../../../e2e/support/echo-model.ts';
import { startTelegram } from '../../../e2e/support/telegram.ts';
import { delay } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { callPlugin } from '../fence/plugin-link.node.ts';
import { buildFencePlugin } from '../fence/testing/fenced-gateway.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { interruptedWords } from './model.ts';
import { openDutiesPort } from './duties-port.ts';
import { pluginDuties } from './plugin-duties.node.ts';
import { makeDutyGateway } from './testing/duty-gateway.ts';
import type { DutyGateway } from './testing/duty-gateway.ts';

const clock = systemClock();

async function until(happened: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const endMs = clock.bootMs() + 60_000;
  while (!(await happened())) {
    if (clock.bootMs() > endMs) throw new Error(`did not happen: ${what}`);
    await delay(clock, 50);
  }
}

async function activate({ connection }: DutyGateway, epoch: number): Promise<void> {
  const lease = { pair: 'home', epoch, seq: epoch * 10, untilMs: clock.bootMs() + 100_000 };
  const answer = await callPlugin(connection, 'switchyard.grant', lease, 10_000);
  expect(answer).toMatchObject({ kind: 'answered', value: { acting: true } });
}

// Three starts of a gateway for the whole story.
it('has exactly one of two real gateways run jobs and channels', async () => {
  const folder = temporaryFolder();
  const pluginPath = buildFencePlugin(folder);
  const telegram = await startTelegram();
  onTestFinished(() => telegram.close());
  const make = async (name: string): Promise<DutyGateway> => {
    const model = await startEchoModel();
    onTestFinished(() => model.stop());
    const gateway = await makeDutyGateway({
      name,
      folder: join(folder, name),
      pluginPath,
      modelPort: model.port,
      telegram: {
        enabled: true,
        botToken: telegram.token,
        apiRoot: telegram.apiRootFor(name),
        dmPolicy: 'open',
        allowFrom: ['*'],
      },
    });
    onTestFinished(() => gateway.stop());
    return gateway;
  };
  const [a, b] = [await make('a'), await make('b')];
  await Promise.all([a.start(), b.start()]);

  const sides = new Map([a, b].map((one) => [one.name, pluginDuties(one.connection)]));
  const conflicts: string[] = [];
  const duties = openDutiesPort({
    duties: (id) => sides.get(id) ?? null,
    otherOf: (id) => (id === 'a' ? 'b' : 'a'),
    nameOf: (id) => id.toUpperCase(),
    clock,
    onChange: () => undefined,
    onConflict: (_id, words) => conflicts.push(words),
  });
  onTestFinished(() => duties.follow(null));

  const linesOf = (name: string): readonly string[] => {
    const path = join(folder, name);
    return existsSync(path) ? readFileSync(path, 'utf8').trimEnd().split('\n') : [];
  };
  const ranOn = (name: string, gateway: DutyGateway): number =>
    linesOf(name).filter((line) => line === gateway.folder).length;
  const addJob = (
    gateway: DutyGateway,
    name: string,
    schedule: object,
    after = '',
  ): Promise<unknown> =>
    gateway.connection.request(
      'cron.add',
      {
        name,
        schedule,
        sessionTarget: 'isolated',
        wakeMode: 'now',
        payload: {
          kind: 'command',
          argv: ['sh', '-c', `echo $HOME >> ${join(folder, name)}${after}`],
        },
        delivery: { mode: 'none' },
      },
      10_000,
    );
  const inMs = (ms: number): object => ({
    kind: 'at',
    at: new Date(clock.wallMs() + ms).toISOString(),
  });
  const answersTo = (text: string): readonly string[] =>
    telegram.sent.filter((sent) => sent.text.includes(text)).map(({ who }) => who);
  const say = async (text: string, by: string): Promise<void> => {
    telegram.push(text);
    await until(() => answersTo(text).length > 0, `an answer to ${text}`);
    expect(answersTo(text)).toEqual([by]);
  };
  const inStep = (): Promise<void> => until(() => duties.view()?.state === 'in-step', 'in step');

  // Nobody has the role: nobody polls, though both are configured to.
  expect(telegram.getUpdatesCalls).toEqual([]);
  await activate(a, 1);
  duties.follow({ gatewayId: 'a', epoch: 1 });
  await until(() => telegram.polling === 'a', 'A polls');
  await say('first words', 'a');
  await addJob(a, 'every', { kind: 'every', everyMs: 2_000 });
  await addJob(a, 'once', inMs(2_000));
  await addJob(a, 'cut', inMs(4_000), '; sleep 600');
  await addJob(a, 'later', inMs(30_000));
  await until(() => ranOn('once', a) === 1 && ranOn('cut', a) === 1, 'the first jobs');
  const seenOnB = async (): Promise<readonly string[]> => {
    const look = await sides.get('b')?.look();
    if (look?.ok !== true) return [];
    return look.value.jobs.flatMap(({ name, progress }) =>
      progress['lastError'] === interruptedWords ? [name] : [],
    );
  };
  await until(
    async () => (await seenOnB()).join() === 'cut',
    'B knows that one job began, and that the other one ended',
  );
  await inStep();
  expect(duties.view()).toMatchObject({ runsOn: 'a', problems: [], onlyOnStandby: [] });

  // A dies in a job; B goes on, and repeats nothing that A began.
  await a.kill();
  duties.follow(null);
  const ticksOfA = ranOn('every', a);
  const pollsOfA = telegram.getUpdatesCalls.filter(({ who }) => who === 'a').length;
  expect(ranOn('every', b)).toBe(0);
  await activate(b, 2);
  duties.follow({ gatewayId: 'b', epoch: 2 });
  await until(() => telegram.polling === 'b', 'B polls');
  await until(() => ranOn('every', b) >= 2, 'the job goes on, on B');
  await say('second words', 'b');

  // A comes back: overdue jobs and a configured channel, and nothing of it happens.
  await a.start();
  await inStep();
  await until(() => ranOn('later', b) === 1, 'a job that was planned on A runs on B');
  const view = duties.view();
  expect(view).toMatchObject({ runsOn: 'b', problems: [] });
  expect(view?.interrupted).toEqual(['cut']);
  expect(view?.channels).toEqual([{ channel: 'telegram', runsOn: 'b', detail: '' }]);
  expect(ranOn('every', a)).toBe(ticksOfA);
  expect(telegram.getUpdatesCalls.filter(({ who }) => who === 'a')).toHaveLength(pollsOfA);

  // B gives the role back: it stops first.
  await callPlugin(b.connection, 'switchyard.drain', { timeoutMs: 5_000 }, 10_000);
  await duties.handedOver(10_000);
  expect(telegram.polling).toBeNull();
  await callPlugin(b.connection, 'switchyard.fence', { pair: 'home', seq: 25 }, 10_000);
  const ticksOfB = ranOn('every', b);
  await activate(a, 3);
  duties.follow({ gatewayId: 'a', epoch: 3 });
  await until(() => telegram.polling === 'a', 'A polls again');
  await until(() => ranOn('every', a) >= ticksOfA + 2, 'the job goes on, on A');
  await say('third words', 'a');
  expect(ranOn('every', b)).toBe(ticksOfB);
  for (const name of ['once', 'cut', 'later']) expect(linesOf(name), name).toHaveLength(1);
  expect(telegram.conflicts).toBe(0);
  for (const text of ['first words', 'second words', 'third words'])
    expect(answersTo(text), text).toHaveLength(1);

  // Somebody else polls the bot: told of, and nothing else.
  expect(conflicts).toEqual([]);
  await fetch(`${telegram.apiRootFor('other')}/bot${telegram.token}/getUpdates?timeout=1`);
  await until(() => conflicts.length === 1, 'the conflict is told of');
  expect(conflicts[0]).toContain('a second gateway');
}, 400_000);
