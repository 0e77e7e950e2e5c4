/** A gateway that is only its workspace, in memory: fast, and with faults to order. */
import { createHash } from 'node:crypto';

import { fail } from '../../../base/index.ts';
import type { Clock, Result } from '../../../base/index.ts';
import { manualClock } from '../../../base/testing/manual-clock.ts';
import type { JournalFailure } from '../../mirror/ports.ts';
import { openWorkspace } from '../local.node.ts';
import type { AuthProfile, GitTurn, LeftFile } from '../model.ts';
import { judgeName, splitPath } from '../names.ts';
import type { Folders, Workspace } from '../ports.ts';

export interface MemoryWorkspace {
  readonly workspace: Workspace;
  /** By path, with the agent's id before it. */
  readonly files: Map<string, { readonly text: string; readonly version: number }>;
  readonly trash: string[];
  readonly signs: Set<string>;
  agents: readonly string[];
  profiles: readonly AuthProfile[];
  readonly templates: Map<string, string>;
  acting: boolean;
  /** The highest epoch that it was told. */
  epoch: number;
  /** What goes wrong with the next call: it does not arrive, or its answer gets lost. */
  fault: () => 'lost-call' | 'lost-answer' | null;
  readonly turns: GitTurn[];
  /** Somebody writes. */
  put(path: string, text: string): void;
  text(path: string): string | undefined;
  /** It is killed and starts again; `forget`: what it remembered is lost as well. */
  restart(forget?: boolean): void;
}

/** A gateway with one agent, `main`, and no files. */
export function memoryWorkspace(clock: Clock = manualClock()): MemoryWorkspace {
  let serial = 0;
  let memory: string | null = null;
  const gateway: MemoryWorkspace = {
    workspace: around(
      () => local,
      () => gateway.fault(),
    ),
    files: new Map(),
    trash: [],
    signs: new Set(),
    agents: ['main'],
    profiles: [],
    templates: new Map(),
    acting: false,
    epoch: 0,
    fault: () => null,
    turns: [],
    put: (path, text) => gateway.files.set(path, { text, version: (serial += 1) }),
    text: (path) => gateway.files.get(path)?.text,
    restart: (forget = false) => {
      if (forget) memory = null;
      local = open();
    },
  };
  const open = (): Workspace =>
    openWorkspace({
      folders: foldersOf(gateway),
      acting: () => gateway.acting,
      epoch: () => gateway.epoch,
      memory: {
        read: () => memory,
        write: (text) => {
          memory = text;
        },
      },
      profiles: async () => gateway.profiles,
      git: async (turn) => {
        gateway.turns.push(turn);
        return { kind: 'done', heads: { main: 'head' } };
      },
      clock,
    });
  let local = open();
  return gateway;
}

function foldersOf(gateway: MemoryWorkspace): Folders {
  const { files, signs } = gateway;
  return {
    list: async () => {
      const left: LeftFile[] = [];
      const listed = [...files].flatMap(([path, { text, version }]) => {
        const verdict = judgeName(splitPath(path)?.within ?? '');
        if (verdict.kind === 'left') left.push({ path, because: verdict.because });
        if (verdict.kind !== 'copied') return [];
        const size = Buffer.byteLength(text);
        return [{ path, size, changedMs: 0, executable: false, version: String(version) }];
      });
      return { agents: gateway.agents, files: listed, left };
    },
    read: async (path) => {
      const found = gateway.text(path);
      return found === undefined ? null : Buffer.from(found);
    },
    write: async (path, bytes, _executable, may) => {
      if (!(await may())) return false;
      gateway.put(path, Buffer.from(bytes).toString('utf8'));
      return true;
    },
    keep: async (path) => void gateway.trash.push(gateway.text(path) ?? ''),
    remove: async (path) => {
      gateway.trash.push(gateway.text(path) ?? '');
      files.delete(path);
    },
    sign: async (nonce, how) => {
      if (how === 'leave') signs.add(nonce);
      const isThere = signs.has(nonce);
      if (how === 'take') signs.delete(nonce);
      return isThere ? gateway.agents : [];
    },
    templates: async () =>
      new Map(
        [...gateway.templates].map(([name, text]) => [
          name,
          createHash('sha256').update(text).digest('hex'),
        ]),
      ),
  };
}

function around(
  workspace: () => Workspace,
  fault: () => ReturnType<MemoryWorkspace['fault']>,
): Workspace {
  const lost = fail({ words: 'lost', gone: true });
  const ask = async <T>(
    run: () => Promise<Result<T, JournalFailure>>,
  ): Promise<Result<T, JournalFailure>> => {
    const ordered = fault();
    if (ordered === 'lost-call') return lost;
    const answer = await run();
    return ordered === null ? answer : lost;
  };
  return {
    survey: () => ask(() => workspace().survey()),
    read: (...given) => ask(() => workspace().read(...given)),
    write: (...given) => ask(() => workspace().write(...given)),
    remove: (...given) => ask(() => workspace().remove(...given)),
    note: (...given) => ask(() => workspace().note(...given)),
    changes: (...given) => ask(() => workspace().changes(...given)),
    sign: (...given) => ask(() => workspace().sign(...given)),
    git: (...given) => ask(() => workspace().git(...given)),
  };
}
