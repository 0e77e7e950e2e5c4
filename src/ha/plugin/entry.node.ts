/**
 * The plugin that OpenClaw loads: registers the gates and the methods of the fence.
 *
 * Invariants
 * 1. OpenClaw registers a plugin more than once in a process, and reloads its code: what must survive (lease, lock, runs)
 *    lives at the process, and only another configuration starts it anew, fenced.
 * 2. The gates are there whatever is wrong with the configuration or the version: then they refuse everything.
 */
import { definePluginEntry } from 'openclaw/plugin-sdk/plugin-entry';
import type { PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { systemRandom } from '../../base/index.ts';
import { systemClock } from '../../base/index.node.ts';
import { createFence, newFenceMemory } from '../fence/fence.ts';
import type { FenceMemory, RunIdentity } from '../fence/fence.ts';
import { answerFenceCall } from '../fence/methods.ts';
import type { FenceMethodPorts } from '../fence/methods.ts';
import { fenceMethodNames, parsePluginConfig, pluginId } from '../fence/protocol.ts';
import { forgetCutTurns } from './cut-turns.ts';
import type { CutTurns } from './cut-turns.ts';
import { createEcho } from './echo.node.ts';
import { closeMirrorMemory, newMirrorMemory, registerMirror } from './mirror-side.node.ts';
import type { MirrorMemory } from './mirror-side.node.ts';
import { heardWaitMs } from '../mirror/model.ts';
import { createGates } from '../fence/gates.ts';
import { warmUpMessage, warmUpSessionName } from '../fence/warm-up-session.ts';
import { heldRegister } from '../fence/held-register.node.ts';
import type { LockMemory } from '../fence/held-register.node.ts';
import { registerMethods } from './methods.ts';
import { pluginProblem } from './problem.ts';
import { newDutiesMemory, registerDuties } from './duties-side.node.ts';
import type { DutiesMemory } from './duties-side.node.ts';
import { warmUp, warmUpMs } from './warm-up.ts';
import type { WarmUpMemory, WarmUpPorts } from './warm-up.ts';
import { newWorkspaceMemory, registerWorkspace } from './workspace-side.node.ts';
import type { WorkspaceMemory } from './workspace-side.node.ts';

interface ProcessMemory {
  readonly configText: string;
  readonly fence: FenceMemory;
  readonly lock: LockMemory;
  readonly duties: DutiesMemory;
  readonly mirror: MirrorMemory;
  readonly workspace: WorkspaceMemory;
  readonly cutTurns: CutTurns;
  readonly warmUp: WarmUpMemory;
  readonly echo: ReturnType<typeof createEcho>;
}

/** After every other plugin: the nearer to the effect, the better. */
const lastOfAll = { priority: -1_000_000 };
const memoryKey = Symbol.for('switchyard.fence');

function register(api: PluginApi): void {
  const warn = (message: string): void => api.logger.warn(message);
  const config = parsePluginConfig(api.pluginConfig);
  const problem = pluginProblem(config, api.runtime.version, SWITCHYARD_TESTED_OPENCLAW);
  if (problem !== null) warn(`no lease is taken: ${problem}`);
  const memory = processMemory(JSON.stringify(api.pluginConfig ?? null), () =>
    createEcho(api.runtime.state.resolveStateDir(process.env), warn),
  );
  const clock = systemClock();
  const fence = createFence(memory.fence, {
    bootMs: clock.bootMs,
    after: (delayMs, run) => clock.after(delayMs, run),
    stopRun: (run) => stopRun(run, warn),
    changed: () => duties.follow(),
  });
  const duties = registerDuties(api, memory.duties, fence, clock);

  void forgetCutTurns(memory.cutTurns, () => api.runtime.config.current(), warn);
  const mirror = registerMirror(api, memory.mirror, fence, clock);
  registerWorkspace(api, memory.workspace, fence, clock);
  const gates = createGates(fence, {
    warn,
    copied: (sessionKey) => mirror.copied(sessionKey, heardWaitMs),
  });
  api.on('before_message_write', gates.beforeMessageWrite, lastOfAll);
  api.on('before_agent_run', gates.beforeAgentRun, lastOfAll);
  api.on('before_tool_call', gates.beforeToolCall, lastOfAll);
  api.on('message_sending', gates.beforeSending, lastOfAll);
  api.on('reply_payload_sending', gates.beforeSending, lastOfAll);
  api.on('agent_end', gates.agentEnd);

  const held = config.ok && config.value.mode === 'held' ? config.value.registerPath : undefined;
  const ports: FenceMethodPorts = {
    config: config.ok ? config.value : { pair: '', gateway: '', mode: 'timed' },
    pluginVersion: SWITCHYARD_VERSION,
    openclawVersion: api.runtime.version,
    problem,
    bootMs: clock.bootMs,
    fence,
    register: held === undefined ? null : heldRegister(held, memory.lock),
    echo: memory.echo,
    warmUp: () => warmUp(memory.warmUp, warmUpPorts(api)),
  };
  registerMethods(api, fenceMethodNames, (method, params) =>
    answerFenceCall(method, params, ports),
  );
}

function processMemory(configText: string, echo: () => ProcessMemory['echo']): ProcessMemory {
  const holder = globalThis as { [memoryKey]?: ProcessMemory };
  const present = holder[memoryKey];
  if (present?.configText === configText) return present;
  if (present !== undefined) {
    present.fence.cancelExpiry();
    present.fence.cell = newFenceMemory().cell; // closures of the old registration must not act on
    present.lock.release?.();
    closeMirrorMemory(present.mirror);
  }
  const fresh = {
    configText,
    fence: newFenceMemory(),
    lock: { release: null },
    duties: present?.duties ?? newDutiesMemory(),
    mirror: newMirrorMemory(),
    cutTurns: present?.cutTurns ?? { forgotten: null },
    workspace: newWorkspaceMemory(),
    warmUp: present?.warmUp ?? { warm: null },
    echo: echo(),
  };
  holder[memoryKey] = fresh;
  return fresh;
}

function warmUpPorts(api: PluginApi): WarmUpPorts {
  return {
    call: async (method, params) => {
      const { callGatewayFromCli } = await import('openclaw/plugin-sdk/gateway-runtime');
      return callGatewayFromCli(method, { timeout: String(warmUpMs), json: true }, params);
    },
    agentId: async () => {
      const { listAgentIds } = await import('openclaw/plugin-sdk/agent-scope-runtime');
      return listAgentIds(api.runtime.config.current())[0] ?? 'main';
    },
    forget: async (agentId) => {
      const { cleanupSessionLifecycleArtifacts, resolveStorePath } =
        await import('openclaw/plugin-sdk/session-store-runtime');
      await cleanupSessionLifecycleArtifacts({
        agentId,
        storePath: resolveStorePath(undefined, { agentId }),
        sessionKeySegmentPrefix: warmUpSessionName,
        transcriptContentMarker: warmUpMessage,
        orphanTranscriptMinAgeMs: 0,
        archiveRemovedEntryTranscripts: false,
      });
    },
    random: systemRandom(),
  };
}

function stopRun(run: RunIdentity, warn: (message: string) => void): void {
  import('openclaw/plugin-sdk/agent-harness').then(
    ({ abortAgentHarnessRun }) => abortAgentHarnessRun(run.sessionId),
    (error: unknown) => warn(`a run could not be stopped: ${String(error)}`),
  );
}

// eslint-disable-next-line no-restricted-exports -- OpenClaw loads the default export of a plugin
export default definePluginEntry({
  id: pluginId,
  name: 'Switchyard fence',
  description: 'Lets this gateway act only while it holds the lease of its pair.',
  register,
});
