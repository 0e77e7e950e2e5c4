/**
 * A pair on one computer with everything real but the model: two OpenClaw gateways with our plugin, the guardian as a process
 * of its own, and the app's core, which sends, keeps the outbox and shows one conversation.
 *
 * Invariants
 * 1. What must come is awaited, never timed: only the limit of a wait says that it did not come.
 * 2. A gateway that was killed is started again `restartMs` later, for ever, as a person would.
 * 3. What was said is known from here, what was asked from the model, what is shown from the pane's own feed: nobody is
 *    asked about itself.
 */
import { once } from 'node:events';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { createLogger, delay, systemRandom } from '../../src/base/index.ts';
import { systemClock } from '../../src/base/index.node.ts';
import type { Core } from '../../src/core/index.ts';
import { openCore } from '../../src/core/index.node.ts';
import { gatewayFolder, type GatewayRuntime } from '../../src/gateways/index.node.ts';
import { openHeldConnection } from '../../src/ha/health/held-connection.node.ts';
import type { HeldConnection } from '../../src/ha/health/held-connection.node.ts';
import type { Mark } from '../../src/ha/mirror/model.ts';
import { pluginJournal } from '../../src/ha/mirror/plugin-journal.node.ts';
import { mergeConversation, type Conversation } from '../../src/renderer/state/conversation.ts';
import { createTranslator } from '../../src/shared/index.ts';
import type { AppState, PairView, TranscriptMessage } from '../../src/shared/index.ts';
import type { PairSettings } from '../../src/store/index.ts';
import { startEchoModel, type EchoModel } from '../support/echo-model.ts';
import { endLeftBehind } from '../support/left-behind.ts';
import { startTelegram, type Telegram } from '../support/telegram.ts';
import { overlapMs, reignsOf } from '../failover/overlap.ts';
import {
  addTelegram,
  mountSmallDisk,
  pairSettings,
  paneId,
  portOf,
  sides,
  squat,
  tokenOf,
  type Side,
} from './rig-settings.ts';

export const mainSession = 'agent:main:main';

/** A part of an answer as it came to the pane. */
export interface Token {
  readonly atMs: number;
  readonly runId: string;
  /** Who spoke for the pane then. */
  readonly from: Side;
  readonly text: string;
}

/** A call of the model that is part of a conversation, and no check. */
export interface ModelCall {
  readonly atMs: number;
  readonly by: Side;
  readonly text: string;
  readonly prompt: string;
  /** The last epoch in which the caller had the role, as the app knew it. */
  readonly epoch: number;
  /** Whether the answer was to be cut off. */
  readonly isCut: boolean;
}

export interface Sent {
  readonly id: string;
  readonly text: string;
  readonly enteredMs: number;
}

export interface RigOptions {
  /** What happened is written here; logs are put beside it when the rig is stopped. */
  readonly timeline: string;
  readonly preempt?: PairSettings['preempt'];
  /** How long a gateway that ended stays away, in milliseconds. */
  readonly restartMs?: number;
  /** With a bot that both gateways are set up for. */
  readonly telegram?: boolean;
  /** Its folder is a file system in memory of `smallDiskMb`, which a check may fill. Linux and root only. */
  readonly smallDisk?: Side;
}

export interface Rig {
  readonly model: EchoModel;
  /** Null unless asked for. */
  readonly telegram: Telegram | null;
  readonly home: string;
  readonly core: Core;
  /** Everything that was sent, in order. */
  readonly said: readonly Sent[];
  readonly tokens: readonly Token[];
  readonly calls: readonly ModelCall[];
  pair(): PairView;
  /** What the pane shows. */
  shown(): readonly TranscriptMessage[];
  /** Resolves when it holds; rejects after `limitMs` and says how things were. */
  until(
    what: string,
    fits: (state: AppState, pair: PairView) => boolean,
    limitMs?: number,
  ): Promise<void>;
  /** Resolves when `side` is active, the other one could take over, and holds every conversation. */
  settledOn(side: Side, limitMs?: number): Promise<void>;
  /**
   * Resolves when both have every row of the main conversation: all that was said is acknowledged. What the guardian tells may
   * be some moments older than the newest row.
   */
  acknowledged(): Promise<void>;
  /** A person writes to the pair and presses Enter. */
  send(text: string): Sent;
  /** Resolves when nothing is on its way any more. */
  quiet(limitMs?: number): Promise<void>;
  /** Sends, and waits for the answer's end. */
  say(text: string): Promise<Sent>;
  pid(side: Side): number;
  signal(side: Side, signal: NodeJS.Signals): void;
  rpc(side: Side, method: string, params: object, timeoutMs?: number): Promise<unknown>;
  /** How far every conversation is on a side, by its own account. */
  marks(side: Side): Promise<Readonly<Record<string, Mark>>>;
  /** Kills a gateway and keeps it away, until the function that this resolves with is called. */
  takeAway(side: Side): Promise<() => Promise<void>>;
  /** How long two gateways asked the model for the conversation at the same time, in milliseconds, since `sinceMs`. */
  overlapMs(sinceMs: number): number;
  now(): number;
  note(words: string): void;
  stop(): Promise<void>;
}

const root = resolve(import.meta.dirname, '../..');
const limitMs = 120_000;
const lookEveryMs = 200;
const drawnMs = 5_000;
const open = new Set<Rig>();
/** What a guardian's check says to the model. */
const checkWords = 'Reply with exactly this and nothing else:';

/** Starts it with the primary, `attic`, about to be active; `settledOn('attic')` waits until it is. */
export async function startRig(runtime: GatewayRuntime, options: RigOptions): Promise<Rig> {
  const { timeline } = options;
  mkdirSync(join(timeline, '..'), { recursive: true });
  writeFileSync(timeline, '');
  const startedMs = performance.now();
  const note = (words: string): void => {
    const at = ((performance.now() - startedMs) / 1_000).toFixed(3).padStart(9);
    appendFileSync(timeline, `${at}  ${words}\n`);
  };
  const home = mkdtempSync(join(tmpdir(), 'switchyard-continuity-'));
  const model = await startEchoModel();
  const settings = await pairSettings(model.url, options.preempt ?? null);
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings, null, 2), { mode: 0o600 });
  const telegram = options.telegram === true ? await startTelegram() : null;
  if (telegram !== null) for (const side of sides) addTelegram(home, side, telegram);
  const disk = options.smallDisk === undefined ? null : mountSmallDisk(home, options.smallDisk);
  // No session bus: the secrets of this run stay in its memory.
  process.env['DBUS_SESSION_BUS_ADDRESS'] = 'unix:path=/nowhere';
  const clock = systemClock();
  const { core } = await openCore({
    home,
    version: '0.0.0',
    runtime,
    guardianEntry: join(root, 'out', 'node', 'guardian.js'),
    fencePlugin: join(root, 'out', 'gateway-plugin'),
    t: createTranslator('en'),
    clock,
    random: systemRandom(),
    logger: createLogger('rig', () => clock.wallMs(), [
      ({ subsystem, message, fields }) =>
        note(`${subsystem}: ${message} ${JSON.stringify(fields)}`),
    ]),
  });

  const said: Sent[] = [];
  const tokens: Token[] = [];
  const calls: ModelCall[] = [];
  const lastEpoch = new Map<Side, number>();
  const waiting = new Set<() => void>();
  const connections = new Map<Side, HeldConnection>();
  const restarting = new Set<string>();
  const cancels = new Set<() => void>();
  let conversation: Conversation | null = null;
  let told = '';

  const pair = (): PairView => {
    const [view] = core.state().pairs;
    if (view === undefined) throw new Error('the settings have no pair');
    return view;
  };
  const look = (): void => {
    for (const check of [...waiting]) check();
  };
  const speaker = (): Side => (pair().activeId === 'bath' ? 'bath' : 'attic');

  core.onState((state) => {
    const { activeId, epoch, cover, coverReason, busy, mirror } = pair();
    if (epoch > 0) lastEpoch.set(activeId === 'bath' ? 'bath' : 'attic', epoch);
    const now = JSON.stringify([
      activeId,
      epoch,
      cover,
      coverReason,
      busy,
      mirror?.state,
      mirror?.rows,
      mirror?.detail,
      state.gateways.map(
        ({ id, state: at }) => `${id} ${at.phase}${'reason' in at ? ` ${at.reason}` : ''}`,
      ),
      state.outbox.map(({ state: at, gatewayId, problem }) => [at, gatewayId, problem]),
    ]);
    if (now !== told) note(now);
    told = now;
    for (const { id, state: at } of state.gateways) {
      const isDown =
        at.phase === 'offline' && (at.reason === 'exited' || at.reason === 'crash-loop');
      if (!isDown || restarting.has(id)) continue;
      restarting.add(id);
      const cancel = clock.after(options.restartMs ?? 1_000, () => {
        cancels.delete(cancel);
        restarting.delete(id);
        core.startGateway(id); // invariant 2
      });
      cancels.add(cancel);
    }
    look();
  });
  core.onPane((pane, change) => {
    if (pane !== paneId) return;
    const before = new Map(conversation?.messages.map(({ id, text }) => [id, text]));
    conversation = mergeConversation(conversation, change);
    for (const { id, role, text, status, runId } of conversation.messages) {
      const isNew = role === 'assistant' && text !== '' && before.get(id) !== text;
      if (isNew && runId !== null && (status === 'streaming' || status === 'done'))
        tokens.push({ atMs: performance.now(), runId, from: speaker(), text });
    }
    look();
  });
  core.onFailover(({ kind, gatewayId, epoch, reason }) => {
    note(`${kind} ${gatewayId ?? ''} epoch ${epoch}: ${reason}`);
  });
  // Never fits: it is told of each request as it comes.
  void model.waitForRequest(({ realm, text, prompt, behaviour }) => {
    const by = realm === 'bath' ? 'bath' : 'attic';
    if (!text.startsWith(checkWords)) {
      const call = {
        atMs: performance.now(),
        by,
        text,
        prompt,
        isCut: behaviour === 'hang',
      } as const;
      calls.push({ ...call, epoch: lastEpoch.get(by) ?? 0 });
      note(`model asked by ${by}: ${text.slice(0, 80)}`);
      look();
    }
    return false;
  });
  core.start();

  const until: Rig['until'] = (what, fits, limit = limitMs) =>
    new Promise((fulfil, reject) => {
      const cancel = clock.after(limit, () => {
        waiting.delete(check);
        reject(new Error(`not within ${limit / 1_000} s: ${what}; ${told}`));
      });
      const check = (): void => {
        if (!holds()) return;
        waiting.delete(check);
        cancel();
        fulfil();
      };
      const holds = (): boolean => {
        try {
          return fits(core.state(), pair());
        } catch {
          return false; // a file that is being written
        }
      };
      waiting.add(check);
      check();
    });
  // Not everything that is waited for is told of: a process, a file.
  const ticking = setInterval(look, lookEveryMs);
  const connectionTo = (side: Side): HeldConnection => {
    const connection =
      connections.get(side) ??
      openHeldConnection({
        member: {
          id: side,
          name: side,
          url: `ws://127.0.0.1:${portOf(settings, side)}`,
          token: { app: true },
        },
        token: async () => tokenOf(pid(side)),
        identity: async () => null,
        onReset: () => undefined,
        clock,
      });
    connections.set(side, connection);
    return connection;
  };
  const pid = (side: Side): number =>
    (
      JSON.parse(readFileSync(gatewayFolder(home, side).pidFile, 'utf8')) as {
        readonly pid: number;
      }
    ).pid;
  const send = (text: string): Sent => {
    const enteredMs = performance.now();
    const sent = core.send({ text: `@${paneId} ${text}`, binding: null }, paneId);
    if (!sent.ok) throw new Error(`“${text}” was not taken: ${sent.error.message}`);
    const one = { id: sent.value.id, text, enteredMs };
    said.push(one);
    note(`Enter: ${text}`);
    return one;
  };
  const quiet = async (limit?: number): Promise<void> => {
    await until(
      'nothing is on its way',
      ({ outbox, panes }) => outbox.length === 0 && !panes.some(({ running }) => running),
      limit,
    );
    // The pane's feed gathers for a moment. What it never shows is for the verdict.
    const isWhole = (): boolean =>
      conversation?.messages.every(({ status }) => status !== 'streaming') ?? true;
    await until('the pane shows it', isWhole, drawnMs).catch(() => undefined);
  };

  /** Once, whoever asks first: the end of a check, or of the process. */
  let stopping: Promise<void> | null = null;
  const end = async (): Promise<void> => {
    clearInterval(ticking);
    for (const cancel of cancels) cancel();
    for (const connection of connections.values()) connection.close();
    await core.stop({ leaveRunning: false });
    await endLeftBehind(home, runtime, settings.gateways);
    await model.stop();
    await telegram?.close();
    const logs: readonly (readonly [string, string])[] = [
      ['guardian', join(home, 'logs', 'guardian.log')],
      ...sides.map((side) => [side, join(gatewayFolder(home, side).logs, 'gateway.log')] as const),
    ];
    for (const [name, path] of logs)
      if (existsSync(path)) copyFileSync(path, timeline.replace(/\.txt$/u, `.${name}.log`));
    disk?.();
    rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
    open.delete(rig);
  };

  const rig: Rig = {
    model,
    telegram,
    home,
    core,
    said,
    tokens,
    calls,
    pair,
    shown: () => conversation?.messages ?? [],
    until,
    settledOn: (side, limit) =>
      until(
        `${side} is active, and the other one has everything`,
        (_state, { activeId, cover, busy, mirror }) =>
          activeId === side &&
          cover === 'protected' &&
          busy === null &&
          mirror?.state === 'in-step',
        limit,
      ),
    acknowledged: async () => {
      const endMs = performance.now() + limitMs;
      for (;;) {
        const [one, two] = await Promise.all(sides.map((side) => rig.marks(side)));
        const mark = one?.[mainSession];
        if (mark !== undefined && JSON.stringify(mark) === JSON.stringify(two?.[mainSession]))
          return;
        if (performance.now() > endMs)
          throw new Error(`not within ${limitMs / 1_000} s: both have every row; ${told}`);
        await delay(clock, lookEveryMs);
      }
    },
    send,
    quiet,
    say: async (text) => {
      const sent = send(text);
      await quiet();
      return sent;
    },
    pid,
    signal: (side, signal) => {
      note(`${signal} to ${side}`);
      process.kill(pid(side), signal);
    },
    rpc: async (side, method, params, timeoutMs = 30_000) =>
      connectionTo(side).request(method, params, timeoutMs),
    marks: async (side) => {
      const survey = await pluginJournal(connectionTo(side)).survey();
      if (!survey.ok) throw new Error(`${side}: ${survey.error.words}`);
      const entries = survey.value.sessions.map(({ key, mark }) => [key, mark] as const);
      return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
    },
    takeAway: async (side) => {
      note(`${side} is taken away`);
      process.kill(pid(side), 'SIGKILL');
      const squatter = await squat(portOf(settings, side));
      return async () => {
        note(`${side} may come back`);
        squatter.close();
        await once(squatter, 'close');
      };
    },
    overlapMs: (sinceMs) =>
      overlapMs(
        reignsOf(
          calls
            .filter(({ atMs }) => atMs >= sinceMs)
            .map(({ by, epoch, atMs }) => ({ id: by, epoch, atMs })),
        ),
      ),
    now: () => performance.now(),
    note,
    stop: () => (stopping ??= end()),
  };
  open.add(rig);
  return rig;
}

/** Stops every rig that runs, for the end of the process. */
export async function closeOpenRigs(): Promise<void> {
  await Promise.all([...open].map((rig) => rig.stop()));
}

/** The other one. */
export function other(side: Side): Side {
  return side === 'attic' ? 'bath' : 'attic';
}
