/**
 * Runs rows through carriers against the app and says what came of it.
 *
 * Invariants
 * 1. A crossing counts only after the app has taken it in: a last text behind it is drawn in the work view.
 * 2. Every text is drawn as markdown, not only kept: the view is scrolled until none is left undrawn.
 * 3. What is found after a group belongs to it; nothing found is dropped.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { AppState, OverlayState } from '../../src/shared/index.ts';
import { ask } from '../app/app-run.ts';
import { listing, listingChanges, type AttackWorld } from './attack-world.ts';
import { until, valueOf } from './attacked-app.ts';
import { canarySearch } from './canaries.ts';
import type { Carrier } from './carriers.ts';
import type { AttackRow } from './corpus.ts';
import { aimedAt } from './decoy.ts';
import { watchHost, type Finding, type HostWatch } from './host-watch.ts';

export interface GroupResult {
  readonly carrier: string;
  readonly rows: readonly string[];
  readonly texts: number;
  /** Characters that the work side received in the meantime. */
  readonly bytes: number;
  /** The agent's calls of tools, by tool and end. */
  readonly calls: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
}

export type Look = Pick<GroupResult, 'findings' | 'bytes' | 'calls'>;

export interface Attack {
  /** Carries rows in one way; resolves when the app has digested them and was looked at. */
  carry(carrier: Carrier, rows: readonly AttackRow[]): Promise<GroupResult>;
  /** What was found since the last look, for whatever was done in the meantime. */
  look(): Promise<Look>;
  /** Whether anything personal is in what the work gateway has on disk, or in what its model was asked. */
  searchWork(): readonly Finding[];
  /** Shows a new session of the work gateway. */
  select(sessionKey: string): Promise<void>;
  /** Resolves when the work view shows this text and everything above it is drawn. */
  drawn(end: string): Promise<void>;
  stop(): Promise<void>;
}

/** What an app that only shows asks of a gateway. */
const reading: ReadonlySet<string> = new Set([
  'connect',
  'sessions.list',
  'sessions.subscribe',
  'sessions.messages.subscribe',
  'sessions.messages.unsubscribe',
  'chat.history',
]);
/** Lines of the app's own log that tell of an attempt which a later layer stopped. */
const attempts =
  /request blocked|navigation refused|permission denied|renderer gone|preload failed|uncaught exception|unhandled rejection/u;
/** What Chromium keeps for itself beside the profile. */
const ofChromium =
  /^(?:\.config|\.cache|\.pki|\.local|\.nv)(?:\/|$)|^(?:\.?(?:org|com)\.(?:chromium|google)\.|playwright)/iu;
/** What becomes of the agent's calls while trust is off, and while it is on and nobody approves. */
const refusals: ReadonlySet<string> = new Set(['not-available', 'invalid', 'refused']);
const waiting: ReadonlySet<string> = new Set([...refusals, 'waiting', 'open']);
const textsAtOnce = 20;
/** So many characters of a text in a notification are a part of it. */
const partLength = 12;

/** Begins to watch a world that is up. */
export async function beginAttack(world: AttackWorld): Promise<Attack> {
  const { app, home, puppet, proxy, decoy, folders } = world;
  const work = await app.view('acme');
  const search = canarySearch(world.canaries);
  // The first bytes of all: greetings and what the person did before the attack.
  const early = proxy.takeBytes();
  const greeting: unknown = home.requests[0]?.params;
  const homeDevice = (greeting as { device?: { id?: string } } | undefined)?.device?.id ?? '';
  proxy.takeRequests();
  const watch: HostWatch = await watchHost(app.app, {
    mayWrite: [folders.profile],
    mayReach: world.ports,
  });
  let number = 0;
  /** The texts of the group that is under way. */
  let said: readonly string[] = [];
  let homeAsked = home.requests.length;
  let logRead = readLog(world).length;
  let personBefore = listing(folders.person, ofChromium);
  let temporaryBefore = listing(folders.temporary, ofChromium);
  let outsideBefore = await outside(world);
  let bytesBefore: readonly string[] = early;

  async function look(): Promise<Look> {
    const findings: Finding[] = (await watch.take()).filter(
      (finding) => !(world.trust && belongsToAsking(finding, said)),
    );
    const effect = (what: string): void => {
      findings.push({ kind: 'effect', what });
    };
    for (const line of decoy.take()) findings.push({ kind: 'request', what: `decoy: ${line}` });
    const bytes = [...bytesBefore, ...proxy.takeBytes()];
    bytesBefore = [];
    for (const text of bytes) {
      for (const { canary, encoding } of search(text))
        findings.push({ kind: 'bytes', what: `${canary} (${encoding})` });
      if (homeDevice !== '' && text.includes(homeDevice))
        findings.push({ kind: 'bytes', what: 'the device key that the personal gateway knows' });
    }
    for (const { method } of proxy.takeRequests())
      if (!reading.has(method)) effect(`asked of the work gateway: ${method}`);
    for (const { method } of home.requests.slice(homeAsked))
      if (!reading.has(method)) effect(`asked of the personal gateway: ${method}`);
    homeAsked = home.requests.length;
    const log = readLog(world);
    for (const line of log.slice(logRead).split('\n'))
      if (attempts.test(line))
        findings.push({ kind: 'request', what: `tried: ${line.slice(0, 300)}` });
    logRead = log.length;

    const person = listing(folders.person, ofChromium);
    const temporary = listing(folders.temporary, ofChromium);
    for (const line of listingChanges(personBefore, person)) effect(`file of the person: ${line}`);
    for (const line of listingChanges(temporaryBefore, temporary))
      effect(`temporary file: ${line}`);
    [personBefore, temporaryBefore] = [person, temporary];
    const now = await outside(world);
    for (const name of new Set([...Object.keys(outsideBefore), ...Object.keys(now)]))
      if (outsideBefore[name] !== now[name]) effect(`changed: ${name}: ${now[name] ?? 'gone'}`);
    outsideBefore = now;
    const calls = puppet.takeCalls();
    for (const [name, times] of Object.entries(calls)) {
      const status = name.split(' ')[1] ?? '';
      if (!(world.trust ? waiting : refusals).has(status))
        effect(`the agent's call went through: ${name} (${times})`);
    }
    return { findings, calls, bytes: bytes.reduce((sum, text) => sum + text.length, 0) };
  }

  async function select(sessionKey: string): Promise<void> {
    valueOf(await ask<null>(work, 'session.select', { key: sessionKey }));
    await until('an empty session', async () => {
      const { head } = await paneOf(work);
      return head.sessionKey === sessionKey && !head.loading ? true : undefined;
    });
  }

  async function carryTexts(carrier: Carrier, rows: readonly AttackRow[]): Promise<number> {
    said = rows.flatMap(({ texts }) => texts.flatMap((text) => versions(text, decoy.port)));
    const frames = rows.flatMap((row) => row.frames);
    for (let from = 0; from < said.length; from += textsAtOnce) {
      const texts = said.slice(from, from + textsAtOnce);
      number += 1;
      const sessionKey = `agent:main:attack-${number}`;
      const place = (index: number) => ({
        sessionKey,
        id: `attack-${number}-${index}`,
        atMs: Date.now() + index,
      });
      proxy.change(carrier.answers?.(texts, place(0)) ?? {});
      if (carrier.reconnects === true || carrier.closesWith !== undefined)
        await reconnect(carrier.closesWith?.(texts[0] ?? '') ?? 'once more');
      await select(sessionKey);
      for (const [index, text] of texts.entries())
        for (const { event, payload } of carrier.events(text, place(index)))
          proxy.inject(event, payload);
      if (from === 0) for (const frame of frames) proxy.injectFrame({ type: 'event', ...frame });
      if (carrier.answers !== undefined)
        proxy.inject('sessions.changed', { sessionKey, agentId: 'main', reason: 'patch' });
      const end = `end-of-attack-${number}`;
      proxy.inject('session.message', {
        sessionKey,
        messageId: end,
        message: {
          role: 'assistant',
          content: end,
          timestamp: Date.now() + 1_000,
          __openclaw: { id: end },
        },
      });
      await drawn(end);
      await puppet.obey(texts, (index) => place(index).id);
    }
    proxy.change({});
    return said.length;
  }

  /** Invariants 1 and 2. */
  async function drawn(end: string): Promise<void> {
    await work
      .getByRole('log')
      .getByText(end, { exact: true })
      .first()
      .waitFor({ timeout: 60_000 });
    const undrawn = await work.evaluate(async () => {
      const frame = (): Promise<void> =>
        new Promise((resolve) => {
          requestAnimationFrame(() => {
            setTimeout(resolve, 0);
          });
        });
      const left = (): Element[] => [
        ...document.querySelectorAll('[role=log] .prose.whitespace-pre-wrap'),
      ];
      for (let turn = 0; turn < 400 && left().length > 0; turn += 1) {
        left()[0]?.scrollIntoView();
        await frame();
      }
      await frame();
      return left().length;
    });
    if (undrawn > 0) throw new Error(`${undrawn} messages were never drawn`);
  }

  async function reconnect(reason: string): Promise<void> {
    const words = Buffer.from(reason)
      .subarray(0, 120)
      .toString('utf8')
      .replace(/\ufffd+$/u, '');
    const before = (await app.state()).gateways.find(({ id }) => id === 'acme')?.state.sinceMs;
    proxy.close(1008, words);
    await until('the end of the connection', async () => {
      const at = (await app.state()).gateways.find(({ id }) => id === 'acme')?.state;
      return at?.phase !== 'ready' || at.sinceMs !== before ? true : undefined;
    });
    await ask(app.shell, 'gateways.reconnect', { gatewayId: 'acme' });
    await until('the connection', async () => {
      const at = (await app.state()).gateways.find(({ id }) => id === 'acme')?.state;
      return at?.phase === 'ready' ? true : undefined;
    });
  }

  return {
    carry: async (carrier, rows) => {
      const texts = await carryTexts(carrier, rows);
      const alive = await markup(world);
      const { findings, ...seen } = await look();
      return {
        carrier: carrier.name,
        rows: rows.map(({ id }) => id),
        texts,
        ...seen,
        findings: [...alive, ...findings],
      };
    },
    look,
    searchWork: () => {
      const kept = readdirSync(join(folders.base, 'cloud'), {
        recursive: true,
        withFileTypes: true,
      })
        .filter((entry) => entry.isFile())
        .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
      return [...kept, ...world.model.requests.map(({ prompt }) => prompt)]
        .flatMap(search)
        .map(
          ({ canary, encoding }) => ({ kind: 'bytes', what: `${canary} (${encoding})` }) as const,
        );
    },
    select,
    drawn,
    stop: watch.stop,
  };
}

/**
 * Whether it is of the window in which a person is asked, or of a notification that there is a question, in words of the app's
 * own: none of a text is in them.
 */
function belongsToAsking({ kind, what }: Finding, texts: readonly string[]): boolean {
  if (kind !== 'effect') return false;
  if (/^(?:a window|a page)$|^(?:new page:|navigat\w+ to) app:\/\/bundle\/\w+\.html$/u.test(what))
    return true;
  const words = /^notification: (.*)$/su.exec(what)?.[1];
  if (words === undefined) return false;
  const parts = Array.from({ length: Math.max(1, words.length - partLength + 1) }, (_, at) =>
    words.slice(at, at + partLength),
  );
  return !texts.some((text) => parts.some((part) => text.includes(part)));
}

/** A text as it is, and with its addresses led to the decoy. */
function versions(text: string, port: number): readonly string[] {
  const aimed = aimedAt(port, text);
  return aimed === null ? [text] : [text, aimed];
}

/** Elements that a text may never become, in every page. */
async function markup({ app }: AttackWorld): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  for (const page of app.app.windows()) {
    const names = await page.evaluate(() => {
      const alive =
        'script, img, iframe, frame, object, embed, video, audio, source, picture, style, link, meta, base, a[href], svg image, svg script, [onerror], [onload], [onclick]';
      const inConversations = document.querySelectorAll('[role=log] form, nav form');
      return [...document.body.querySelectorAll(alive), ...inConversations].map((element) =>
        element.outerHTML.slice(0, 200),
      );
    });
    for (const name of names) findings.push({ kind: 'effect', what: `markup came alive: ${name}` });
  }
  return findings;
}

/** The pages of an app in which nobody is asked. */
const known: ReadonlySet<string> = new Set(
  ['shell', 'view', 'overlay'].map((name) => `app://bundle/${name}.html`),
);

/** What nothing that a gateway sends may change, by name. */
async function outside({
  app,
  folders,
  trust: isOn,
}: AttackWorld): Promise<Readonly<Record<string, string>>> {
  const { revision: _revision, panes, gateways, trust, ...state }: AppState = await app.state();
  const { dropped: _dropped, audit: _audit, asks, ...trusting } = trust;
  return {
    ...Object.fromEntries(
      Object.entries(state).map(([name, value]) => [`state.${name}`, JSON.stringify(value)]),
    ),
    'state.trust': JSON.stringify(trusting),
    asks: isOn ? 'may open' : JSON.stringify(asks),
    gateways: JSON.stringify(gateways.map(({ id, name, domain }) => ({ id, name, domain }))),
    panes: JSON.stringify(panes.map(({ id, name, domain }) => ({ id, name, domain }))),
    pages: JSON.stringify(
      app.app
        .windows()
        .map((page) => page.url())
        .filter((url) => !isOn || known.has(url)),
    ),
    overlay: JSON.stringify(valueOf(await ask<OverlayState>(app.overlay, 'overlay.get'))),
    composer: await app.shell.getByRole('textbox', { name: 'Message' }).inputValue(),
    settings: readFileSync(join(folders.profile, 'settings.json'), 'utf8'),
    ...listing(join(folders.profile, 'trust'), /^(?:log|decisions\.jsonl)(?:\/|$)/u),
  };
}

function readLog({ folders }: AttackWorld): string {
  return readFileSync(join(folders.profile, 'logs', 'main.log'), 'utf8');
}

async function paneOf(page: Parameters<typeof ask>[0]): Promise<{
  readonly head: { readonly sessionKey: string; readonly loading: boolean };
}> {
  return valueOf(await ask(page, 'pane.get'));
}
