/**
 * One of two worlds that a work gateway must not be able to tell apart: the app's core with two gateways, of which the personal
 * one and everything about it depends on `twin`.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createLogger, systemRandom, type Clock } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import { seededRandom } from '../../src/base/testing/seeded-random.ts';
import type { Core } from '../../src/core/index.ts';
import { openCore } from '../../src/core/index.node.ts';
import { startGatewayDouble } from '../../src/gateways/testing/gateway-double.node.ts';
import { createTranslator, type AppState } from '../../src/shared/index.ts';
import { startDemoPortal } from '../support/demo-portal.ts';
import { until } from './attacked-app.ts';
import { startWireProxy } from './wire-proxy.ts';

/** What a person or an agent does; `who` says in whose words. */
export type Act =
  | { readonly kind: 'say-home' | 'say-work' | 'approved'; readonly text: string }
  | { readonly kind: 'show-work'; readonly session: number }
  /** The same gesture, what is said or copied differs between the twins. */
  | { readonly kind: 'asked' | 'told' | 'copy' | 'noise' | 'home-drops' | 'show-home' }
  | { readonly kind: 'trust'; readonly on: boolean };

export interface TwinWorld {
  play(act: Act): Promise<void>;
  /** What the work side received since the last call, with names that are new each time replaced by numbers. */
  received(): readonly string[];
  stop(): Promise<void>;
}

const edge = { from: 'personal', to: 'work' };
/** A pause between two scripts, by the clock of the app, so that the rates begin anew. */
const pauseMs = 25 * 3_600_000;

/** Starts one. `twin` 0 and 1 differ in all that is personal. */
export async function startTwinWorld(twin: number): Promise<TwinWorld & { pause(): void }> {
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere'; // secrets of this run stay in memory
  const own = seededRandom(7_000 + twin);
  const word = (): string => `${['otter', 'lynx'][twin] ?? 'crow'}${Math.floor(own.unit() * 1e9)}`;
  const phrase = (): string =>
    Array.from({ length: 1 + Math.floor(own.unit() * (twin + 2) * 6) }, word).join(' ');
  const profile = mkdtempSync(join(tmpdir(), `switchyard-${word()}-`));
  const homeToken = `token-${word()}`;
  const home = await startGatewayDouble({
    token: homeToken,
    answer: () => `About that: ${phrase()}`,
  });
  const acme = await startGatewayDouble({ token: 'acme-token-0123456789' });
  const proxy = await startWireProxy(acme.url);
  const portals = [
    await startDemoPortal({ name: 'Home', url: home.url, token: homeToken }),
    await startDemoPortal({ name: 'Acme', url: proxy.url, token: 'acme-token-0123456789' }),
  ] as const;
  const [homePortal, workPortal] = portals;
  const portal = ({ url, code }: { readonly url: string; readonly code: string }) => ({
    kind: 'portal',
    portal: url,
    code,
  });
  const gateways = [
    { id: 'home', name: `Home ${word()}`, domain: 'personal', ...portal(homePortal) },
    { id: 'acme', name: 'Acme', domain: 'work', ...portal(workPortal) },
  ];
  writeFileSync(join(profile, 'settings.json'), JSON.stringify({ version: 1, gateways }));
  let aheadMs = 0;
  const system = systemClock();
  const clock: Clock = {
    ...system,
    wallMs: () => system.wallMs() + aheadMs,
    bootMs: () => system.bootMs() + aheadMs,
  };
  const { core } = await openCore({
    home: profile,
    version: '0.0.0',
    runtime: { node: process.execPath, openclaw: null },
    guardianEntry: join(profile, 'no-guardian.js'),
    fencePlugin: join(profile, 'no-plugin'),
    t: createTranslator('en'),
    clock,
    random: systemRandom(),
    logger: createLogger('twin', () => clock.wallMs(), []),
  });
  core.start();
  await holds(core, ({ gateways: views }) => views.every(({ state }) => state.phase === 'ready'));
  await acme.waitForRequest('chat.history');
  await until('the conversation', () =>
    Promise.resolve(core.pane('acme')?.head.loading === false ? true : undefined),
  );
  const agent = { id: word(), domain: 'personal' };
  let marks = 0;
  const names = new Map<string, string>();

  /** Resolves when the app has taken in all that the work gateway sent, and its answers have come. */
  async function settle(): Promise<void> {
    for (let turn = 0; turn < 2; turn += 1) {
      marks += 1;
      const id = `mark-${marks}`;
      const sessionKey = core.pane('acme')?.head.sessionKey ?? '';
      const message = { role: 'assistant', content: id, timestamp: Date.now(), __openclaw: { id } };
      acme.emit('session.message', { sessionKey, messageId: id, message });
      await until('the mark', () =>
        Promise.resolve(
          core.pane('acme')?.reset?.some(({ text }) => text === id) === true ? true : undefined,
        ),
      );
    }
  }

  async function say(paneId: string, text: string): Promise<void> {
    const sent = core.send({ text, binding: paneId }, paneId);
    if (!sent.ok) throw new Error(sent.error.message);
    await holds(core, ({ outbox }) => outbox.length === 0);
  }

  async function show(paneId: string, key: string): Promise<void> {
    core.selectSession(paneId, key);
    await until('the session', () => {
      const head = core.pane(paneId)?.head;
      return Promise.resolve(head?.sessionKey === key && !head.loading ? true : undefined);
    });
  }

  async function act(step: Act): Promise<void> {
    switch (step.kind) {
      case 'say-home':
        return say('home', step.text);
      case 'say-work':
        return say('acme', step.text);
      case 'show-work':
        return show('acme', `agent:main:work-${step.session}`);
      case 'show-home':
        return show('home', `agent:main:${word()}`);
      case 'copy':
        core.copied('home', phrase());
        return;
      case 'noise':
        for (let index = 0; index < 1 + Math.floor(own.unit() * 20); index += 1)
          home.emit(
            own.pick(['sessions.changed', 'chat', 'exec.approval.requested', 'ui.command']),
            {
              sessionKey: word(),
              runId: word(),
              seq: 1,
              state: 'final',
              reason: phrase(),
              message: { role: 'assistant', content: phrase() },
            },
          );
        return;
      case 'home-drops':
        home.drop();
        await holds(core, ({ gateways: [view] }) => view?.state.phase !== 'ready');
        core.reconnect('home');
        await holds(core, ({ gateways: [view] }) => view?.state.phase === 'ready');
        return;
      case 'trust':
        if (step.on) core.trust.allow(edge);
        else core.trust.revoke();
        return;
      case 'asked':
      case 'told': {
        const action = step.kind === 'asked' ? 'ask_work' : 'tell_work';
        core.agentCalls.call(agent, {
          action,
          to: 'work',
          text: phrase(),
          purpose: word(),
          answer: null,
        });
        for (const { digest } of core.state().trust.asks) core.trust.decline(digest);
        return;
      }
      case 'approved': {
        core.agentCalls.call(agent, {
          action: 'tell_work',
          to: 'work',
          text: step.text,
          purpose: word(),
          answer: null,
        });
        const { asks } = core.state().trust;
        for (const { digest, text } of asks) if (text === step.text) core.trust.approve(digest);
        if (asks.length > 0)
          await until('what was approved', () =>
            Promise.resolve(acme.prompts.at(-1)?.includes(step.text) === true ? true : undefined),
          );
      }
    }
  }

  return {
    play: async (step) => {
      await act(step);
      await settle();
    },
    received: () => proxy.takeBytes().map((text) => withoutNames(text, names)),
    pause: () => {
      aheadMs += pauseMs;
    },
    stop: async () => {
      await core.stop({ leaveRunning: false });
      for (const part of [...portals, proxy, home, acme]) await part.stop();
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function holds(core: Core, fits: (state: AppState) => boolean): Promise<true> {
  return until('a state', () => Promise.resolve(fits(core.state()) ? true : undefined));
}

/** Keys, ids and times are new in each world: each becomes the number of its first appearance, and its length. */
function withoutNames(text: string, names: Map<string, string>): string {
  return text
    .replace(/127\.0\.0\.1:\d+/gu, 'the gateway')
    .replace(
      /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|[\w+/-]{40,}={0,2}|\b[0-9a-f]{16,}\b|(?<=agent:main:)[0-9a-f]{8}\b|(?<=sec-websocket-key\n)\S+/giu,
      (name) => {
        const known = names.get(name) ?? `#${names.size} of ${name.length}`;
        names.set(name, known);
        return known;
      },
    )
    .replace(/\b1[0-9]{12}\b/gu, 'a time');
}
