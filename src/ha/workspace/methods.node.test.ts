import { expect, it } from 'vitest';

import { answerWorkspaceCall } from './methods.ts';
import { pluginWorkspace } from './plugin-workspace.node.ts';
import type { Workspace } from './ports.ts';
import { workspaceMethodNames } from './protocol.ts';
import type { WorkspaceMethod } from './protocol.ts';
import { syncRound } from './sync.ts';
import { memoryWorkspace } from './testing/memory-workspace.ts';
import type { MemoryWorkspace } from './testing/memory-workspace.ts';

const hash = '0'.repeat(64);
const path = 'main/MEMORY.md';

/** The workspaces of a gateway behind its own RPC: everything goes through JSON, the parser and the schemas. */
function overRpc({ workspace }: MemoryWorkspace): Workspace {
  return pluginWorkspace({
    generation: () => 1,
    request: async (method, params) => {
      const sent = JSON.parse(JSON.stringify(params)) as unknown;
      const answer = await answerWorkspaceCall(method as WorkspaceMethod, sent, workspace);
      if (!answer.ok) throw new Error(`${answer.code}: ${answer.message}`);
      return JSON.parse(JSON.stringify(answer.payload)) as unknown;
    },
  });
}

it('carries everything that a sync asks for', async () => {
  const [a, b] = [memoryWorkspace(), memoryWorkspace()];
  a.profiles = [{ agent: 'main', provider: 'openai', profile: 'openai:default' }];
  const [active, copy] = [overRpc(a), overRpc(b)];
  const round = (): ReturnType<typeof syncRound> =>
    syncRound(
      { active, copy, activeId: 'a', copyId: 'b', epoch: 1, stopped: () => false },
      () => undefined,
    );
  a.put(path, 'ö'.repeat(300_000));
  a.put('main/memory/gone.md', 'x');
  b.put('main/USER.md', 'y');
  expect(await round()).toMatchObject({ kind: 'done', trouble: '', carried: 3, total: 3 });
  a.files.delete('main/memory/gone.md');
  a.put(path, 'of a');
  b.put(path, 'of b');
  expect(await round()).toMatchObject({ kind: 'done', trouble: '' });
  expect([...b.files.keys()].sort()).toEqual([
    'main/MEMORY.conflict-b-1970-01-01.md',
    path,
    'main/USER.md',
  ]);
  expect(await active.sign('a-nonce-of-ours', 'leave')).toEqual({ ok: true, value: ['main'] });
  expect(await copy.sign('a-nonce-of-ours', 'find')).toEqual({ ok: true, value: [] });
  expect(await active.changes(1_000_000, 1_000)).toMatchObject({ ok: true });
  const turn = { role: 'active', gateway: 'a', remote: 'origin', epoch: 1 } as const;
  expect(await active.git(turn)).toMatchObject({ ok: true, value: { kind: 'done' } });
});

it('refuses what it does not understand, by name', async () => {
  const { workspace, files } = memoryWorkspace();
  const part = { data: 'eA==', size: 1 };
  const write = {
    path,
    offset: 0,
    part,
    hash,
    executable: false,
    on: null,
    by: 'active',
    epoch: 1,
  };
  const turn = { role: 'active', gateway: 'a', remote: 'origin', epoch: 1 };
  const cases: readonly (readonly [WorkspaceMethod, unknown, string])[] = [
    ['switchyard.workspace.read', { path, hash, offset: -1 }, 'offset'],
    ['switchyard.workspace.read', { path: 'main/../../etc/passwd', hash, offset: 0 }, 'path'],
    ['switchyard.workspace.read', { path, hash: 'short', offset: 0 }, 'hash'],
    ['switchyard.workspace.write', { ...write, path: '/etc/passwd' }, 'path'],
    ['switchyard.workspace.write', { ...write, path: 'main/a\0b' }, 'path'],
    ['switchyard.workspace.write', { ...write, path: 'main/a\\b' }, 'path'],
    ['switchyard.workspace.write', { ...write, part: { ...part, size: 1e9 } }, 'size'],
    ['switchyard.workspace.write', { ...write, on: 7 }, 'on'],
    ['switchyard.workspace.write', { ...write, by: 'anybody' }, 'by'],
    ['switchyard.workspace.write', { ...write, epoch: 0 }, 'epoch'],
    ['switchyard.workspace.remove', { path, on: null, epoch: 1 }, 'on'],
    ['switchyard.workspace.note', { base: { '../x': hash } }, 'base'],
    ['switchyard.workspace.note', { base: { [path]: 7 } }, 'base'],
    ['switchyard.workspace.changes', { since: 0, waitMs: 1e9 }, 'waitMs'],
    ['switchyard.workspace.sign', { nonce: '../../x/y', how: 'leave' }, 'nonce'],
    ['switchyard.workspace.sign', { nonce: 'long-enough', how: 'eat' }, 'how'],
    ['switchyard.workspace.git', { ...turn, remote: '--upload-pack=x' }, 'remote'],
    ['switchyard.workspace.git', { ...turn, gateway: '-x' }, 'gateway'],
  ];
  for (const [method, params, field] of cases)
    expect(await answerWorkspaceCall(method, params, workspace), method).toMatchObject({
      code: 'INVALID_REQUEST',
      message: expect.stringContaining(field) as string,
    });
  for (const method of workspaceMethodNames)
    expect(await answerWorkspaceCall(method, null, workspace)).toMatchObject({ ok: false });
  // What is well formed and not ours to take is answered, not done.
  for (const each of ['main/.env', 'main/projects/x.md', 'main/skills/.git/config'])
    expect(
      await answerWorkspaceCall('switchyard.workspace.write', { ...write, path: each }, workspace),
    ).toMatchObject({ payload: { kind: 'left' } });
  expect(files.size).toBe(0);
});

it('believes no answer that is none', async () => {
  const workspace = pluginWorkspace({ generation: () => 1, request: async () => ({ at: 'x' }) });
  expect(await workspace.changes(0, 0)).toMatchObject({ ok: false, error: { gone: false } });
  const broken = pluginWorkspace({
    generation: () => 1,
    request: async () => Promise.reject(new Error('no connection')),
  });
  expect(await broken.survey()).toMatchObject({
    ok: false,
    error: { words: expect.stringContaining('no connection') as string, gone: true },
  });
});
