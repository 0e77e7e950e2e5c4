/**
 * The mirror's part of the plugin: the journal of this gateway, what tells it of changes, and its methods.
 *
 * Invariants
 * 1. Hints only say where to look: OpenClaw tells of no row of a tool's result and of no change of a title, and some hints
 *    come before their row. What is true is read from the transcript.
 * 2. There is one journal for each process, whatever OpenClaw reloads; another configuration ends it and begins one anew.
 * 3. Nothing thrown in a timer of ours reaches the gateway: it would end for it.
 */
import { createHash } from 'node:crypto';
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { createEmitter, createLifetime, delay, errorText, systemRandom } from '../../base/index.ts';
import type { Clock, Emitter, Lifetime } from '../../base/index.ts';
import { fieldAt } from '../fields.ts';
import type { Fence } from '../fence/fence.ts';
import { parsePluginConfig } from '../fence/protocol.ts';
import { openJournal } from '../mirror/journal.ts';
import type { LocalJournal } from '../mirror/journal.ts';
import { answerMirrorCall } from '../mirror/methods.ts';
import { mirrorMethodNames } from '../mirror/protocol.ts';
import { startSweep } from '../mirror/sweep.ts';
import { memoryFile } from './memory-file.node.ts';
import { registerMethods } from './methods.ts';
import { openFiles } from './files.node.ts';
import { openTranscripts } from './transcripts.node.ts';

/** What outlives a reload of the plugin's code. */
export interface MirrorMemory {
  /** Keys of conversations in which something may have changed; null: it is not known in which. */
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

/** Registers the mirror's hooks and methods; `fence` is the one of this registration. */
export function registerMirror(
  api: PluginApi,
  memory: MirrorMemory,
  fence: Fence,
  clock: Clock,
): MirrorSide {
  const hint = (key: string | null): void => {
    for (const delayMs of lookAfterMs)
      clock.after(delayMs, () => quietly(api, () => memory.hints.emit(key)));
  };
  for (const hook of rowHooks)
    api.on(hook, (event, context) => {
      const key = fieldAt(event, 'sessionKey') ?? fieldAt(context, 'sessionKey');
      hint(typeof key === 'string' ? key : null);
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
    onUpdate: (listener) =>
      memory.hints.on((key) => {
        if (key !== null) listener(key);
      }),
    tenure: () => (fence.acting() ? null : fence.cell().seq),
  });
  const { lifetime } = memory;
  if (lifetime.signal.aborted) throw new Error('this plugin has another configuration by now');
  lifetime.add(
    api.runtime.events.onSessionTranscriptUpdate(({ sessionKey }) => {
      quietly(api, () => memory.hints.emit(sessionKey ?? null));
    }),
  );
  const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const sweep = startSweep({
    store,
    onChange: (key) => memory.hints.emit(key),
    breathe,
    warn: (message) => api.logger.warn(message),
    clock,
  });
  lifetime.add(() => sweep.close());
  lifetime.add(
    memory.hints.on((key) => {
      if (key === null) sweep.soon();
    }),
  );
  const stateDir = api.runtime.state.resolveStateDir(process.env);
  const file = memoryFile(api, 'in-step.json');
  const config = parsePluginConfig(api.pluginConfig);
  const journal = openJournal({
    pair: config.ok ? config.value.pair : '',
    store,
    files: openFiles(stateDir),
    acting: () => fence.acting(),
    epoch: () => fence.cell().epoch,
    isBusy: (key) => fence.isRunning(key),
    memory: { ...file, write: (text) => quietly(api, () => file.write(text)) },
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
    newId: () => systemRandom().id(),
    breathe,
    clock,
  });
  lifetime.add(() => journal.close());
  return journal;
}

function quietly(api: PluginApi, run: () => void): void {
  try {
    run();
  } catch (error) {
    api.logger.warn(`the mirror could not look: ${errorText(error)}`);
  }
}
