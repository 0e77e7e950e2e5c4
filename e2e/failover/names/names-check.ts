/**
 * Programs of other people that know only a name: OpenClaw's command line, which looks the name up at each call, and
 * OpenClaw's client, which holds a connection. Before and after a hand-over, a killed gateway and a lost host, on a lab.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { errorText } from '../../../src/base/index.ts';
import type { Outcome } from '../../continuity/stage.ts';
import { nowMs } from '../lab/commands.ts';
import { openLab, type Lab } from '../lab/lab.ts';
import { gatewayIds, otherSide, sides, type Side } from '../world/pair.ts';
import { openClawCli, startHeldClient } from './clients.ts';
import type { Cli, HeldClient } from './clients.ts';
import { startNamedPair } from './named-pair.ts';
import type { Certificates, NamedPair, NameServer } from './named-pair.ts';

export interface NameCheck {
  readonly name: string;
  readonly title: string;
  /** `timeline` is a file for what happened. Never rejects. */
  play(timeline: string): Promise<Outcome>;
}

/** Each needs a machine that can hold a lab (`labObstacle`), `named` and `dnsmasq`. */
export const nameChecks: readonly NameCheck[] = [
  nameCheck('dnsmasq', 'authority'),
  nameCheck('bind', 'one'),
];

/** Of one part of a check, on a machine that has other things to do. */
const limitMs = 300_000;
const sessionKey = 'agent:main:main';
const facts = { first: 'My dog is called Bruno.', second: 'The spare key is with Ada.' };

interface Scene {
  readonly lab: Lab;
  readonly pair: NamedPair;
  readonly cli: Cli;
  /** Holds the fingerprint of A's certificate alone. */
  readonly pinnedToA: Cli;
  readonly held: HeldClient;
  check(holds: boolean, words: string): void;
  figure(words: string): void;
  note(words: string): void;
}

function nameCheck(nameServer: NameServer, certificates: Certificates): NameCheck {
  const name = `names-${nameServer}`;
  const title = `the command line and a held connection reach the active one by name (${nameServer})`;
  return {
    name,
    title,
    play: async (timeline) => {
      const startedMs = nowMs();
      const faults: string[] = [];
      const figures: string[] = [];
      const lines: string[] = [];
      const note = (words: string): void => {
        lines.push(`${((nowMs() - startedMs) / 1_000).toFixed(3).padStart(9)}  ${words}\n`);
        writeFileSync(timeline, lines.join(''));
      };
      const lab = await openLab();
      try {
        const pair = await startNamedPair(lab, nameServer, certificates);
        const trust =
          certificates === 'one'
            ? { fingerprint: await pair.fingerprint('a') }
            : { file: pair.trusted };
        const scene: Scene = {
          lab,
          pair,
          cli: openClawCli(lab, pair, 'cli', trust),
          pinnedToA: openClawCli(lab, pair, 'pinned', { fingerprint: await pair.fingerprint('a') }),
          held: startHeldClient(lab, pair, trust),
          check: (holds, words) => {
            note(`${holds ? 'ok   ' : 'FAULT'} ${words}`);
            if (!holds) faults.push(words);
          },
          figure: (words) => {
            note(words);
            figures.push(words);
          },
          note,
        };
        await within('the pair settles', pair.settled('a'));
        await within('both gateways meet both programs', meetBoth(scene, certificates));
        await within('the active gateway is killed', killActive(scene));
        await within('its host is lost', loseHost(scene));
        await pair.close();
      } catch (error) {
        faults.push(errorText(error));
        note(errorText(error));
      } finally {
        await lab.close();
      }
      const tookMs = nowMs() - startedMs;
      return { name, title, ok: faults.length === 0, faults, figures, tookMs };
    },
  };
}

/** Rejects when a part of a check does not come to its end. */
async function within(what: string, part: Promise<void>): Promise<void> {
  const ending = new AbortController();
  const limit = sleep(limitMs, undefined, { signal: ending.signal, ref: false }).then(() => {
    throw new Error(`${what}: not done after ${limitMs / 1_000} s`);
  });
  limit.catch(() => undefined);
  try {
    await Promise.race([part, limit]);
  } finally {
    ending.abort();
  }
}

/** Before anything happens: each gateway has to approve each program once. The role is handed over to get to the other one. */
async function meetBoth(scene: Scene, certificates: Certificates): Promise<void> {
  const { pair, cli, pinnedToA, held, check, figure } = scene;
  for (const side of sides) {
    await named(scene, side, sides);
    await introduce(scene, side);
    const pinWorks = await pinnedToA.call('health').then(
      () => true,
      (error: unknown) => (errorText(error).includes('fingerprint') ? false : errorText(error)),
    );
    check(
      pinWorks === (side === 'a' || certificates === 'one'),
      `a pin of A’s certificate: ${String(pinWorks)} at ${side}, certificates: ${certificates}`,
    );
    await reaches(scene, side);
    if (side === 'a') {
      await cli.say(facts.first);
      await sayHeld(scene, facts.second);
      await pair.settled('a');
    }
    const before = held.heard().length;
    const done = await pair.feeds[side].order('home', 'hand-over');
    check(done.ok, `handed over: ${done.words}`);
    await pair.settled(otherSide(side));
    const closed = held.heard().slice(before).length > 0;
    figure(`handed over: the held connection to ${side} is ${closed ? 'closed' : 'still open'}`);
    if (!closed) {
      const said = { sessionKey, message: `For ${gatewayIds[side]} alone.` };
      const answer = await held.ask('chat.send', { ...said, idempotencyKey: `late-${side}` });
      figure(
        `handed over: what is sent over it: ${answer.ok ? 'acknowledged' : String(answer.value)}`,
      );
    }
  }
  await named(scene, 'a', sides);
  held.connect();
  await held.until(held.heard().length, ({ kind }) => kind === 'ready');
  await reaches(scene, 'a');
}

/** Kill -9 of the active gateway; its host lives, and its guardian. */
async function killActive(scene: Scene): Promise<void> {
  const { pair, cli, held, figure, note } = scene;
  const before = held.heard().length;
  const killedMs = nowMs();
  await pair.killGateway('a');
  await pair.feeds.b.until(({ activeId }) => activeId === gatewayIds.b);
  figure(`killed: B is active after ${Math.round(nowMs() - killedMs)} ms`);
  await named(scene, 'b', sides);
  const back = await held.until(before, ({ kind }) => kind === 'ready');
  figure(
    `killed: the held connection is back after ${Math.round(back.atMs - killedMs)} ms (${history(held, before, killedMs)})`,
  );
  await reaches(scene, 'b');
  await cli.say('Where are we now?');
  await sayHeld(scene, 'And is it still you?');
  await pair.startGateway('a');
  await pair.settled('b');
  note('A is back as the standby');
}

/** The active gateway's host is cut off: no packet comes or goes, nothing is closed. */
async function loseHost(scene: Scene): Promise<void> {
  const { lab, pair, cli, held, check, figure } = scene;
  const before = held.heard().length;
  const lostMs = nowMs();
  await lab.hosts.b.unplug();
  await pair.feeds.a.until(({ activeId }) => activeId === gatewayIds.a);
  figure(`host lost: A is active after ${Math.round(nowMs() - lostMs)} ms`);
  await named(scene, 'a', ['a']);
  const askedMs = nowMs();
  await cli.call('health');
  figure(`host lost: the next call of the command line took ${Math.round(nowMs() - askedMs)} ms`);
  await cli.say('And now?');
  const end = await held.until(before, ({ kind }) => kind === 'closed');
  figure(`host lost: the held connection notices after ${Math.round(end.atMs - lostMs)} ms`);
  const back = await held.until(before, ({ kind }) => kind === 'ready');
  figure(
    `host lost: it is back after ${Math.round(back.atMs - lostMs)} ms (${history(held, before, lostMs)})`,
  );
  await reaches(scene, 'a');
  const talk = await talkOf(scene);
  for (const side of sides)
    check(
      !talk.some((line) => line.includes(`For ${gatewayIds[side]} alone.`)),
      `what was sent to ${side} after it had given the role away was taken by nobody`,
    );
}

/** Resolves when the guardians of these hosts see that the name leads to `side`. */
async function named({ pair }: Scene, side: Side, seenFrom: readonly Side[]): Promise<void> {
  await Promise.all(
    seenFrom.map((each) =>
      pair.feeds[each].until(
        ({ activeId, dns }) =>
          activeId === gatewayIds[side] &&
          dns.length > 0 &&
          dns.every(({ ok, address }) => ok && address === pair.addressOf(side)),
      ),
    ),
  );
}

/** Each program is turned away by this gateway until its owner approves it there. */
async function introduce(scene: Scene, side: Side): Promise<void> {
  const { pair, cli, held, check } = scene;
  const refused = await cli.say('May I?').then(() => '', errorText);
  const heldRefused = await turnedAway(held);
  for (const [who, words] of [
    ['the command line', refused],
    ['the held client', heldRefused],
  ] as const) {
    const id = /requestId: ([0-9a-f-]{36})/u.exec(words)?.[1];
    check(id !== undefined, `${who} has to be approved at ${side}`);
    if (id !== undefined) await pair.approve(side, id);
  }
  const before = held.heard().length;
  held.connect();
  await held.until(before, ({ kind }) => kind === 'ready');
}

async function turnedAway(held: HeldClient): Promise<string> {
  const before = held.heard().length;
  held.connect();
  const failed = await held.until(before, ({ kind }) => kind === 'failed' || kind === 'ready');
  return failed.kind === 'failed' ? failed.message : '';
}

/** Both programs are at the gateway that has the role now, and it has all that was said. */
async function reaches(scene: Scene, side: Side): Promise<void> {
  const { pair, cli, held, check } = scene;
  const epoch = pair.feeds[side].view()?.epoch;
  const { value } = await held.ask('switchyard.status');
  const status = value as {
    readonly gateway: string;
    readonly acting: boolean;
    readonly lease: { readonly epoch: number };
  };
  check(
    status.gateway === gatewayIds[side] && status.acting && status.lease.epoch === epoch,
    `held: ${status.gateway} answers, acting: ${status.acting}, epoch ${status.lease.epoch} of ${epoch}`,
  );
  const health = JSON.stringify(await cli.call('health'));
  check(health.includes(`/${gatewayIds[side]}/`), `command line: ${side} answers`);
  const talk = await talkOf(scene);
  if (talk.length === 0) return;
  for (const fact of Object.values(facts))
    check(
      talk.filter((line) => line === `user: ${fact}`).length === 1,
      `“${fact}” is there once at ${side}`,
    );
}

/** The conversation as the command line shows it. */
async function talkOf({ cli }: Scene): Promise<readonly string[]> {
  const { messages } = (await cli.call('chat.history', { sessionKey })) as {
    readonly messages: readonly { readonly role: string; readonly content: unknown }[];
  };
  return messages.map(({ role, content }) => {
    const parts =
      typeof content === 'string' ? [{ text: content }] : (content as { text?: string }[]);
    return `${role}: ${parts.map(({ text }) => text ?? '').join('')}`;
  });
}

/** Says something over the held connection and waits for the end of the turn. */
async function sayHeld({ held, check }: Scene, message: string): Promise<void> {
  const key = `held-${message}`;
  const sent = await held.ask('chat.send', { sessionKey, message, idempotencyKey: key });
  const ended = await held.ask('agent.wait', { runId: key, timeoutMs: 30_000 });
  const isOver = (ended.value as { readonly status?: string }).status === 'ok';
  check(sent.ok && ended.ok && isOver, `held: “${message}” is answered`);
}

/** What happened to a held connection since line `since`, in words. */
function history(held: HeldClient, since: number, zeroMs: number): string {
  return held
    .heard()
    .slice(since)
    .filter(({ kind }) => kind !== 'answer')
    .map((line) => {
      const words = line.kind === 'closed' ? `${line.code} ${line.message}` : '';
      const more = line.kind === 'failed' ? line.message : words.trim();
      return `${Math.round(line.atMs - zeroMs)} ${line.kind}${more === '' ? '' : ` ${more}`}`;
    })
    .join(', ');
}
