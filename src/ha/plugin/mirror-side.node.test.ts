// eslint-disable-next-line @typescript-eslint/triple-slash-reference -- it declares modules that exist only inside a gateway
/// <reference path="./openclaw-plugin-sdk.d.ts" />
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, it, vi } from 'vitest';
import type { GatewayCall, PluginApi } from 'openclaw/plugin-sdk/plugin-entry';

import { manualClock } from '../../base/testing/manual-clock.ts';
import { createFence, newFenceMemory } from '../fence/fence.ts';
import { pluginId } from '../fence/protocol.ts';
import { temporaryFolder } from '../testing/temporary-folder.ts';
import { closeMirrorMemory, newMirrorMemory, registerMirror } from './mirror-side.node.ts';

const key = 'agent:main:main';

vi.mock('openclaw/plugin-sdk/agent-scope-runtime', () => ({ listAgentIds: () => ['main'] }));
vi.mock('openclaw/plugin-sdk/session-store-runtime', () => ({
  listSessionEntries: () => [{ sessionKey: 'agent:main:main', entry: { sessionId: 's1' } }],
  getSessionEntry: () => ({ sessionId: 's1' }),
  readTranscriptStatsSync: () => ({ eventCount: 0 }),
  resolveStorePath: () => 'store',
}));
vi.mock('openclaw/plugin-sdk/session-transcript-runtime', () => ({
  readSessionTranscriptRawDelta: async () => ({ kind: 'missing' }),
}));
vi.mock('openclaw/plugin-sdk/agent-sessions', () => ({ SessionManager: {} }));

type Hook = (event: unknown, context: unknown) => unknown;

function world(): {
  clock: ReturnType<typeof manualClock>;
  memory: ReturnType<typeof newMirrorMemory>;
  hooks: Map<string, Hook>;
  listeners: Set<unknown>;
  path: string;
  call(method: string, params: object): Promise<unknown>;
} {
  const clock = manualClock();
  const stateDir = temporaryFolder();
  const hooks = new Map<string, Hook>();
  const methods = new Map<string, (call: GatewayCall) => Promise<void> | void>();
  const listeners = new Set<unknown>();
  const api: PluginApi = {
    pluginConfig: { pair: 'home', gateway: 'a', mode: 'timed' },
    logger: { info: () => undefined, warn: () => undefined },
    runtime: {
      version: '1',
      state: { resolveStateDir: () => stateDir },
      config: { current: () => ({}) },
      agent: { resolveAgentWorkspaceDir: () => '', resolveAgentDir: () => '' },
      events: {
        onSessionTranscriptUpdate: (listener) => {
          listeners.add(listener);
          return () => listeners.delete(listener);
        },
      },
    },
    on: (hook, handler) => hooks.set(hook, handler),
    registerGatewayMethod: (method, handler) => methods.set(method, handler),
  };
  const memory = newMirrorMemory();
  const fence = createFence(newFenceMemory(), {
    bootMs: clock.bootMs,
    after: clock.after,
    stopRun: () => undefined,
    changed: () => undefined,
  });
  registerMirror(api, memory, fence, clock);
  return {
    clock,
    memory,
    hooks,
    listeners,
    path: join(stateDir, pluginId, 'in-step.json'),
    call: (method, params) =>
      new Promise((resolve) => {
        void methods.get(`switchyard.mirror.${method}`)?.({
          params,
          respond: (isOk, payload) => resolve(isOk ? payload : null),
        });
      }),
  };
}

it('finds the session of a hook where it is told, in the event or beside it', async () => {
  const { hooks, memory, clock } = world();
  const heard: unknown[] = [];
  memory.hints.on((hinted) => heard.push(hinted));
  hooks.get('before_message_write')?.({ sessionKey: undefined }, { sessionKey: key });
  hooks.get('session_end')?.({ sessionKey: 'agent:main:other' }, { sessionKey: key });
  hooks.get('session_start')?.({}, undefined);
  clock.advance(300);
  expect(heard).toEqual([key, 'agent:main:other', null, key, 'agent:main:other', null]);
});

it('has the highest epoch on its disk before it takes something, and ends with its configuration', async () => {
  const { call, memory, listeners, clock, path } = world();
  expect(await call('look', { key })).toMatchObject({ state: { key } });
  expect(listeners.size).toBe(1);
  expect(existsSync(path)).toBe(false);
  const mark = { sessionId: 's1', rows: 0, digest: '0'.repeat(64) };
  expect(await call('note', { key, mark, epoch: 7 })).toEqual({ noted: true });
  expect(JSON.parse(readFileSync(path, 'utf8'))).toMatchObject({ pair: 'home', epoch: 7 });

  closeMirrorMemory(memory);
  await vi.waitFor(() => expect(listeners.size).toBe(0));
  const remembered = readFileSync(path, 'utf8');
  expect(JSON.parse(remembered)).toMatchObject({ inStep: { [key]: mark } });
  expect(await call('note', { key, mark: null, epoch: 7 })).toBeNull();
  clock.advance(60_000);
  expect(readFileSync(path, 'utf8')).toBe(remembered);
});
