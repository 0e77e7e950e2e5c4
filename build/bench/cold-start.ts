import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

import { createLifetime } from '../../src/base/index.ts';
import type { Lifetime } from '../../src/base/index.ts';
import { startDoubleWorld } from '../../e2e/app/double-world.ts';
import { connectDevTools } from './devtools.ts';
import type { Page } from './devtools.ts';
import { startElectron } from './electron-process.ts';
import { timeCalls, watchAppearance, watchGateways } from './page-probes.ts';
import type { CallTimes } from './page-probes.ts';
import { electronMemory } from './process-memory.ts';
import type { ProcessMemory } from './process-memory.ts';
import { root } from './results-file.ts';

export type SubjectName = 'app' | 'empty';

/** What one cold start gave. Times are from the making of the process. */
export interface ColdStart {
  readonly subject: SubjectName;
  readonly electron: string;
  readonly firstPaintMs: number;
  /** Painted, and the composer can be typed into; null for the empty window. */
  readonly usableMs: number | null;
  /** The composer was there before it was looked for: `usableMs` is then an upper bound. */
  readonly isUsableLate: boolean;
  /** Every gateway ready; null for the empty window. */
  readonly readyMs: number | null;
  /** After the pause; null where it cannot be read. */
  readonly memory: readonly ProcessMemory[] | null;
  readonly ping: CallTimes;
  /** Null for the empty window. */
  readonly preview: CallTimes | null;
}

interface Subject {
  readonly isShell: (url: string) => boolean;
  readonly composer: string | null;
  readonly ping: string;
  /** Prepares a fresh profile; returns the arguments for Electron. */
  prepare(profile: string, lifetime: Lifetime): Promise<readonly string[]>;
}

const subjects: Readonly<Record<SubjectName, Subject>> = {
  app: {
    isShell: (url) => url === 'app://bundle/shell.html',
    composer: 'Message',
    ping: 'switchyard.diagnostics.ping',
    prepare: async (profile, lifetime) => {
      const world = await startDoubleWorld(profile);
      lifetime.add(world.stop);
      return [root, '--home', profile];
    },
  },
  empty: {
    isShell: (url) => url.startsWith('data:') && url.includes('shell'),
    composer: null,
    ping: 'empty.ping',
    prepare: async (profile) => [
      `--user-data-dir=${profile}`,
      join(import.meta.dirname, 'empty-app'),
    ],
  },
};

const startLimitMs = 120_000;
const idleMs = 2_000;
const pollMs = 20;
const pings = Array.from({ length: 1_000 }, (_, index) => index);
const drafts = Array.from({ length: 100 }, (_, index) => ({
  text: `Note ${index}: what is ${index % 2 === 0 ? 'the status of ATLAS' : 'for dinner'}?`,
  binding: null,
}));

/** Starts a subject on a profile of its own, measures it, and ends it; leaves nothing behind, also when it fails or `outer` stops. */
export async function measureColdStart(
  name: SubjectName,
  executable: string,
  outer: Lifetime,
): Promise<ColdStart> {
  outer.signal.throwIfAborted();
  const lifetime = createLifetime();
  const stop = async (): Promise<void> => {
    const [error] = await lifetime.stop();
    if (error !== undefined) throw error as Error;
  };
  outer.add(stop);
  try {
    return await measure(name, realpathSync(executable), lifetime);
  } finally {
    await stop();
  }
}

async function measure(
  name: SubjectName,
  executable: string,
  lifetime: Lifetime,
): Promise<ColdStart> {
  const subject = subjects[name];
  const profile = mkdtempSync(join(tmpdir(), `switchyard-bench-${name}-`));
  lifetime.add(() => {
    rmSync(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  });
  const args = await subject.prepare(profile, lifetime);
  lifetime.signal.throwIfAborted();
  const electron = await startElectron(executable, args, lifetime);
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort(new Error(`A start (${name}) could not be measured in ${startLimitMs / 1_000} s.`));
  }, startLimitMs);
  lifetime.add(() => clearTimeout(timer));
  const signal = AbortSignal.any([lifetime.signal, late.signal]);
  const devTools = await connectDevTools(electron.devToolsUrl, signal);
  lifetime.add(devTools.close);
  const since = (atMs: number): number => atMs - electron.spawnedAtMs;

  const shell = await devTools.page(subject.isShell);
  const { paintedAtMs, editableAtMs, isLate } = await shell.evaluate(
    watchAppearance,
    subject.composer,
  );
  const readyMs = name === 'app' ? since(await shell.evaluate(watchGateways, pollMs)) : null;
  await pause(idleMs, undefined, { signal });
  const memory = electronMemory(electron.pid, executable);
  return {
    subject: name,
    electron: await devTools.electronVersion(),
    firstPaintMs: since(paintedAtMs),
    usableMs: editableAtMs === null ? null : since(Math.max(paintedAtMs, editableAtMs)),
    isUsableLate: isLate,
    readyMs,
    memory,
    ping: await shell.evaluate(timeCalls, { call: subject.ping, inputs: pings }),
    preview: name === 'app' ? await timePreviews(shell) : null,
  };
}

function timePreviews(shell: Page): Promise<CallTimes> {
  return shell.evaluate(timeCalls, { call: 'switchyard.composer.preview', inputs: drafts });
}
