/**
 * The part of the plugin for workspaces: where this gateway's agents have theirs, and the methods.
 *
 * Invariant: of credentials only the names leave this file.
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import type { Clock } from '../../base/index.ts';
import type { Fence } from '../fence/fence.ts';
import { openFolders } from '../workspace/folders.node.ts';
import { gitTurn, runGit } from '../workspace/git.node.ts';
import { openWorkspace } from '../workspace/local.node.ts';
import { answerWorkspaceCall } from '../workspace/methods.ts';
import type { AuthProfile } from '../workspace/model.ts';
import type { Workspace } from '../workspace/ports.ts';
import { workspaceMethodNames } from '../workspace/protocol.ts';
import { memoryFile, pluginFolder } from './memory-file.node.ts';
import { registerMethods } from './methods.ts';

/** What outlives a reload of the plugin's code. */
export interface WorkspaceMemory {
  /** Null: nobody has asked for it yet. */
  workspace: Promise<Workspace> | null;
}

/** A gateway of which nobody asked anything yet. */
export function newWorkspaceMemory(): WorkspaceMemory {
  return { workspace: null };
}

/** Registers the methods; `fence` is the one of this registration. */
export function registerWorkspace(
  api: PluginApi,
  memory: WorkspaceMemory,
  fence: Fence,
  clock: Clock,
): void {
  const workspace = (): Promise<Workspace> =>
    (memory.workspace ??= open(api, fence, clock).catch((error: unknown) => {
      memory.workspace = null; // the next call tries again
      throw error;
    }));
  registerMethods(api, workspaceMethodNames, async (method, params) =>
    answerWorkspaceCall(method, params, await workspace()),
  );
}

async function open(api: PluginApi, fence: Fence, clock: Clock): Promise<Workspace> {
  const { listAgentIds } = await import('openclaw/plugin-sdk/agent-scope-runtime');
  const { loadAuthProfileStoreForRuntime } = await import('openclaw/plugin-sdk/agent-runtime');
  const { agent: agents, config } = api.runtime;
  const agentIds = (): readonly string[] => listAgentIds(config.current());
  const roots = (): readonly { readonly agent: string; readonly folder: string }[] =>
    agentIds().map((agent) => ({
      agent,
      folder: agents.resolveAgentWorkspaceDir(config.current(), agent),
    }));
  const profiles = async (): Promise<readonly AuthProfile[]> =>
    agentIds().flatMap((agent) => {
      const folder = agents.resolveAgentDir(config.current(), agent);
      const store = loadAuthProfileStoreForRuntime(folder, { allowKeychainPrompt: false });
      return Object.entries(store.profiles).map(([profile, { provider }]) => ({
        agent,
        provider,
        profile,
      }));
    });
  const file = memoryFile(api, 'workspace-in-step.json');
  return openWorkspace({
    folders: openFolders({
      roots,
      trash: join(pluginFolder(api), 'workspace-trash'),
      templates: templatesFolder(),
      wallMs: clock.wallMs,
    }),
    acting: () => fence.acting(),
    epoch: () => fence.cell().epoch,
    memory: { read: file.read, write: file.keep },
    profiles,
    git: (turn, files) => gitTurn(runGit, roots(), turn, files, clock.wallMs),
    clock,
  });
}

/** OpenClaw's own texts for a new workspace lie beside its program; null where they do not. */
function templatesFolder(): string | null {
  const program = process.argv[1];
  if (program === undefined) return null;
  try {
    return join(dirname(realpathSync(program)), 'docs', 'reference', 'templates');
  } catch {
    return null;
  }
}
