/**
 * What only the active gateway may do by itself, over one failover: a job that is done before it, one that falls due during it,
 * an update of Telegram that was answered before it, and one that comes with it. Each exactly once.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Telegram } from '../support/telegram.ts';
import { other, type Rig } from './rig.ts';
import type { Side } from './rig-settings.ts';

export interface Duties {
  /** Before the kill: resolves when the first job ran and the first update was answered. */
  before(number: number, by: Side): Promise<void>;
  /** With the kill. */
  during(number: number): void;
  /** After the takeover: resolves when the rest was done; what is wrong with all that was asked for so far. */
  after(number: number): Promise<readonly string[]>;
  /** What was done twice or never, of all that was asked for; and whether two ever polled. */
  verdict(): readonly string[];
}

const soonMs = 1_000;
/** Due when nobody, or the next one, has the role. */
const laterMs = 8_000;
const limitMs = 90_000;
const copiedEveryMs = 200;

/** Begins with nothing asked for. */
export function startDuties(rig: Rig, telegram: Telegram): Duties {
  const file = join(rig.home, 'jobs-ran');
  const jobs: string[] = [];
  const updates: string[] = [];
  const ran = (): readonly string[] =>
    existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : [];
  const answered = (text: string): number =>
    telegram.sent.filter((sent) => sent.text.includes(`Echo: ${text}.`)).length;
  const addJob = async (by: Side, name: string, inMs: number): Promise<void> => {
    jobs.push(name);
    await rig.rpc(by, 'cron.add', {
      name,
      schedule: { kind: 'at', at: new Date(Date.now() + inMs).toISOString() },
      sessionTarget: 'isolated',
      wakeMode: 'now',
      payload: { kind: 'command', argv: ['sh', '-c', `echo ${name} >> ${file}`] },
      delivery: { mode: 'none' },
    });
  };
  /** A bot that nobody polls is said once; the jobs go on. */
  let isPolled = true;
  const push = (text: string): void => {
    if (!isPolled) return;
    updates.push(text);
    telegram.push(`${text}.`);
  };
  /** Resolves when the standby has the job too; else it cannot be there after the kill. */
  const copied = async (to: Side, name: string): Promise<void> => {
    const endMs = rig.now() + limitMs;
    for (;;) {
      const listed = await rig.rpc(to, 'cron.list', { includeDisabled: true });
      if (JSON.stringify(listed).includes(`"${name}"`)) return;
      if (rig.now() > endMs) throw new Error(`${name} was never copied to ${to}`);
      await sleep(copiedEveryMs);
    }
  };
  const done = (job: string, update: string): Promise<void> =>
    rig.until(
      `${job} ran and ${update} was answered`,
      () => ran().includes(job) && (!updates.includes(update) || answered(update) > 0),
      limitMs,
    );
  return {
    before: async (number, by) => {
      await rig
        .until(`${by} polls`, () => !isPolled || telegram.polling === by, limitMs)
        .catch(() => (isPolled = false));
      await addJob(by, `job-before-${number}`, soonMs);
      push(`Update before ${number}`);
      await done(`job-before-${number}`, `Update before ${number}`);
      await addJob(by, `job-during-${number}`, laterMs);
      await copied(other(by), `job-during-${number}`);
    },
    during: (number) => push(`Update during ${number}`),
    after: async (number) => {
      await done(`job-during-${number}`, `Update during ${number}`).catch(() => undefined);
      return verdict();
    },
    verdict,
  };

  function verdict(): readonly string[] {
    return [
      ...(isPolled ? [] : ['nobody polls the bot']),
      ...jobs.flatMap((name) => {
        const times = ran().filter((line) => line === name).length;
        return times === 1 ? [] : [`${name} ran ${times} times`];
      }),
      ...updates.flatMap((text) =>
        answered(text) === 1 ? [] : [`“${text}” was answered ${answered(text)} times`],
      ),
      ...(telegram.conflicts === 0 ? [] : [`two polled the bot ${telegram.conflicts} times`]),
    ];
  }
}

/** Whether a person wrote this to the bot. */
export function isUpdate(text: string): boolean {
  return text.startsWith('Update ');
}
