/**
 * The mirror's part of the plugin: the journal of this gateway, what tells it of changes, and its methods.
 *
 * Invariants
 * 1. Hints only say where to look: OpenClaw tells of no row of a tool's result and of no change of a title, and some hints
 *    come before their row. What is true is read from the transcript.
 * 2. There is one journal for each process, whatever OpenClaw reloads.
 *    Another configuration ends it and begins one anew.
 * 3. Nothing thrown in a timer of ours reaches the gateway: it would end for it.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { createEmitter, createLifetime, delay, errorText, systemRandom } from '../../base/index.ts';
import type { Clock, Emitter, Lifetime } from '../../base/index.ts';
import type { Fence } from '../fence/fence.ts';
import { pluginId } from '../fence/protocol.ts';
import { openJournal } from '../mirror/journal.ts';
import type { LocalJournal } from '../mirror/journal.ts';
import { canonical } from '../mirror/digest.ts';
import { answerMirrorCall } from '../mirror/methods.ts';
import { mirrorMethodNames } from '../mirror/protocol.ts';
import type { RowStore } from '../mirror/row-store.ts';
import { registerMethods } from './methods.ts';
import { openFiles } from './files.node.ts';
import { openTranscripts } from './transcripts.node.ts';

/** What outlives a reload of the plugin's code. */
export interface MirrorMemory {
  readonly hints: Emitter<string | null>;
  /** Null: nobody has asked for it yet. */
  journal: Promise<LocalJournal> | null;
  /** What ends with it. */
  readonly lifetime: Lifetime;
}

/** A gateway of which nobody asked anything yet. */
export function newMirrorMemory(): MirrorMemory {
  return { hints: createEmitter(), journal: null, lifetime: createLifetime() };
}

/** Ends what runs for a configuration that is no more; its journal neither reads nor remembers anything from now on. */
export function closeMirrorMemory(memory: MirrorMemory): void {
  void memory.lifetime.stop();
}

export interface MirrorSide {
  /** Resolves when the other gateway holds everything of a session, or after `waitMs`: whichever is first. */
  copied(key: string, waitMs: number): Promise<void>;
}

/** Hooks that come with a row, some before and some after it. */
const rowHooks = [
  'before_message_write',
  'after_compaction',
  'before_reset',
  'session_start',
  'session_end',
] as const;
/** When to look after such a hook: once when the row should be there, once more when it surely is. */
const lookAfterMs = [30, 300];
/** Titles and choices change without a hook, and some rows do. */
const sweepEveryMs = 10_000;

/** Registers the mirror's hooks and methods; `fence` is the one of this registration. */
export function registerMirror(
  api: PluginApi,
  memory: MirrorMemory,
  fence: Fence,
  clock: Clock,
): MirrorSide {
  const hint = (context: unknown): void => {
    const { sessionKey } = Object(context) as { readonly sessionKey?: unknown };
    const key = typeof sessionKey === 'string' ? sessionKey : null;
    for (const delayMs of lookAfterMs)
      clock.after(delayMs, () => quietly(api, () => memory.hints.emit(key)));
  };
  for (const hook of rowHooks)
    api.on(hook, (event, context) => {
      hint({ ...Object(context), ...Object(event) });
    });

  const journal = (): Promise<LocalJournal> =>
    (memory.journal ??= open(api, memory, fence, clock).catch((error: unknown) => {
      memory.journal = null; // the next call tries again
      throw error;
    }));

  registerMethods(api, mirrorMethodNames, async (method, params) =>
    answerMirrorCall(method, params, await journal()),
  );

  return {
    copied: async (key, waitMs) => {
      if (memory.journal === null) return; // nobody copies
      // Reading may take longer than the wait: the model is not kept from its work by that.
      const isCopied = memory.journal.then((opened) => opened.copied(key, waitMs));
      await Promise.race([isCopied, delay(clock, waitMs)]);
    },
  };
}

async function open(
  api: PluginApi,
  memory: MirrorMemory,
  fence: Fence,
  clock: Clock,
): Promise<LocalJournal> {
  const { listAgentIds } = await import('openclaw/plugin-sdk/agent-scope-runtime');
  const store = await openTranscripts({
    agentIds: () => listAgentIds(api.runtime.config.current()),
    onUpdate: (listener) => memory.hints.on(listener),
  });
  const { lifetime } = memory;
  if (lifetime.signal.aborted) throw new Error('this plugin has another configuration by now');
  lifetime.add(
    api.runtime.events.onSessionTranscriptUpdate(({ sessionKey }) => {
      quietly(api, () => memory.hints.emit(sessionKey ?? null));
    }),
  );
  lifetime.add(sweep(api, store, memory.hints, clock));
  const stateDir = api.runtime.state.resolveStateDir(process.env);
  const folder = join(stateDir, pluginId);
  const path = join(folder, 'in-step.json');
  const journal = openJournal({
    store,
    files: openFiles(stateDir),
    acting: () => fence.acting(),
    epoch: () => fence.cell().epoch,
    isBusy: (key) => fence.isRunning(key),
    memory: {
      read: () => {
        try {
          return readFileSync(path, 'utf8');
        } catch {
          return null;
        }
      },
      write: (text) => {
        quietly(api, () => {
          mkdirSync(folder, { recursive: true, mode: 0o700 });
          writeFileSync(`${path}.new`, text, { mode: 0o600 });
          renameSync(`${path}.new`, path); // not synced: it is allowed to be lost
        });
      },
    },
    sha256: (text) => createHash('sha256').update(text).digest(),
    newId: () => systemRandom().id(),
    breathe: () => new Promise((resolve) => setImmediate(resolve)),
    clock,
  });
  lifetime.add(() => journal.close());
  return journal;
}

/** Looks for what no hook tells of: titles, choices, transcripts that were cut, sessions that were made or deleted. Gives back how to end it. */
function sweep(
  api: PluginApi,
  store: RowStore,
  hints: Emitter<string | null>,
  clock: Clock,
): () => void {
  let known = new Map<string, string>();
  const look = (): void => {
    const present = new Map(
      store.list().map((session) => [session.key, canonical(session) + store.size(session)]),
    );
    for (const [key, text] of present) if (known.get(key) !== text) hints.emit(key);
    for (const key of known.keys()) if (!present.has(key)) hints.emit(key);
    known = present;
  };
  let cancel = (): void => undefined;
  const again = (): void => {
    quietly(api, look);
    cancel = clock.after(sweepEveryMs, again);
  };
  again();
  return () => cancel();
}

function quietly(api: PluginApi, run: () => void): void {
  try {
    run();
  } catch (error) {
    api.logger.warn(`the mirror could not look: ${errorText(error)}`);
  }
}
