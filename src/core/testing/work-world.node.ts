import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger, systemRandom, type Clock } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import {
  startGatewayDouble,
  type GatewayDouble,
} from '../../gateways/testing/gateway-double.node.ts';
import { createTranslator } from '../../shared/index.ts';
import type { AppState } from '../../shared/index.ts';
import type { CallAnswer } from '../../trust/index.ts';
import type { Core } from '../model.ts';
import { openCore } from '../open-core.node.ts';

export interface WorkWorld {
  readonly core: Core;
  readonly work: GatewayDouble;
  /** Goes on to the next day: the rates of crossings are by the day. */
  nextDay(): void;
  /** A question of a personal agent to work. */
  ask(text: string): CallAnswer;
  /** What became of it. */
  outcome(call: CallAnswer): CallAnswer;
  /** Sends a message of the person to work and waits until it is answered: what was written before has arrived by then. */
  say(text: string): Promise<void>;
  until(holds: (state: AppState) => boolean): Promise<void>;
  stop(): Promise<void>;
}

export const toWork = { from: 'personal', to: 'work' };
const agent = { id: 'home', domain: 'personal' };

/**
 * The app's core on a profile of its own, over the files and sockets that the app uses, connected to a double of a work
 * gateway whose model answers `answer`.
 */
export async function openWorkWorld(answer: (text: string) => string): Promise<WorkWorld> {
  const home = mkdtempSync(join(tmpdir(), 'swy-work-'));
  const work = await startGatewayDouble({ token: 'token', answer });
  mkdirSync(home, { recursive: true });
  const acme = { id: 'acme', name: 'Acme', domain: 'work', kind: 'remote', url: work.url };
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ version: 1, gateways: [acme] }));
  const real = systemClock();
  let days = 0;
  const shift = (ms: number): number => ms + days * 24 * 3_600_000;
  const clock: Clock = {
    ...real,
    wallMs: () => shift(real.wallMs()),
    bootMs: () => shift(real.bootMs()),
  };
  const { core } = await openCore({
    home,
    version: '0.0.0',
    runtime: { node: null, openclaw: null },
    guardianEntry: join(home, 'guardian.js'),
    fencePlugin: join(home, 'plugin'),
    t: createTranslator('en'),
    clock,
    random: systemRandom(),
    logger: createLogger('test', () => 0, []),
  });
  const until: WorkWorld['until'] = (holds) =>
    new Promise((resolve) => {
      const look = (state: AppState): void => {
        if (!holds(state)) return;
        stop();
        resolve();
      };
      const stop = core.onState(look);
      look(core.state());
    });
  core.start();
  await core.enterToken('acme', 'token');
  await until(({ gateways }) => gateways[0]?.state.phase === 'ready');
  return {
    core,
    work,
    until,
    nextDay: () => {
      days += 1;
    },
    ask: (text) =>
      core.agentCalls.call(agent, {
        action: 'ask_work',
        to: 'work',
        text,
        purpose: '',
        answer: { type: 'yes-no' },
      }),
    outcome: (call) =>
      call.status === 'waiting' ? core.agentCalls.result(agent, call.ticket) : call,
    say: async (text) => {
      const sent = core.send({ text, binding: 'acme' }, 'acme');
      if (!sent.ok) throw new Error(sent.error.message);
      await until(({ outbox }) => outbox.length === 0);
    },
    stop: async () => {
      await core.stop({ leaveRunning: false });
      await work.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}
